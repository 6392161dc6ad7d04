import { CollabError, failureOfHttp, NoAnswer, textOf } from './errors.js';
import type { PublishAck } from './event.js';
import type { PipelineState } from './fold.js';
import type { Clock, Fetch } from './seams.js';
import type { TokenSource } from './token.js';
import { readAck, readAnswer, readState, type RunAnswer } from './wire.js';

const answerMs = 10_000;

/**
 * The HTTP endpoints of one run. Each call rejects with a `CollabError` where the server refused it, and with `NoAnswer` where none of its
 * answers came.
 */
export class HttpApi {
  readonly #base: string;
  readonly #tokens: TokenSource;
  readonly #fetch: Fetch;
  readonly #clock: Clock;

  constructor(url: string, runId: string, tokens: TokenSource, fetcher: Fetch, clock: Clock) {
    this.#base = `${url}/api/runs/${encodeURIComponent(runId)}/collaboration`;
    this.#tokens = tokens;
    this.#fetch = fetcher;
    this.#clock = clock;
  }

  poll(after: number, stop: AbortSignal): Promise<RunAnswer> {
    return this.#request(`/poll?afterSequence=${String(after)}`, {}, stop, readAnswer);
  }

  state(stop: AbortSignal): Promise<PipelineState> {
    return this.#request('/state', {}, stop, readState);
  }

  /** @param userId As whom; undefined: as whoever is signed in. The token may be another user's by the time that it is there. */
  publish(
    body: { eventType: string; data: unknown; messageId: string | null },
    stop: AbortSignal,
    userId?: string | null,
  ): Promise<PublishAck> {
    const headers = { 'Content-Type': 'application/json' };
    return this.#request('/events', { method: 'POST', headers, body: JSON.stringify(body) }, stop, readAck, userId);
  }

  async #request<T>(path: string, init: RequestInit, stop: AbortSignal, read: (body: unknown) => T, userId?: string | null): Promise<T> {
    const request = new AbortController();
    const abort = () => {
      request.abort();
    };
    const cancelTimeout = this.#clock.delay(abort, answerMs);
    stop.addEventListener('abort', abort, { once: true });
    try {
      stop.throwIfAborted();
      const headers = new Headers(init.headers);
      const token = await this.#tokens.current(request.signal);
      if (userId !== undefined && this.#tokens.userOf(token) !== userId) throw new NoAnswer('Another user has signed in.');
      if (token !== null) headers.set('Authorization', `Bearer ${token}`);
      const response = await this.#fetch(this.#base + path, { ...init, headers, signal: request.signal, cache: 'no-store' });
      const body = await bodyOf(response);
      if (!response.ok) throw failureOfHttp(response.status, body, response.headers.get('Retry-After'));
      return read(body);
    } catch (error) {
      throw error instanceof CollabError || error instanceof NoAnswer ? error : new NoAnswer(textOf(error));
    } finally {
      cancelTimeout();
      stop.removeEventListener('abort', abort);
    }
  }
}

/** What came, or null if it is not JSON: a proxy has its own ideas of an answer. */
async function bodyOf(response: Response): Promise<unknown> {
  const text = await response.text();
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}
