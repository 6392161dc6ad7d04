import { claimsOf } from './claims.js';
import type { Clock } from './seams.js';
import { until } from './until.js';

/** A token this close to its end is not used for a request any more, in milliseconds. */
const lastMomentsMs = 5000;

/** What a source of tokens tells. */
export interface TokenSourceOwner {
  /** There is a new token, and with it perhaps another user. */
  taken(): void;
  /** Another token than before is in use from now on: what the server allowed or forbade before says nothing any more. */
  inUse(): void;
}

/** The application's tokens: the newest one, and what it says. */
export class TokenSource {
  readonly #ask: () => Promise<string> | string;
  readonly #clock: Clock;
  readonly #owner: TokenSourceOwner;
  #text: string | null = null;
  /** The one that the connection or the requests of now work with. The newest one may still be on its way to that. */
  #inUse: string | null = null;
  #userId: string | null = null;
  #expiresAt: number | null = null;

  constructor(ask: () => Promise<string> | string, clock: Clock, owner: TokenSourceOwner) {
    this.#ask = ask;
    this.#clock = clock;
    this.#owner = owner;
  }

  /** The `sub` of the newest token; null while there is none. */
  get userId(): string | null {
    return this.#userId;
  }

  /** When the newest token ends, Unix milliseconds; null if it does not say. */
  get expiresAt(): number | null {
    return this.#expiresAt;
  }

  /** A new token from the application. One that comes after the signal is not taken. */
  async fresh(stop: AbortSignal): Promise<string> {
    const text = await until(this.#ask(), stop);
    // It may have come just before.
    stop.throwIfAborted();
    const claims = claimsOf(text);
    this.#text = text;
    this.#expiresAt = typeof claims['exp'] === 'number' ? claims['exp'] * 1000 : null;
    if (typeof claims['sub'] === 'string') this.#userId = claims['sub'];
    this.#owner.taken();
    return text;
  }

  /** For a request: the newest token, or another one if that has ended, is about to, or was refused. */
  async current(stop: AbortSignal): Promise<string> {
    const isUsable = this.#expiresAt === null || this.#expiresAt - this.#clock.now() > lastMomentsMs;
    const text = this.#text !== null && isUsable ? this.#text : await this.fresh(stop);
    this.use(text);
    return text;
  }

  /** A connection works with this token from now on. */
  use(text: string): void {
    if (text === this.#inUse) return;
    this.#inUse = text;
    this.#owner.inUse();
  }

  /** The server refused the newest token. */
  forget(): void {
    this.#text = null;
  }
}
