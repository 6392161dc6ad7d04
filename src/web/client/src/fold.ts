import { dictionary } from './dictionary.js';
import type { CollaborationEvent } from './event.js';
import type { StateFingerprint } from './fingerprint.js';
import { latestKey, lengthOfLatest, noEntries, type LatestEntries } from './latest.js';
import { foldOwn, type StateFailed, type StateReducers } from './own-state.js';

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
  /** True: a `RUN_END` is folded in, so the run takes no more events. Absent while it goes on. */
  readonly ended?: true;
  /** The newest event of each type that the server keeps by a field, by type and by the value of that field. Absent if it keeps none. */
  readonly latest?: Readonly<Record<string, LatestEntries>>;
  /** The field that `latest` goes by, by type. */
  readonly latestBy?: Readonly<Record<string, string>>;
  /** Of this state, where the server was asked for a state alone; absent elsewhere. */
  readonly fingerprint?: StateFingerprint;
  /** The states that the server's application adds, each under its name. */
  readonly [own: string]: unknown;
}

/** The state of a run without events. */
export const emptyState: PipelineState = Object.freeze({
  asOfSequence: 0,
  grafts: Object.freeze(dictionary<Graft>()),
  prunedSteps: Object.freeze([]),
  flags: Object.freeze(dictionary<Flag>()),
});

/**
 * As on the server: of each kind at most so many steps are held, and then those that were set first are forgotten; the newest always stays.
 */
const maxEntries = 2000;
/** Of all names, users and notes of a kind together, in UTF-16 units. */
const maxLength = 100_000;

/** The state after one more event. Pure; the same state for an event that it already covers, and for an ephemeral one. */
export const foldState = stateFold({}, () => undefined);

/**
 * As {@link foldState}, with the states of an application.
 * @param states Their rules.
 * @param failed Told of a rule that has thrown; its state stays as it was.
 */
export function stateFold(states: StateReducers, failed: StateFailed): (state: PipelineState, event: CollaborationEvent) => PipelineState {
  return (state, event) => {
    if (event.sequenceNumber === null || event.sequenceNumber <= state.asOfSequence) return state;
    return {
      ...foldBuiltIn(state, event, event.sequenceNumber),
      ...foldLatest(state, event, event.sequenceNumber),
      ...foldOwn(state, event, states, failed),
    };
  };
}

function foldLatest(state: PipelineState, { eventType, userId, data }: CollaborationEvent, sequenceNumber: number): Partial<PipelineState> {
  const { latest, latestBy } = state;
  if (latestBy === undefined || !Object.hasOwn(latestBy, eventType)) return {};
  const field = latestBy[eventType] ?? '';
  const key = Object.hasOwn(data, field) ? latestKey(data[field]) : null;
  if (key === null) return {};
  const changed = dictionary(latest ?? {});
  changed[eventType] = put(changed[eventType] ?? noEntries, key, { data, userId, sequenceNumber }, lengthOfLatest);
  return { latest: changed };
}

function foldBuiltIn(state: PipelineState, { eventType, userId, data }: CollaborationEvent, sequenceNumber: number): PipelineState {
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
    case 'RUN_END':
      return { ...after, ended: true };
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
