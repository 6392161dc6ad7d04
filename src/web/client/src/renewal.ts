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
  readonly #clock: Clock;
  readonly #renew: (token: string) => void;
  readonly #due: Timer;
  #stopped = new AbortController();

  /** @param renew Told the new token. */
  constructor(tokens: TokenSource, clock: Clock, renew: (token: string) => void) {
    this.#tokens = tokens;
    this.#clock = clock;
    this.#renew = renew;
    this.#due = new Timer(clock, () => void this.#ask());
  }

  /** Of the newest token. */
  schedule(): void {
    const left = (this.#tokens.expiresAt ?? 0) - this.#clock.now();
    if (left > 0) this.#due.start(Math.min(longestWaitMs, Math.max(left - beforeMs, left / 2)));
  }

  stop(): void {
    this.#due.stop();
    this.#stopped.abort();
    this.#stopped = new AbortController();
  }

  async #ask(): Promise<void> {
    const { signal } = this.#stopped;
    const expiresAt = this.#tokens.expiresAt ?? 0;
    try {
      const token = await this.#tokens.fresh(signal);
      const isLater = this.#tokens.expiresAt === null || this.#tokens.expiresAt > expiresAt;
      if (isLater && !signal.aborted) this.#renew(token);
    } catch {
      // The server will end the connection, and the next attempt asks for a token again.
    }
  }
}
