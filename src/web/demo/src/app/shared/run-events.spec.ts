import { TestBed } from '@angular/core/testing';
import { CollabSentences, provideEventTellings } from '@collab/angular';
import { runEvents } from './run-events';

describe('The page’s own events', () => {
  it.each([
    ['STEP_STARTED', { stepId: 'PM' }, 'ana started PM'],
    ['STEP_FINISHED', { stepId: 'PM', result: 'All is well.' }, 'ana finished PM: “All is well.”'],
    ['STEP_FINISHED', { stepId: 7 }, 'ana finished ?'],
    ['STEP_HELD', { stepId: 'PM', note: 'who pays?' }, 'ana holds PM for review: “who pays?”'],
    ['STEP_APPROVED', { stepId: 'PM' }, 'ana approved PM'],
    ['STEP_SKIPPED', { stepId: 'PM' }, 'ana skipped PM'],
    ['RUN_FINISHED', { done: 5, skipped: 1 }, 'ana finished the run: 5 done, 1 skipped'],
    ['RUN_FINISHED', {}, 'ana finished the run'],
    ['RUN_TITLE', { of: 'run', title: 'Checkout ' }, 'ana named the run: “Checkout”'],
    ['RUN_TITLE', { of: 'run', title: ' ' }, 'ana took away the title of the run'],
  ])('are sentences: %s %o', (eventType, data, expected) => {
    TestBed.configureTestingModule({ providers: [provideEventTellings(runEvents)] });
    expect(TestBed.inject(CollabSentences).sentence({ eventType, data, userId: 'ana' })).toBe(expected);
  });
});
