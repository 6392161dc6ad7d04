import { ChangeDetectionStrategy, Component, inject } from '@angular/core';
import { CollabPresence, CollabScrubber, CollabTimeline, CollabTimeTravel } from '@collab/angular';

@Component({
  selector: 'app-screen',
  imports: [CollabPresence, CollabScrubber, CollabTimeline],
  template: `
    <collab-presence />
    <p>Pruned: {{ travel.state().prunedSteps.join(', ') }}</p>
    <collab-timeline style="height: 24rem" />
    <collab-scrubber />
  `,
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class RunScreen {
  protected readonly travel = inject(CollabTimeTravel);
}
