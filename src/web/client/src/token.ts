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

/** How a source of tokens is made. */
export interface TokenSourceOptions {
  /** Asks the application; absent where the user is signed in by a cookie. */
  readonly ask: ((refused: string | null) => Promise<string> | string) | undefined;
  /** Who the user is where no token says it. */
  readonly userId: string | null;
  readonly clock: Clock;
  readonly owner: TokenSourceOwner;
}

/** When a token was made and when it ends by the issuer's clock, and when it came by the monotonic one; all in milliseconds. */
interface Life {
  readonly issuedAt: number | null;
  readonly expiresAt: number;
  readonly cameAt: number;
  /** What the wall clock said when it came. */
  readonly cameAtTime: number;
}

/** The application's tokens: the newest one, and what it says. */
export class TokenSource {
  readonly #options: TokenSourceOptions;
  #text: string | null = null;
  /** The last one that the server refused. */
  #refused: string | null = null;
  /** The one that the connection or the requests of now work with; undefined: none yet. The newest one may still be on its way to that. */
  #inUse: string | null | undefined;
  #userId: string | null;
  #life: Life | null = null;
  /** What the server's clock is ahead of the monotonic one; null until a ping has told. */
  #serverOffset: number | null = null;

  constructor(options: TokenSourceOptions) {
    this.#options = options;
    this.#userId = options.userId;
  }

  /** The `sub` of the newest token; null while there is none. */
  get userId(): string | null {
    return this.#userId;
  }

  /** The user of the token in use. */
  get userInUse(): string | null {
    return this.userOf(this.#inUse ?? null);
  }

  /** Whose a token is. */
  userOf(text: string | null): string | null {
    const sub = text === null ? null : claimsOf(text)['sub'];
    return typeof sub === 'string' ? sub : this.#options.userId;
  }

  /**
   * How long the newest token still lives, in milliseconds; null if it does not say. This machine's wall clock may be hours off, so the
   * server's time counts once it is known, and until then no more than the whole life that the token was given.
   */
  get leftMs(): number | null {
    if (this.#life === null) return null;
    const { issuedAt, expiresAt, cameAt, cameAtTime } = this.#life;
    const now = this.#options.clock.monotonic();
    if (this.#serverOffset !== null) return expiresAt - (now + this.#serverOffset);
    const whole = issuedAt === null ? Infinity : expiresAt - issuedAt;
    const byWallClock = expiresAt - cameAtTime;
    const atFirst = byWallClock > 0 ? Math.min(byWallClock, whole) : whole;
    return atFirst === Infinity ? null : atFirst - (now - cameAt);
  }

  /** The time by the server's clock, Unix milliseconds; by this machine's until the server has told. */
  get serverNow(): number {
    const { clock } = this.#options;
    return this.#serverOffset === null ? clock.now() : clock.monotonic() + this.#serverOffset;
  }

  /** The server's clock, Unix milliseconds, at a moment of the monotonic one. Returns whether that is news. */
  serverTime(time: number, at: number): boolean {
    const offset = time - at;
    const isNews = this.#serverOffset === null || Math.abs(offset - this.#serverOffset) > 1000;
    if (isNews) this.#serverOffset = offset;
    return isNews;
  }

  /** A new token from the application; null where there are none. One that comes after the signal is not taken. */
  async fresh(stop: AbortSignal): Promise<string | null> {
    const { ask, clock, owner } = this.#options;
    const text = ask === undefined ? null : await until(ask(this.#refused), stop);
    // It may have come just before.
    stop.throwIfAborted();
    this.#text = text;
    this.#life = text === null ? null : lifeOf(text, clock);
    this.#userId = this.userOf(text);
    owner.taken();
    return text;
  }

  /** For a request: the newest token, or another one if that has ended, is about to, or was refused. */
  async current(stop: AbortSignal): Promise<string | null> {
    const { leftMs } = this;
    const isUsable = leftMs === null || leftMs > lastMomentsMs;
    const text = this.#text !== null && isUsable ? this.#text : await this.fresh(stop);
    this.use(text);
    return text;
  }

  /** A connection works with this token from now on. */
  use(text: string | null): void {
    if (text === this.#inUse) return;
    this.#inUse = text;
    this.#options.owner.inUse();
  }

  /** The server refused the newest token. */
  forget(): void {
    this.#refused = this.#text ?? this.#refused;
    this.#text = null;
  }
}

function lifeOf(text: string, clock: Clock): Life | null {
  const { exp, iat } = claimsOf(text);
  if (typeof exp !== 'number') return null;
  const issuedAt = typeof iat === 'number' && iat < exp ? iat * 1000 : null;
  return { issuedAt, expiresAt: exp * 1000, cameAt: clock.monotonic(), cameAtTime: clock.now() };
}
