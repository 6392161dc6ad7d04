import { ChangeDetectionStrategy, Component, input, output } from '@angular/core';
import { userColour } from '../shared/user';
import { FlagRequest, GraftRequest, PipelineStep, PruneRequest } from './pipeline.model';

/** The pipeline with its controls. Knows no service: what it shows comes in, what the user wants goes out. */
@Component({
  selector: 'collab-pipeline',
  templateUrl: './pipeline.html',
  styleUrl: './pipeline.css',
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class Pipeline {
  readonly steps = input.required<readonly PipelineStep[]>();
  /** Shows everything, changes nothing. */
  readonly readOnly = input(false);
  /** Why, in a sentence for the user; null where it goes without saying. */
  readonly readOnlyReason = input<string | null>(null);

  readonly graft = output<GraftRequest>();
  readonly prune = output<PruneRequest>();
  readonly flag = output<FlagRequest>();
  /** The step that the user points at or has the focus in; null: none. */
  readonly focusStep = output<string | null>();

  protected readonly userColour = userColour;

  protected askAgent(after: string): void {
    const agentName = window.prompt(`Which agent should run after ${after}?`)?.trim();
    if (agentName) this.graft.emit({ after, agentName });
  }
}
