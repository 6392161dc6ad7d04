import { computed, inject, Injectable, isDevMode, signal } from '@angular/core';
import { recall, remember } from '../shared/storage';
import { Identity } from './identity';
import { readToken } from './jwt';

const key = 'collab.token';
/** A token this close to its end, in ms, is not used for a new request. */
const margin = 60_000;

interface DevelopmentToken {
  readonly user: string;
  readonly token: string;
  readonly expiresAt: number;
}

/**
 * Where the page's tokens come from. A server in development hands them out at `/dev/token`; any other answers 404 there, and the user
 * pastes one, which lasts as long as the tab.
 */
@Injectable({ providedIn: 'root' })
export class Access {
  private readonly identity = inject(Identity);
  private readonly pasted = signal(recall('sessionStorage', key));
  private readonly handsOutTokens = signal<boolean | null>(null);
  private readonly refusal = signal<string | null>(null);
  private cached: DevelopmentToken | null = null;
  private waiting: ((token: string) => void)[] = [];

  /** Whether the server hands out tokens, which only a server in development does; also true in a development build. */
  readonly isDevelopment = computed(() => isDevMode() || this.handsOutTokens() === true);
  /** Whether the user has to paste a token before anything can be read. */
  readonly isTokenNeeded = computed(() => this.pasted() === null && this.handsOutTokens() === false);
  /** Whether a pasted token is in use. */
  readonly hasPastedToken = computed(() => this.pasted() !== null);
  /** What is wrong with the token that was pasted last; null if nothing is. */
  readonly problem = this.refusal.asReadonly();

  /** A token for the next request. Waits for the user where one has to be pasted; fails if the server cannot be reached. */
  async token(): Promise<string> {
    const pasted = this.pasted();
    if (pasted !== null) return hasEnded(pasted) ? this.askForToken('That token has expired.') : pasted;
    const user = this.identity.userName() ?? this.identity.suggestion;
    if (this.cached?.user === user && this.cached.expiresAt - margin > Date.now()) return this.cached.token;
    const response = await fetch(`/dev/token?user=${encodeURIComponent(user)}&access=*:write&admin=false`, { cache: 'no-store' });
    if (response.status === 404) return this.askForToken(null);
    if (!response.ok) throw new Error(`No token: the server answered ${response.status}.`);
    const { token, expiresAt } = (await response.json()) as { token: string; expiresAt: string };
    this.handsOutTokens.set(true);
    this.cached = { user, token, expiresAt: Date.parse(expiresAt) };
    return token;
  }

  /** Uses a pasted token from now on, unless it cannot be one: then `problem` says so. */
  paste(text: string): void {
    const token = text.trim().replace(/^bearer\s+/i, '');
    this.refusal.set(
      readToken(token) === null ? 'That is not a JWT with a sub claim.' : hasEnded(token) ? 'That token has expired.' : null,
    );
    if (this.refusal() !== null) return;
    remember('sessionStorage', key, token);
    this.pasted.set(token);
    this.waiting.splice(0).forEach((resolve) => resolve(token));
  }

  /** Forgets the pasted token, as the server does not take it, and asks for another one. */
  refuse(): void {
    void this.askForToken('The server did not accept that token.');
  }

  private askForToken(problem: string | null): Promise<string> {
    remember('sessionStorage', key, null);
    this.refusal.set(problem);
    this.pasted.set(null);
    this.handsOutTokens.set(false);
    return new Promise((resolve) => this.waiting.push(resolve));
  }
}

function hasEnded(token: string): boolean {
  const expiresAt = readToken(token)?.expiresAt ?? null;
  return expiresAt !== null && expiresAt < Date.now();
}
