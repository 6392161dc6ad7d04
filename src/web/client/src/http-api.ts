import type { PublishResult } from './carrier.js';
import type { PipelineState } from './fold.js';
import type { Requests } from './requests.js';
import type { PendingSend } from './snapshot.js';
import { readAck, readAnswer, readResults, readState, type RunAnswer } from './wire.js';

/** An event as a publish carries it. */
export interface EventToPublish {
  readonly eventType: string;
  readonly data: unknown;
  /** null: the server gives it one. */
  readonly messageId: string | null;
  /** Not there: nothing clashes with it. */
  readonly basedOnSequence?: number;
  /** Not there: it is not signed. */
  readonly signature?: PublishSignature;
}

/** What a user's client has signed an event with. */
export interface PublishSignature {
  /** When it was signed, Unix milliseconds of the server's clock. */
  readonly timestamp: number;
  /** What no other signature of the user has. */
  readonly nonce: string;
  /** The signature, as base64url without padding. */
  readonly value: string;
}

/** A send as it goes over the wire. */
export function toPublish({ eventType, data, messageId, basedOnSequence }: PendingSend): EventToPublish {
  return { eventType, data, messageId, ...(basedOnSequence !== null && { basedOnSequence }) };
}

/** An event of a batch. */
export interface BatchEvent {
  readonly eventType: string;
  readonly data: Readonly<Record<string, unknown>>;
  /** A UUID of its own. Default: one is made. */
  readonly messageId?: string;
  /**
   * The newest event of the run that it takes into account; 0: none. If one after it touches the same, it is refused `conflict`; events
   * before it in the batch do not. Default: nothing clashes with it.
   */
  readonly basedOnSequence?: number;
}

/** The HTTP endpoints of one run, as a connection uses them. */
export class HttpApi {
  readonly #requests: Requests;
  readonly #path: string;

  constructor(requests: Requests, runId: string) {
    this.#requests = requests;
    this.#path = pathOf(runId);
  }

  /** @param seen Up to which number the run is applied; null: it is not said. */
  poll(after: number, seen: number | null, stop: AbortSignal): Promise<RunAnswer> {
    const mark = seen === null ? '' : `&seen=${String(seen)}`;
    return this.#requests.send(`${this.#path}/poll?afterSequence=${String(after)}&presence=full${mark}`, {}, stop, readAnswer);
  }

  state(stop: AbortSignal): Promise<PipelineState> {
    return this.#requests.send(`${this.#path}/state`, {}, stop, readState);
  }

  /**
   * Publishes one event, or several in their order.
   * @param userId As whom; undefined: as the user who is signed in. The token may be another user's by the time that it is there.
   */
  publish(events: readonly EventToPublish[], stop: AbortSignal, userId?: string | null): Promise<readonly PublishResult[]> {
    if (events.length !== 1) return this.publishBatch(events, false, stop, userId);
    return this.#post('/events', events[0], (answer) => [readAck(answer)], stop, userId);
  }

  /** Publishes several events: all or none, or each for itself in their order. */
  publishBatch(
    events: readonly EventToPublish[],
    atomic: boolean,
    stop: AbortSignal,
    userId?: string | null,
  ): Promise<readonly PublishResult[]> {
    return this.#post('/events/batch', { events, atomic }, (answer) => readResults(answer, events.length), stop, userId);
  }

  #post<T>(path: string, body: unknown, read: (answer: unknown) => T, stop: AbortSignal, userId?: string | null): Promise<T> {
    const init = { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) };
    return this.#requests.send(this.#path + path, init, stop, read, userId);
  }
}

/** Where what is about a run is found. */
export function pathOf(runId: string): string {
  return `/api/runs/${encodeURIComponent(runId)}/collaboration`;
}
