import type { Ending } from './ending.js';
import type { CollabError } from './errors.js';
import type { CollaborationEvent } from './event.js';
import type { PipelineState } from './fold.js';
import type { ConnectionHealth } from './health.js';
import type { BranchOrigin } from './reads.js';
import type { WrongEvent } from './signatures.js';
import type { ConnectionState } from './state.js';

/** A publish that is not acknowledged yet, or was refused for good and waits for the user's decision. */
export interface PendingSend {
  readonly messageId: string;
  readonly eventType: string;
  readonly data: Readonly<Record<string, unknown>>;
  /** Unix milliseconds, this client's clock. */
  readonly createdAt: number;
  readonly status: 'queued' | 'sending' | 'refused';
  /** How often the server was asked. */
  readonly attempts: number;
  /** The last refusal; null while there was none. */
  readonly error: CollabError | null;
  /** The newest event that who publishes had seen; null: it is published whatever came since. */
  readonly basedOnSequence: number | null;
}

/** Everything that an application shows of a run, immutable; a new object for every change. */
export interface RunSnapshot {
  readonly runId: string;
  /** The `sub` of the newest token, once known. */
  readonly userId: string | null;
  /** Of the token in use. null: not known yet; true: a publish was accepted; false: the last one was answered `forbidden`. */
  readonly canWrite: boolean | null;
  readonly connection: ConnectionState;
  /** Why the server ended the connection last; null while it never did. It stays when the connection is back, until `connect()`. */
  readonly reason: Ending | null;
  /** Live, or polling and the last poll succeeded. */
  readonly isConnected: boolean;
  /** Polling. */
  readonly usingFallback: boolean;
  /** Identity of the run's log, once known. Another one: the run was erased and begun again. */
  readonly epoch: string | null;
  /**
   * Whether the run has ended: a `RUN_END` closed it, and what is published is refused `run_ended`. Once all its events are here nothing is
   * asked of the server any more; a connection that is lost then is not made again, and is `closed` without an error.
   */
  readonly ended: boolean;
  /** What came of the run, as the one who ended it put it; null while it goes on, or if nothing was said. Others' text. */
  readonly outcome: string | null;
  /** What the run began as a copy of; null: of nothing, or that is not known yet. */
  readonly branchedFrom: BranchOrigin | null;
  /**
   * The first event that is not as the server signed it, of those that came here; null: none is, or no `signingKeys` are given. It is
   * applied all the same, as are those after it. It stays until the run begins another log.
   */
  readonly wrong: WrongEvent | null;
  /** Critical events, ascending, the newest `maxEvents`. */
  readonly events: readonly CollaborationEvent[];
  /** The newest event seen; 0 before the first. */
  readonly lastSequence: number;
  /** The oldest of `events`; 0 while there is none. */
  readonly oldestSequence: number;
  /** Whether there were events before the oldest of `events`; `state` covers them. */
  readonly truncated: boolean;
  /** What all events since the first add up to. */
  readonly state: PipelineState;
  /** Who is there, sorted. */
  readonly activeUsers: readonly string[];
  /** What to call users, by user id; who is not in it has no name but the id. Others' text: show it as such. It has no prototype. */
  readonly userNames: Readonly<Record<string, string>>;
  /** The step each user's cursor is on; a user without a cursor is not in it. It has no prototype. */
  readonly cursorPositions: Readonly<Record<string, string | null>>;
  /**
   * Up to which number each user who is there has applied the run, as their clients have said with their last ping or poll; who is not in
   * it has not said. It has no prototype.
   */
  readonly seen: Readonly<Record<string, number>>;
  /** The users who are agents and not people, as far as is known, also such as have left; sorted. */
  readonly agents: readonly string[];
  readonly health: ConnectionHealth;
  /** The last 60 round trips, in milliseconds, oldest first. */
  readonly latencies: readonly number[];
  /** This user's, in order of sending; refused ones keep their place. */
  readonly pending: readonly PendingSend[];
  /**
   * Pending that were refused for what others have changed (`conflict`): the list that a person reviews. `error.events` has what was
   * changed; `retry` applies it all the same, `edit` something else, `discard` drops it.
   */
  readonly conflicts: readonly PendingSend[];
  /** Pending that are not refused. */
  readonly queuedCount: number;
}
