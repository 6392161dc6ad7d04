import { EndedByServer, isEndingCode, type EndingCode } from './ending.js';
import { readConflicts } from './conflicts.js';
import type { CollaborationEvent } from './event.js';

/** Why the server refused something. Each code means the same over the hub and over HTTP. */
export type CollabErrorCode =
  | 'unauthorized'
  | 'forbidden'
  | 'invalid_event'
  | 'payload_too_large'
  | 'rate_limited'
  | 'overloaded'
  | 'unavailable'
  | 'conflict'
  | 'run_ended';

const retryable: Readonly<Record<CollabError['code'], boolean>> = {
  unauthorized: false,
  forbidden: false,
  invalid_event: false,
  payload_too_large: false,
  rate_limited: true,
  overloaded: true,
  unavailable: true,
  conflict: false,
  run_ended: false,
  queue_full: true,
  closed: false,
};

/** A refusal, by the server or by this client itself (`queue_full`: too many sends wait; `closed`: the connection was closed). */
export class CollabError extends Error {
  override readonly name = 'CollabError';
  readonly code: CollabErrorCode | 'queue_full' | 'closed';
  /** Whether the same request can succeed later. */
  readonly retryable: boolean;
  /** How long the server asked to wait, in milliseconds; null where it did not. */
  readonly retryAfterMs: number | null;
  /** Why the server ended what was asked for; null where it only refused it. */
  readonly ending: EndingCode | null;
  /**
   * Of a `conflict`: the events that have touched the same since what was published was based on, ascending, the newest ten at most. Empty:
   * it is no such conflict, or the server keeps those events no more.
   */
  readonly events: readonly CollaborationEvent[];
  /** Where a publish was signed with another time than the server's: that time, Unix milliseconds; else null. */
  readonly serverTime: number | null;

  constructor(
    code: CollabError['code'],
    message: string,
    retryAfterMs: number | null = null,
    ending: EndingCode | null = null,
    events: readonly CollaborationEvent[] = [],
    serverTime: number | null = null,
  ) {
    super(message);
    this.code = code;
    this.retryable = retryable[code];
    this.retryAfterMs = retryAfterMs;
    this.ending = ending;
    this.events = events;
    this.serverTime = serverTime;
  }
}

/** No answer came: whether the server did what it was asked is not known. Only reads of `CollabClient` reject with it. */
export class NoAnswer extends Error {
  override readonly name = 'NoAnswer';
  /** How long whoever answered in the server's place asked to wait, in milliseconds; null where nobody did. */
  readonly retryAfterMs: number | null;

  constructor(message: string, retryAfterMs: number | null = null) {
    super(message);
    this.retryAfterMs = retryAfterMs;
  }
}

/** The code in brackets that the server's own words begin with, and what SignalR puts before them. */
const callFailed = /^(?:[^[\]]* HubException: )?\[([a-z_]+)\] ?(.*)$/s;
const closed =
  /^(?:Server returned an error on close: |Server returned handshake error: )?(?:[^[\]]* HubException: )?\[([a-z_]+)\] ?(.*)$/s;
/** A limit says so at the end of its sentence. */
const tryAgain = /Try again in (\d+(?:\.\d+)?) s\.?$/;

/** What the server's refusal of a call means; null where it carries no code. */
export function refusalOfCall(error: unknown): CollabError | null {
  const [, code, text = ''] = callFailed.exec(textOf(error)) ?? [];
  return isCode(code) ? new CollabError(code, text, retryAfterOf(text)) : null;
}

/**
 * Why a connection ended. Only what SignalR's client says of the server's last message is looked at: what a proxy or the network says may
 * hold any words, and is passed on as it came.
 * @param allowReconnect What the server's close message says; null where there was none.
 */
export function reasonOfClose(error: unknown, allowReconnect: boolean | null = null): unknown {
  const [, code, text = ''] = closed.exec(textOf(error)) ?? [];
  if (isEndingCode(code)) return new EndedByServer(code, text, allowReconnect);
  return isCode(code) ? new CollabError(code, text, retryAfterOf(text)) : error;
}

/** A refusal with a code as it came; one that this client does not know counts as a failure for the moment. */
export function refusal(
  code: unknown,
  message: string,
  retryAfterMs: number | null,
  events: readonly CollaborationEvent[] = [],
  serverTime: number | null = null,
): CollabError {
  return new CollabError(isCode(code) ? code : 'unavailable', message, retryAfterMs, null, events, serverTime);
}

/** The sentence of an error, whatever was thrown. */
export function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function retryAfterOf(text: string): number | null {
  const [, seconds] = tryAgain.exec(text) ?? [];
  return seconds === undefined ? null : Number(seconds) * 1000;
}

/**
 * What an HTTP status of 400 and more means. The code is in the body; a proxy's own answer has none, and then only the status speaks. A
 * gateway's 502, 503, 504 or the like says that the server was not reached: no answer came.
 */
export function failureOfHttp(status: number, body: unknown, retryAfter: string | null): CollabError | NoAnswer {
  const problem: Problem = typeof body === 'object' && body !== null ? body : {};
  // A gateway that failed has no say in what is refused for good, whatever its answer looks like.
  const said = isCode(problem.code) ? problem.code : null;
  const code = said !== null && (status < 500 || retryable[said]) ? said : codeOfStatus(status);
  const detail = typeof problem.detail === 'string' ? problem.detail : `The server answered with status ${String(status)}.`;
  const seconds = Number(retryAfter ?? NaN);
  const retryAfterMs = seconds >= 0 ? seconds * 1000 : null;
  const ending = isEndingCode(problem.ending) ? problem.ending : null;
  return code === null
    ? new NoAnswer(detail, retryAfterMs)
    : new CollabError(
        code,
        detail,
        retryAfterMs,
        ending,
        readConflicts(problem.events),
        said === code ? readTime(problem.serverTimestamp) : null,
      );
}

interface Problem {
  readonly code?: unknown;
  readonly detail?: unknown;
  readonly ending?: unknown;
  readonly events?: unknown;
  readonly serverTimestamp?: unknown;
}

/** A time as the server tells it; null: none, or one that cannot be. */
export function readTime(value: unknown): number | null {
  return Number.isSafeInteger(value) && Number(value) > 0 ? Number(value) : null;
}

/**
 * A 403 or 400 without our code is not our server's word: it must not end the connection for good. A 500 may be: the server failed over
 * this very request, and may do so each time. null: nobody has looked at the request.
 */
function codeOfStatus(status: number): CollabErrorCode | null {
  if (status > 500) return null;
  if (status === 401) return 'unauthorized';
  if (status === 413) return 'payload_too_large';
  if (status === 429) return 'rate_limited';
  return 'unavailable';
}

function isCode(value: unknown): value is CollabErrorCode {
  return typeof value === 'string' && Object.hasOwn(retryable, value) && value !== 'queue_full' && value !== 'closed';
}
