import { ChangeDetectionStrategy, Component, input, signal } from '@angular/core';
import { Pipeline } from '../pipeline/pipeline';
import { PipelineStep } from '../pipeline/pipeline.model';

@Component({
  selector: 'collab-run-page',
  imports: [Pipeline],
  template: '<main><h1>Run {{ runId() }}</h1><collab-pipeline [steps]="steps()" /></main>',
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class RunPage {
  readonly runId = input.required<string>();

  readonly steps = signal<readonly PipelineStep[]>(
    ['PM', 'QUALIFIER', 'ARCHITECT', 'DEVELOPER', 'SRE'].map((id) => ({ id, name: id, kind: 'step', pruned: false, flag: null, cursors: [] })),
  );
}
