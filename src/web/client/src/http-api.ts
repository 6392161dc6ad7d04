import type { PublishAck } from './event.js';
import type { PipelineState } from './fold.js';
import type { Requests } from './requests.js';
import { readAck, readAnswer, readState, type RunAnswer } from './wire.js';

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

  /** @param userId As whom; undefined: as whoever is signed in. The token may be another user's by the time that it is there. */
  publish(
    body: { eventType: string; data: unknown; messageId: string | null },
    stop: AbortSignal,
    userId?: string | null,
  ): Promise<PublishAck> {
    const headers = { 'Content-Type': 'application/json' };
    return this.#requests.send(`${this.#path}/events`, { method: 'POST', headers, body: JSON.stringify(body) }, stop, readAck, userId);
  }
}
