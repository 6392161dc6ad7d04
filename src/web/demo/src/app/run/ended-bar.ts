import { ChangeDetectionStrategy, Component, computed, inject } from '@angular/core';
import { CollaborationStore, legible } from '@collab/angular';
import { Icon } from '../shared/icon';

/** Says that the run has ended, and what came of it. Floats over the pipeline as the connection's bar does. */
@Component({
  selector: 'collab-ended-bar',
  imports: [Icon],
  template: `
    <!-- Always there: a live region that comes together with its text is not read out. -->
    <div role="status">
      @if (store.ended()) {
        <div class="bar quiet" data-testid="run-ended-bar">
          <collab-icon name="end" />
          <p>
            This run has ended{{ outcome() === null ? '.' : ': ' }}<bdi>{{ outcome() }}</bdi>
          </p>
        </div>
      }
    </div>
  `,
  styleUrl: '../connection/connection-bar.css',
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class EndedBar {
  protected readonly store = inject(CollaborationStore);
  protected readonly outcome = computed(() => {
    const outcome = this.store.outcome();
    return outcome === null ? null : legible(outcome);
  });
}
