import type { CollaborationEvent, PublishAck } from './event.js';
import { emptyState, type PipelineState } from './fold.js';

/** What a join and a poll have in common. A poll has no state. */
export interface RunAnswer {
  readonly epoch: string;
  readonly events: readonly CollaborationEvent[];
  readonly lastSequence: number;
  readonly truncated: boolean;
  readonly state: PipelineState | null;
  readonly activeUsers: readonly string[];
  readonly cursorPositions: Readonly<Record<string, string | null>>;
}

type Fields = Readonly<Record<string, unknown>>;

/** Reads the answer to a join or a poll. Throws if it is none, as when a proxy answers with a page of its own. */
export function readAnswer(value: unknown): RunAnswer {
  const { epoch, events, lastSequence, truncated, state, activeUsers, cursorPositions } = fields(value);
  if (typeof epoch !== 'string' || !Array.isArray(events) || typeof lastSequence !== 'number')
    throw new Error('That is not an answer of Collab.');
  return {
    epoch,
    events: events.map(readEvent),
    lastSequence,
    truncated: truncated === true,
    state: state === undefined || state === null ? null : readState(state),
    activeUsers: Array.isArray(activeUsers) ? (activeUsers as string[]) : [],
    cursorPositions: fields(cursorPositions) as Record<string, string | null>,
  };
}

/** Reads an event; what may be absent becomes null. */
export function readEvent(value: unknown): CollaborationEvent {
  const event = fields(value) as Partial<CollaborationEvent>;
  return {
    runId: event.runId ?? '',
    sequenceNumber: event.sequenceNumber ?? null,
    eventType: event.eventType ?? '',
    userId: event.userId ?? '',
    timestamp: event.timestamp ?? 0,
    data: event.data ?? {},
    isCritical: event.isCritical === true,
    messageId: event.messageId ?? null,
  };
}

/** Reads the state of a run. Throws if it is none. */
export function readState(value: unknown): PipelineState {
  const state = fields(value) as Partial<PipelineState>;
  if (typeof state.asOfSequence !== 'number') throw new Error('That is not a state of Collab.');
  return { ...emptyState, ...state };
}

/** Reads the answer to a publish. Throws if it is none. */
export function readAck(value: unknown): PublishAck {
  const ack = fields(value) as Partial<PublishAck>;
  if (typeof ack.messageId !== 'string') throw new Error('That is not an acknowledgement of Collab.');
  return {
    messageId: ack.messageId,
    sequenceNumber: ack.sequenceNumber ?? null,
    timestamp: ack.timestamp ?? 0,
    duplicate: ack.duplicate === true,
  };
}

/** Where a run stands by the answer to a ping; null if this connection has not joined it. */
export function readPong(value: unknown, runId: string): number | null {
  const last = fields(fields(value)['lastSequences'])[runId.toLowerCase()];
  return typeof last === 'number' ? last : null;
}

function fields(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {};
}
