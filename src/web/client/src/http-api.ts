import type { PublishResult } from './carrier.js';
import type { PipelineState } from './fold.js';
import type { Requests } from './requests.js';
import { readAck, readAnswer, readResults, readState, type RunAnswer } from './wire.js';

/** An event as a publish carries it. */
export interface EventToPublish {
  readonly eventType: string;
  readonly data: unknown;
  /** null: the server gives it one. */
  readonly messageId: string | null;
}

/** An event of a batch. */
export interface BatchEvent {
  readonly eventType: string;
  readonly data: Readonly<Record<string, unknown>>;
  /** A UUID of its own. Default: one is made. */
  readonly messageId?: string;
}

/** The HTTP endpoints of one run, as a connection uses them. */
export class HttpApi {
  readonly #requests: Requests;
  readonly #path: string;

  constructor(requests: Requests, runId: string) {
    this.#requests = requests;
    this.#path = `/api/runs/${encodeURIComponent(runId)}/collaboration`;
  }

  poll(after: number, stop: AbortSignal): Promise<RunAnswer> {
    return this.#requests.send(`${this.#path}/poll?afterSequence=${String(after)}`, {}, stop, readAnswer);
  }

  state(stop: AbortSignal): Promise<PipelineState> {
    return this.#requests.send(`${this.#path}/state`, {}, stop, readState);
  }

  /**
   * Publishes one event, or several in their order.
   * @param userId As whom; undefined: as the user who is signed in. The token may be another user's by the time that it is there.
   */
  publish(events: readonly EventToPublish[], stop: AbortSignal, userId?: string | null): Promise<readonly PublishResult[]> {
    const [path, body, read] =
      events.length === 1
        ? ['/events', events[0], (answer: unknown) => [readAck(answer)]]
        : ['/events/batch', { events, atomic: false }, (answer: unknown) => readResults(answer, events.length)];
    const init = { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) };
    return this.#requests.send(this.#path + path, init, stop, read, userId);
  }
}
