import { CollabError, failureOfHttp, NoAnswer, textOf } from './errors.js';
import type { Clock, Fetch } from './seams.js';
import type { TokenSource } from './token.js';

const answerMs = 10_000;

/** As the page, or Node, makes requests. */
export const globalFetch: Fetch = (url, init) => fetch(url, init);

/** Asks the server over HTTP: with a token, in bounded time, and with one word for each way to fail. */
export class Requests {
  readonly #base: string;
  readonly #tokens: TokenSource;
  readonly #fetch: Fetch;
  readonly #clock: Clock;

  constructor(base: string, tokens: TokenSource, fetcher: Fetch, clock: Clock) {
    this.#base = base;
    this.#tokens = tokens;
    this.#fetch = fetcher;
    this.#clock = clock;
  }

  /**
   * Rejects with a `CollabError` where the server refused it, and with `NoAnswer` where none of its answers came.
   * @param userId As whom; undefined: as whoever is signed in. The token may be another user's by the time that it is there.
   */
  async send<T>(path: string, init: RequestInit, stop: AbortSignal, read: (body: unknown) => T, userId?: string | null): Promise<T> {
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
