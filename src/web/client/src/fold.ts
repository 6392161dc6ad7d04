import { dictionary } from './dictionary.js';
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

/**
 * What all critical events of a run add up to, those that are no longer kept included. The highest sequence wins for each step. The maps
 * have no prototype: `grafts['constructor']` is an agent or undefined.
 */
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
  grafts: Object.freeze(dictionary<Graft>()),
  prunedSteps: Object.freeze([]),
  flags: Object.freeze(dictionary<Flag>()),
});

/** As on the server: of each kind at most so many steps are held, and then those that were set first are forgotten; the newest always stays. */
const maxEntries = 2000;
/** Of all names, users and notes of a kind together, in UTF-16 units. */
const maxLength = 100_000;

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
      return { ...after, grafts: put(state.grafts, step, graft, lengthOfGraft) };
    }
    case 'FLAG': {
      const step = text(data['stepId']);
      if (step === null) return after;
      const flag = { note: text(data['note']), userId, sequenceNumber };
      return { ...after, flags: put(state.flags, step, flag, lengthOfFlag) };
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
  lengthOf: (value: T) => number,
): Readonly<Record<string, T>> {
  const changed = dictionary(map);
  changed[step] = value;
  const entries = Object.entries(changed);
  const lengths = () => entries.map(([key, entry]) => key.length + lengthOf(entry));
  if (excess(lengths()) === 0) return changed;
  entries.sort(([, one], [, other]) => one.sequenceNumber - other.sequenceNumber);
  return dictionary(Object.fromEntries(entries.slice(excess(lengths()))));
}

function prune(steps: readonly string[], step: string, isPruned: boolean): readonly string[] {
  const others = steps.filter((other) => other !== step);
  if (!isPruned) return others;
  const pruned = [...others, step];
  return pruned.slice(excess(pruned.map((name) => name.length)));
}

/** How many of the first have to go. */
function excess(lengths: readonly number[]): number {
  let length = lengths.reduce((sum, one) => sum + one, 0);
  let gone = 0;
  while (gone < lengths.length - 1 && (lengths.length - gone > maxEntries || length > maxLength)) length -= lengths[gone++] ?? 0;
  return gone;
}

const lengthOfGraft = (graft: Graft): number => graft.agentName.length + graft.userId.length;
const lengthOfFlag = (flag: Flag): number => (flag.note?.length ?? 0) + flag.userId.length;

function text(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}
