import { ChangeDetectionStrategy, Component, computed, inject, input, output } from '@angular/core';
import { isolated, legible } from '@collab/angular/look/text';
import { RunTitles } from '../shared/run-titles';
import { Connection } from './admin-contract';
import { ConfirmDialog } from './confirm-dialog';

/** Asks whether a connection is really to end. Opens by itself; whoever made it takes it away when it is `closed`. */
@Component({
  selector: 'collab-disconnect-dialog',
  imports: [ConfirmDialog],
  template: `
    <collab-confirm-dialog name="disconnect" verb="Disconnect" (confirmed)="confirmed.emit()" (closed)="closed.emit()">
      <ng-container ngProjectAs="[title]"
        >Disconnect <bdi>{{ legible(connection().userId) }}</bdi>?</ng-container
      >
      This ends their connection{{ where() }}. Nothing gets lost, and their client may come back by itself. To keep somebody out, take the
      right from their token.
    </collab-confirm-dialog>
  `,
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class DisconnectDialog {
  readonly connection = input.required<Connection>();
  readonly confirmed = output();
  readonly closed = output();

  private readonly titles = inject(RunTitles);
  protected readonly legible = legible;
  protected readonly where = computed(() => {
    const runs = this.connection().runIds;
    if (runs.length > 1) return ` to ${runs.length} runs`;
    return runs[0] === undefined ? '' : ` to ${isolated(this.titles.name(runs[0]))}`;
  });
}
