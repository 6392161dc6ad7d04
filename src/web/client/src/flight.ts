import { EndedByServer } from './ending.js';
import { CollabError, NoAnswer, textOf } from './errors.js';
import type { Clock } from './seams.js';

/** What became of a connection at a moment. */
export type FlightStep =
  /** `connect()` was called. */
  | 'connecting'
  /** Events come over the WebSocket. */
  | 'connected'
  /** Another WebSocket took over, with a new token. */
  | 'renewed'
  /** The WebSocket was lost. */
  | 'lost'
  /** A try of the WebSocket failed. */
  | 'failed'
  /** Events come by polling. */
  | 'polling'
  /** A poll failed. */
  | 'unreachable'
  /** A poll succeeded after one that failed. */
  | 'reachable'
  /** The page did not run for a while. */
  | 'paused'
  /** The browser says that there is no network. */
  | 'offline'
  /** It is over. */
  | 'closed';

/** One thing that became of a connection. */
export interface FlightEntry {
  /** Unix milliseconds, this client's clock; of a step that came several times in a row, the last time. */
  readonly at: number;
  readonly step: FlightStep;
  /** What it came of, in a sentence; null where there is nothing to say. A guess where only a proxy or the network knows. */
  readonly cause: string | null;
  /** How often it came in a row, with the same cause. */
  readonly times: number;
}

/** The last 100 things that became of a run's connection. It names the tab and no person. */
export interface Flight {
  /** By what an administrator finds what the servers saw of this client: `GET /api/admin/websocket/flights/{traceId}`. */
  readonly traceId: string;
  /** The oldest first. */
  readonly entries: readonly FlightEntry[];
}

const capacity = 100;
/** The page runs at least so often while it is looked after, in milliseconds; browsers let a hidden tab run once a minute. */
const awayAfterMs = 90_000;
/** What a link lost that was quiet for so long may have been cut off for, in milliseconds. */
const quietAfterMs = 25_000;
/** A time limit shows from this on, in milliseconds: whatever is cut sooner has other causes. */
const limitFromMs = 10_000;

/** Keeps what became of a connection, with its cause as far as that can be told. */
export class FlightRecorder {
  readonly #clock: Clock;
  readonly #traceId: string;
  #entries: readonly FlightEntry[] = [];
  /** When the page was last seen to run, by the wall clock: the other one may stand while a device sleeps. */
  #ranAt: number;
  #heardAt = 0;
  #connectedAt = 0;
  /** How long the last connection that was cut without a word had lasted, in milliseconds. */
  #lastLifeMs: number | null = null;

  constructor(traceId: string, clock: Clock) {
    this.#traceId = traceId;
    this.#clock = clock;
    this.#ranAt = clock.now();
  }

  get flight(): Flight {
    return { traceId: this.#traceId, entries: this.#entries };
  }

  /** The page runs. */
  ran(): void {
    const now = this.#clock.now();
    const awayMs = now - this.#ranAt;
    this.#ranAt = now;
    if (awayMs >= awayAfterMs) this.#add('paused', awayWords(awayMs));
  }

  /** Something came from the server. */
  heard(): void {
    this.#heardAt = this.#clock.monotonic();
    this.ran();
  }

  connected(isRenewed: boolean): void {
    this.#heardAt = this.#connectedAt = this.#clock.monotonic();
    this.add(isRenewed ? 'renewed' : 'connected');
  }

  /** The WebSocket was lost. */
  lost(error: unknown, isOnline: boolean): void {
    const awayMs = this.#clock.now() - this.#ranAt;
    this.#ranAt = this.#clock.now();
    const now = this.#clock.monotonic();
    const [lifeMs, quietMs] = [now - this.#connectedAt, now - this.#heardAt];
    const known = saidByServer(error) ?? (awayMs >= quietAfterMs ? awayWords(awayMs) : saidHere(error, isOnline));
    this.#add('lost', known ?? cutWords(lifeMs, quietMs, this.#lastLifeMs));
    this.#lastLifeMs = known === null ? lifeMs : null;
  }

  /** A try of the WebSocket, or a poll, failed. */
  failed(step: 'failed' | 'unreachable', error: unknown, isOnline: boolean): void {
    this.add(step, saidByServer(error) ?? saidHere(error, isOnline) ?? `No connection came about: ${textOf(error)}`);
  }

  add(step: FlightStep, cause: string | null = null): void {
    this.ran();
    this.#add(step, cause);
  }

  #add(step: FlightStep, cause: string | null): void {
    const last = this.#entries.at(-1);
    const isRepeat = last?.step === step && last.cause === cause;
    const entry: FlightEntry = { at: this.#clock.now(), step, cause, times: isRepeat ? last.times + 1 : 1 };
    this.#entries = Object.freeze([...(isRepeat ? this.#entries.slice(0, -1) : this.#entries), entry].slice(-capacity));
  }
}

/** Null where it did not say a word. */
function saidByServer(error: unknown): string | null {
  if (error instanceof EndedByServer) return `The server ended it (${error.code}): ${error.message}`;
  return error instanceof CollabError ? `The server refused it (${error.code}): ${error.message}` : null;
}

/** What the browser and this client know of it; null where they know nothing. */
function saidHere(error: unknown, isOnline: boolean): string | null {
  if (!isOnline) return 'The device is offline.';
  if (error instanceof NoAnswer) return error.message;
  return textOf(error).includes('Server timeout elapsed')
    ? 'Nothing came from the server for 30 s: the network fails without a word.'
    : null;
}

function cutWords(lifeMs: number, quietMs: number, lastLifeMs: number | null): string {
  if (quietMs >= quietAfterMs) return `It was cut off after ${words(quietMs)} without traffic: a proxy's idle timeout looks like that.`;
  const isAsBefore = lastLifeMs !== null && lifeMs >= limitFromMs && Math.abs(lifeMs - lastLifeMs) <= 0.05 * lifeMs;
  return isAsBefore
    ? `It was cut off after ${words(lifeMs)}, as the time before: a proxy's time limit looks like that.`
    : `It broke off without a word after ${words(lifeMs)}: the network, a proxy or the server went away.`;
}

function awayWords(ms: number): string {
  return `The client did not run for ${words(ms)}: the tab was frozen, or the device was asleep.`;
}

function words(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 120) return `${String(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 120 ? `${String(minutes)} min` : `${String(Math.round(minutes / 60))} h`;
}
