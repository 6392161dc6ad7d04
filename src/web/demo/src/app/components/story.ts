import { ChangeDetectionStrategy, Component, inject, input, OnInit } from '@angular/core';
import { COLLAB_OPTIONS, CollaborationStore, CollabTimeTravel } from '@collab/angular';
import { events } from '@collab/angular/testing';
import { Scene, StoryStore } from './story-store';

/** A frame with a state of its own for the components that are put into it. */
@Component({
  selector: 'collab-story',
  template: `
    <h3>{{ scene().title }}</h3>
    <p class="hint">{{ scene().note }}</p>
    <div class="stage card"><ng-content /></div>
  `,
  styles: `
    :host {
      display: grid;
      grid-row: span 3;
      grid-template-rows: subgrid;
      gap: var(--space-1);
      margin-bottom: var(--space-4);
      min-width: 0;
    }
    .stage {
      display: grid;
      align-items: center;
      min-width: 0;
      min-height: 4rem;
      margin-top: var(--space-1);
    }
  `,
  providers: [
    StoryStore,
    { provide: CollaborationStore, useFactory: () => inject(StoryStore).store },
    { provide: COLLAB_OPTIONS, useValue: { token: () => '' } },
    CollabTimeTravel,
  ],
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class Story implements OnInit {
  readonly scene = input.required<Scene>();

  private readonly store = inject(StoryStore);
  private readonly travel = inject(CollabTimeTravel);

  ngOnInit(): void {
    this.store.show(this.scene());
    void this.lookBack(this.scene());
  }

  private async lookBack({ at, missed = 0, events: kept = [] }: Scene): Promise<void> {
    if (at === undefined) return;
    await this.travel.goTo(at);
    if (missed > 0) this.store.keep([...kept, ...events(kept.length + 1, kept.length + missed)]);
  }
}
