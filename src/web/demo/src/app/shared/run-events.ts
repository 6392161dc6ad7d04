import { EventTelling, EventTellings, named, quoted, Words } from '@collab/angular/events/sentences';
import { readTitle, titleType } from './run-title';

/** How the page tells of event types of its own, and of those of the orchestrator example. */
export const runEvents: EventTellings = {
  STEP_STARTED: step(({ stepId }) => [{ text: 'started ' }, named(stepId)]),
  STEP_FINISHED: step(({ stepId, result }) => [{ text: 'finished ' }, named(stepId), ...quoted(result)]),
  STEP_HELD: step(({ stepId, note }) => [{ text: 'holds ' }, named(stepId), { text: ' for review' }, ...quoted(note)]),
  STEP_APPROVED: step(({ stepId }) => [{ text: 'approved ' }, named(stepId)]),
  STEP_SKIPPED: step(({ stepId }) => [{ text: 'skipped ' }, named(stepId)]),
  RUN_FINISHED: step(({ done, skipped }) => [{ text: 'finished the run' }, ...counts(done, skipped)]),
  [titleType]: { kind: 'title', filter: 'Titles', words: ({ title }) => titled(readTitle(title)) },
};

function step(words: EventTelling['words']): EventTelling {
  return { kind: 'step', filter: 'Steps', words };
}

function titled(title: string | null): readonly Words[] {
  return title === null ? [{ text: 'took away the title of the run' }] : [{ text: 'named the run' }, ...quoted(title)];
}

function counts(done: unknown, skipped: unknown): readonly Words[] {
  if (typeof done !== 'number') return [];
  return [{ text: `: ${done} done${typeof skipped === 'number' && skipped > 0 ? `, ${skipped} skipped` : ''}` }];
}
