import { CollaborationEvent } from '@collab/client';

/** What an orchestrator said last of a step that it carries out. */
export interface StepActivity {
  readonly state: 'running' | 'held' | 'approved' | 'done' | 'skipped';
  /** The step's result, or why it is held; null: nothing was said. Others' text. */
  readonly text: string | null;
  /** Unix ms. */
  readonly at: number;
}

const states: ReadonlyMap<string, StepActivity['state']> = new Map([
  ['STEP_STARTED', 'running'],
  ['STEP_HELD', 'held'],
  ['STEP_APPROVED', 'approved'],
  ['STEP_FINISHED', 'done'],
  ['STEP_SKIPPED', 'skipped'],
]);
const texts: Readonly<Partial<Record<StepActivity['state'], string>>> = { done: 'result', held: 'note' };

/** How far each step has come, by what is said of it up to event number `sequence`. */
export function stepActivities(events: readonly CollaborationEvent[], sequence: number): ReadonlyMap<string, StepActivity> {
  const activities = new Map<string, StepActivity>();
  for (const { eventType, data, timestamp, sequenceNumber } of events) {
    if ((sequenceNumber ?? 0) > sequence) break;
    const state = states.get(eventType);
    const step = data['stepId'];
    if (state === undefined || typeof step !== 'string') continue;
    const text = data[texts[state] ?? ''];
    activities.set(step, { state, text: typeof text === 'string' && text !== '' ? text : null, at: timestamp });
  }
  return activities;
}
