import type { CollaborationEvent } from './event.js';

/** An agent that was inserted after a step. */
export interface Graft {
  readonly agentName: string;
  readonly userId: string;
  readonly sequenceNumber: number;
}

/** A mark for review on a step. */
export interface Flag {
  readonly note: string | null;
  readonly userId: string;
  readonly sequenceNumber: number;
}

/** What all critical events of a run add up to, those that are no longer kept included. The highest sequence wins for each step. */
export interface PipelineState {
  /** The last event that is folded in; 0 before the first. */
  readonly asOfSequence: number;
  /** The agent inserted after each step, by step. */
  readonly grafts: Readonly<Record<string, Graft>>;
  /** The steps that are skipped, in the order in which they were pruned. */
  readonly prunedSteps: readonly string[];
  /** The steps marked for review, by step. */
  readonly flags: Readonly<Record<string, Flag>>;
}

/** The state of a run without events. */
export const emptyState: PipelineState = Object.freeze({
  asOfSequence: 0,
  grafts: Object.freeze({}),
  prunedSteps: Object.freeze([]),
  flags: Object.freeze({}),
});

/** As on the server: a map holds at most so many steps and then forgets the one that was set first. */
const maxEntries = 2000;

/** The state after one more event. Pure; the same state for an event that it already covers, and for an ephemeral one. */
export function foldState(state: PipelineState, event: CollaborationEvent): PipelineState {
  const { sequenceNumber, eventType, userId, data } = event;
  if (sequenceNumber === null || sequenceNumber <= state.asOfSequence) return state;
  const after = { ...state, asOfSequence: sequenceNumber };
  switch (eventType) {
    case 'GRAFT': {
      const step = text(data['after']);
      if (step === null) return after;
      const graft = { agentName: text(data['agentName']) ?? '', userId, sequenceNumber };
      return { ...after, grafts: put(state.grafts, step, graft) };
    }
    case 'FLAG': {
      const step = text(data['stepId']);
      if (step === null) return after;
      return { ...after, flags: put(state.flags, step, { note: text(data['note']), userId, sequenceNumber }) };
    }
    case 'PRUNE': {
      const step = text(data['stepId']);
      if (step === null) return after;
      return { ...after, prunedSteps: prune(state.prunedSteps, step, data['isPruned'] === true) };
    }
    default:
      return after;
  }
}

function put<T extends { readonly sequenceNumber: number }>(
  map: Readonly<Record<string, T>>,
  step: string,
  value: T,
): Readonly<Record<string, T>> {
  // A computed key of a literal makes a property of its own whatever it is called, `__proto__` too.
  const changed = { ...map, [step]: value };
  const entries = Object.entries(changed);
  if (entries.length <= maxEntries) return changed;
  const first = entries.reduce((oldest, entry) => (entry[1].sequenceNumber < oldest[1].sequenceNumber ? entry : oldest));
  return Object.fromEntries(entries.filter((entry) => entry !== first));
}

function prune(steps: readonly string[], step: string, isPruned: boolean): readonly string[] {
  const others = steps.filter((other) => other !== step);
  return isPruned ? [...others, step].slice(-maxEntries) : others;
}

function text(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}
