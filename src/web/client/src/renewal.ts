import { Timer } from './clock.js';
import type { Clock } from './seams.js';
import type { TokenSource } from './token.js';

/** How long before the end of the token, in milliseconds. */
const beforeMs = 30_000;
/** Timers of browsers cannot wait longer than 24 days. */
const longestWaitMs = 20 * 24 * 3_600_000;

/**
 * A connection ends when its token expires. Some time before that a new token is asked for, so that a connection with it can take over and
 * nobody notices.
 */
export class Renewal {
  readonly #tokens: TokenSource;
  readonly #renew: (token: string | null) => void;
  readonly #due: Timer;
  #stopped = new AbortController();

  /** @param renew Told the new token. */
  constructor(tokens: TokenSource, clock: Clock, renew: (token: string | null) => void) {
    this.#tokens = tokens;
    this.#renew = renew;
    this.#due = new Timer(clock, () => void this.#ask());
  }

  /** Of the newest token. */
  schedule(): void {
    const left = this.#tokens.leftMs ?? 0;
    if (left > 0) this.#due.start(Math.min(longestWaitMs, Math.max(left - beforeMs, left / 2)));
  }

  stop(): void {
    this.#due.stop();
    this.#stopped.abort();
    this.#stopped = new AbortController();
  }

  async #ask(): Promise<void> {
    const { signal } = this.#stopped;
    const leftBefore = this.#tokens.leftMs ?? 0;
    try {
      const token = await this.#tokens.fresh(signal);
      const isLater = this.#tokens.leftMs === null || this.#tokens.leftMs > leftBefore;
      if (isLater && !signal.aborted) this.#renew(token);
    } catch {
      // The server will end the connection, and the next attempt asks for a token again.
    }
  }
}
