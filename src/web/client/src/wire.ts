import type { PublishResult } from './carrier.js';
import { readConflicts } from './conflicts.js';
import { dictionary } from './dictionary.js';
import { readTime, refusal } from './errors.js';
import type { CollaborationEvent, PublishAck } from './event.js';
import type { StateFingerprint } from './fingerprint.js';
import { emptyState, type Flag, type Graft, type PipelineState } from './fold.js';
import type { LatestEntries, LatestEntry } from './latest.js';
import { isOwnName } from './own-state.js';
import type { Branch, BranchOrigin, ReplayPage, RunPage, RunSummary } from './reads.js';
import { readName } from './user-names.js';

/** What a join and a poll have in common. A poll has no state. */
export interface RunAnswer {
  readonly epoch: string;
  readonly events: readonly CollaborationEvent[];
  readonly lastSequence: number;
  readonly truncated: boolean;
  /** The run takes no more events. */
  readonly ended: boolean;
  readonly state: PipelineState | null;
  readonly activeUsers: readonly string[];
  readonly cursorPositions: Readonly<Record<string, string | null>>;
  /** What to call users, by user id, of those that have another name than their id. */
  readonly userNames: Readonly<Record<string, string>>;
  /** What the run began as a copy of; null: of nothing. */
  readonly branchedFrom: BranchOrigin | null;
  /** What the state comes to, at or after the position that was asked from; null: the server does not say. */
  readonly fingerprint: StateFingerprint | null;
  /** Who is there, with what each is and has seen; null: the server does not know. */
  readonly presence: readonly PresenceEntry[] | null;
  /** Of a poll from the start: the fields that the newest events go by, by type; null: none, or it was not from the start. */
  readonly latestBy: Readonly<Record<string, string>> | null;
}

/** A user who is in a run. */
export interface PresenceEntry {
  readonly userId: string;
  readonly kind: 'person' | 'agent';
  /** Up to which number the user has applied the run; null: not said. */
  readonly seen: number | null;
}

/** What the answer to a ping says. */
export interface Pong {
  /** Whose mark has moved since the last ping, and where to; null: the server does not say. */
  readonly seen: Readonly<Record<string, number>> | null;
  /** Where the run stands; null if this connection has not joined it. */
  readonly lastSequence: number | null;
  /** The server's clock, Unix milliseconds; null if it does not say. */
  readonly serverTime: number | null;
}

type Fields = Readonly<Record<string, unknown>>;

/** Reads the answer to a join or a poll. Throws if it is none, as when a proxy answers with a page of its own. */
export function readAnswer(value: unknown): RunAnswer {
  const { epoch, events, lastSequence, truncated, ended, state, activeUsers, cursorPositions, ...others } = fields(value);
  const { userNames, branchedFrom, fingerprint, latestBy, presence } = others;
  if (typeof epoch !== 'string' || !Array.isArray(events) || typeof lastSequence !== 'number')
    throw new Error('That is not an answer of Collab.');
  return {
    epoch,
    events: events.map(readEvent),
    lastSequence,
    truncated: truncated === true,
    ended: ended === true,
    state: state === undefined || state === null ? null : readState(state),
    activeUsers: texts(activeUsers),
    cursorPositions: readMap(cursorPositions, readText),
    userNames: readMap(userNames, readName),
    branchedFrom: readOrigin(branchedFrom),
    fingerprint: readFingerprint(fingerprint),
    presence: Array.isArray(presence) ? presence.map(readPresence).filter((entry) => entry !== null) : null,
    latestBy: latestBy === undefined ? null : readMap(latestBy, readText),
  };
}

/** Reads what a state comes to; null: it is none. */
export function readFingerprint(value: unknown): StateFingerprint | null {
  const { sequence, hash } = fields(value);
  return typeof sequence === 'number' && typeof hash === 'string' ? { sequence, hash } : null;
}

/** Reads an event; what may be absent becomes null, and what is of another type than it should be counts as absent. */
export function readEvent(value: unknown): CollaborationEvent {
  const { runId, sequenceNumber, eventType, userId, userName, timestamp, data, isCritical, messageId, signature } = fields(value);
  const name = readName(userName);
  return {
    runId: readText(runId) ?? '',
    sequenceNumber: readNumber(sequenceNumber),
    eventType: readText(eventType) ?? '',
    userId: readText(userId) ?? '',
    ...(name !== null && { userName: name }),
    timestamp: readNumber(timestamp) ?? 0,
    data: fields(data),
    isCritical: isCritical === true,
    messageId: readText(messageId),
    ...(typeof signature === 'string' && { signature }),
  };
}

/**
 * Reads the state of a run, as a join and `GET …/state` answer it: the maps get no prototype, and what is of another type than it should be
 * counts as absent. Throws if it is none.
 */
export function readState(value: unknown): PipelineState {
  const { asOfSequence, grafts, prunedSteps, flags, ended, latest, latestBy, fingerprint, ...others } = fields(value);
  if (typeof asOfSequence !== 'number') throw new Error('That is not a state of Collab.');
  const print = readFingerprint(fingerprint);
  return {
    ...emptyState,
    asOfSequence,
    grafts: readMap(grafts, readGraft),
    prunedSteps: texts(prunedSteps),
    flags: readMap(flags, readFlag),
    ...(ended === true && { ended }),
    ...(latest !== undefined && { latest: readMap(latest, readEntries) }),
    ...(latestBy !== undefined && { latestBy: readMap(latestBy, readText) }),
    ...(print !== null && { fingerprint: print }),
    ...Object.fromEntries(Object.entries(others).filter(([name]) => isOwnName(name))),
  };
}

/** Reads the answer to a replay. Throws if it is none. */
export function readReplay(value: unknown): ReplayPage {
  const { runId, epoch, events, totalEvents, lastSequence, oldestSequence, ended, hasMore } = fields(value);
  if (typeof epoch !== 'string' || !Array.isArray(events) || typeof lastSequence !== 'number') throw notOurs('a replay');
  return {
    runId: readText(runId) ?? '',
    epoch,
    events: events.map(readEvent),
    totalEvents: readNumber(totalEvents) ?? events.length,
    lastSequence,
    oldestSequence: readNumber(oldestSequence) ?? 0,
    ended: ended === true,
    hasMore: hasMore === true,
  };
}

/** Reads a page of runs. Throws if it is none. */
export function readRuns(value: unknown): RunPage {
  const { runs, nextCursor } = fields(value);
  if (!Array.isArray(runs)) throw notOurs('a list of runs');
  return { runs: runs.map(readSummary), nextCursor: readText(nextCursor) };
}

/** Reads the answer to a branch. Throws if it is none. */
export function readBranch(value: unknown): Branch {
  const { runId, epoch, branchedFrom } = fields(value);
  const origin = readOrigin(branchedFrom);
  if (typeof runId !== 'string' || typeof epoch !== 'string' || origin === null) throw notOurs('a branch');
  return { runId, epoch, branchedFrom: origin };
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

/** Reads the answer to a batch of so many events: an acknowledgement or a refusal for each. Throws if it is none. */
export function readResults(value: unknown, count: number): readonly PublishResult[] {
  if (!Array.isArray(value) || value.length !== count) throw notOurs('an answer to a batch');
  return value.map((result) => {
    const { ack, error } = fields(result);
    if (ack !== undefined && ack !== null) return readAck(ack);
    const { code, message, retryAfterMs, events, serverTimestamp } = fields(error);
    return refusal(code, readText(message) ?? '', readNumber(retryAfterMs), readConflicts(events), readTime(serverTimestamp));
  });
}

/** Reads the answer to a ping. */
export function readPong(value: unknown, runId: string): Pong {
  const { lastSequences, serverTimestamp, seen } = fields(value);
  const serverTime = readNumber(serverTimestamp) ?? 0;
  return {
    lastSequence: readNumber(fields(lastSequences)[runId.toLowerCase()]),
    serverTime: serverTime > 0 ? serverTime : null,
    seen: typeof seen === 'object' && seen !== null ? readMap(fields(seen)[runId.toLowerCase()], readNumber) : null,
  };
}

function readPresence(value: unknown): PresenceEntry | null {
  const { userId, kind, seen } = fields(value);
  return typeof userId === 'string' ? { userId, kind: kind === 'agent' ? 'agent' : 'person', seen: readNumber(seen) } : null;
}

function readSummary(value: unknown): RunSummary {
  const { runId, epoch, lastSequence, createdAt, updatedAt, ended, lastEvent, activeUsers, branchedFrom } = fields(value);
  const origin = readOrigin(branchedFrom);
  return {
    runId: readText(runId) ?? '',
    epoch: readText(epoch) ?? '',
    lastSequence: readNumber(lastSequence) ?? 0,
    createdAt: readNumber(createdAt) ?? 0,
    updatedAt: readNumber(updatedAt) ?? 0,
    ended: ended === true,
    lastEvent: typeof lastEvent === 'object' && lastEvent !== null ? readEvent(lastEvent) : null,
    activeUsers: texts(activeUsers),
    ...(origin !== null && { branchedFrom: origin }),
  };
}

function readOrigin(value: unknown): BranchOrigin | null {
  const { runId, sequence } = fields(value);
  return typeof runId === 'string' && typeof sequence === 'number' ? { runId, sequence } : null;
}

function notOurs(what: string): Error {
  return new Error(`That is not ${what} of Collab.`);
}

function readGraft(value: unknown): Graft | null {
  const { agentName, userId, sequenceNumber } = fields(value);
  if (typeof agentName !== 'string' || typeof sequenceNumber !== 'number') return null;
  return { agentName, userId: readText(userId) ?? '', sequenceNumber };
}

function readFlag(value: unknown): Flag | null {
  const { note, userId, sequenceNumber } = fields(value);
  if (typeof sequenceNumber !== 'number') return null;
  return { note: readText(note), userId: readText(userId) ?? '', sequenceNumber };
}

function readEntries(value: unknown): LatestEntries {
  return readMap(value, readEntry);
}

function readEntry(value: unknown): LatestEntry | null {
  const { data, userId, sequenceNumber } = fields(value);
  if (typeof sequenceNumber !== 'number') return null;
  return { data: fields(data), userId: readText(userId) ?? '', sequenceNumber };
}

/** A map by what others chose, without the entries that are none. */
function readMap<T>(value: unknown, read: (entry: unknown) => T | null): Readonly<Record<string, T>> {
  const map = dictionary<T>();
  for (const [key, entry] of Object.entries(fields(value))) {
    const known = read(entry);
    if (known !== null) map[key] = known;
  }
  return map;
}

function texts(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}

function readText(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

function readNumber(value: unknown): number | null {
  return typeof value === 'number' ? value : null;
}

function fields(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {};
}
