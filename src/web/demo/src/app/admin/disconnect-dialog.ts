import { afterNextRender, ChangeDetectionStrategy, Component, computed, ElementRef, input, output, viewChild } from '@angular/core';
import { runName } from '../shared/names';
import { legible } from '../shared/text';
import { Connection } from './admin-contract';

/** Asks whether a connection is really to end. Opens by itself; whoever made it takes it away when it is `closed`. */
@Component({
  selector: 'collab-disconnect-dialog',
  template: `
    <dialog
      #dialog
      class="popover"
      aria-labelledby="disconnect-title"
      aria-describedby="disconnect-what"
      data-testid="disconnect-dialog"
      (close)="closed.emit()"
    >
      <h2 id="disconnect-title">
        Disconnect <bdi>{{ legible(connection().userId) }}</bdi>?
      </h2>
      <p id="disconnect-what">
        This ends their connection{{ where() }}. Nothing gets lost, and their client may come back by itself. To keep somebody out, take the
        right from their token.
      </p>
      <footer>
        <button #cancel type="button" class="button" (click)="close()">Cancel</button>
        <button type="button" class="button danger" data-testid="disconnect-confirm" (click)="confirm()">Disconnect</button>
      </footer>
    </dialog>
  `,
  styleUrl: '../shared/dialog.css',
  styles: `
    dialog {
      --dialog-width: 26rem;
    }
    p {
      margin-top: var(--space-2);
      color: var(--text-2);
    }
  `,
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class DisconnectDialog {
  readonly connection = input.required<Connection>();
  protected readonly legible = legible;
  readonly confirmed = output();
  readonly closed = output();

  protected readonly where = computed(() => {
    const runs = this.connection().runIds;
    if (runs.length > 1) return ` to ${runs.length} runs`;
    return runs[0] === undefined ? '' : ` to ${runName(runs[0])}`;
  });
  private readonly dialog = viewChild.required<ElementRef<HTMLDialogElement>>('dialog');
  private readonly cancel = viewChild.required<ElementRef<HTMLButtonElement>>('cancel');

  constructor() {
    afterNextRender(() => {
      this.dialog().nativeElement.showModal();
      // Enter pressed once too often disconnects nobody.
      this.cancel().nativeElement.focus();
    });
  }

  protected confirm(): void {
    this.confirmed.emit();
    this.close();
  }

  protected close(): void {
    this.dialog().nativeElement.close();
  }
}
