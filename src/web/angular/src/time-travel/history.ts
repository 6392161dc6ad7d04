import { CollaborationEvent, foldState, PipelineState } from '@collab/client';

/** A run's kept events as they were at one moment, on the state that lies before the first of them. */
export interface History {
  readonly base: PipelineState;
  /** Ascending, at least one. */
  readonly events: readonly CollaborationEvent[];
}

/** The first sequence number one can go back to: before the oldest event that is kept. */
export function firstSequence(history: History): number {
  return history.base.asOfSequence;
}

export function lastSequence(history: History): number {
  return history.events.at(-1)?.sequenceNumber ?? history.base.asOfSequence;
}

/** The pipeline as it was right after event number `sequence`. */
export function stateAt(history: History, sequence: number): PipelineState {
  let state = history.base;
  for (const event of history.events) {
    if ((event.sequenceNumber ?? 0) > sequence) break;
    state = foldState(state, event);
  }
  return state;
}

/** The event with that number; null where it is before the kept ones. */
export function eventAt(history: History, sequence: number): CollaborationEvent | null {
  return history.events.find((event) => event.sequenceNumber === sequence) ?? null;
}
