import type { Clock } from './seams.js';

/** A token this close to its end is not used for a request any more, in milliseconds. */
const lastMomentsMs = 5000;

/** The application's tokens: the one in use, and what it says. */
export class TokenSource {
  readonly #ask: () => Promise<string> | string;
  readonly #clock: Clock;
  readonly #userKnown: () => void;
  #text: string | null = null;
  #userId: string | null = null;
  #expiresAt: number | null = null;

  constructor(ask: () => Promise<string> | string, clock: Clock, userKnown: () => void) {
    this.#ask = ask;
    this.#clock = clock;
    this.#userKnown = userKnown;
  }

  /** The `sub` of the newest token; null while there is none. */
  get userId(): string | null {
    return this.#userId;
  }

  /** When the newest token ends, Unix milliseconds; null if it does not say. */
  get expiresAt(): number | null {
    return this.#expiresAt;
  }

  /** A new token from the application. */
  async fresh(): Promise<string> {
    const text = await this.#ask();
    const claims = claimsOf(text);
    this.#text = text;
    this.#expiresAt = typeof claims['exp'] === 'number' ? claims['exp'] * 1000 : null;
    if (typeof claims['sub'] === 'string') this.#userId = claims['sub'];
    this.#userKnown();
    return text;
  }

  /** The token in use, or a new one if that has ended, is about to, or was refused. */
  async current(): Promise<string> {
    const isUsable = this.#expiresAt === null || this.#expiresAt - this.#clock.now() > lastMomentsMs;
    return this.#text !== null && isUsable ? this.#text : this.fresh();
  }

  /** The server refused the token in use. */
  forget(): void {
    this.#text = null;
  }
}

/** The claims of a JWT, unchecked: the server checks them. Empty for a token of another kind. */
function claimsOf(token: string): Record<string, unknown> {
  try {
    const base64 = (token.split('.')[1] ?? '').replace(/-/g, '+').replace(/_/g, '/');
    const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
    const claims: unknown = JSON.parse(new TextDecoder().decode(bytes));
    return typeof claims === 'object' && claims !== null ? (claims as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
