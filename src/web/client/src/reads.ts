import type { CollaborationEvent } from './event.js';

/** Kept events of a run, ascending. */
export interface ReplayPage {
  readonly runId: string;
  readonly epoch: string;
  readonly events: readonly CollaborationEvent[];
  /** How many kept events fit the question. */
  readonly totalEvents: number;
  /** The newest event's number; 0 before the first. */
  readonly lastSequence: number;
  /** The oldest kept event's number; 0 if none is kept. */
  readonly oldestSequence: number;
  /** Whether the run takes no more events. */
  readonly ended: boolean;
  /** Whether there are more: ask again, after the last of `events`. */
  readonly hasMore: boolean;
}

/** What a run began as a copy of. */
export interface BranchOrigin {
  /** The run that was copied; it may have been erased since. */
  readonly runId: string;
  /** The number of the last event that was copied; the run's own begin with the next one. */
  readonly sequence: number;
}

/** A run that was made as a copy of another. */
export interface Branch {
  readonly runId: string;
  readonly epoch: string;
  readonly branchedFrom: BranchOrigin;
}

/** A run in a list. */
export interface RunSummary {
  readonly runId: string;
  readonly epoch: string;
  /** The newest event's number. */
  readonly lastSequence: number;
  /** When the first event was committed, Unix milliseconds. */
  readonly createdAt: number;
  /** When the newest event was committed, Unix milliseconds. */
  readonly updatedAt: number;
  /** Whether the run takes no more events: `lastEvent` is its end. */
  readonly ended: boolean;
  /** The newest event; null if it is kept no more. */
  readonly lastEvent: CollaborationEvent | null;
  /** Who is there, sorted. */
  readonly activeUsers: readonly string[];
  /** What it began as a copy of; absent: of nothing. */
  readonly branchedFrom?: BranchOrigin;
}

/** Runs, newest activity first. */
export interface RunPage {
  readonly runs: readonly RunSummary[];
  /** Asks for the page after this one; null on the last. */
  readonly nextCursor: string | null;
}

/** Which runs to list. */
export interface RunsQuery {
  /** The `nextCursor` of the page before. */
  readonly cursor?: string | null | undefined;
  /** At most so many, 1 to 100. Default 20. */
  readonly limit?: number | undefined;
  /** true: only runs that have ended; false: only those that go on. Default: both. */
  readonly ended?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}
