import type { CollaborationEvent } from './event.js';

/**
 * The rule of a state that the server's application adds: the state after one more event. Pure, and the same as the server's; `undefined`
 * before the first event, so a default says how it begins: `(progress = { done: 0 }, event) => …`. Where it throws, the state stays as it
 * was.
 */
export type StateReducer<S = unknown> = { fold(state: S | undefined, event: CollaborationEvent): S }['fold'];

/** Rules by the names of their states. */
export type StateReducers = Readonly<Record<string, StateReducer>>;

/** Told of a rule that has thrown. */
export type StateFailed = (name: string, error: unknown) => void;

/** Part of every state; an application has no state of such a name. */
const taken: readonly string[] = ['asOfSequence', 'grafts', 'prunedSteps', 'flags', 'ended', 'latest', 'latestBy', 'fingerprint'];

/** Whether an application can have a state of that name. */
export function isOwnName(name: string): boolean {
  return /^[a-z][A-Za-z0-9]{0,63}$/.test(name) && !taken.includes(name);
}

/** The states after one more event, by name; without one whose rule has thrown before it was ever there. */
export function foldOwn(
  state: Readonly<Record<string, unknown>>,
  event: CollaborationEvent,
  reducers: StateReducers,
  failed: StateFailed,
): Record<string, unknown> {
  const after: Record<string, unknown> = {};
  for (const [name, reduce] of Object.entries(reducers)) {
    const before = Object.hasOwn(state, name) ? state[name] : undefined;
    try {
      after[name] = reduce(before, event);
    } catch (error) {
      if (before !== undefined) after[name] = before;
      failed(name, error);
    }
  }
  return after;
}
