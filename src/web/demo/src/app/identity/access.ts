import { computed, inject, Injectable, isDevMode, signal } from '@angular/core';
import { serverAddress } from '../shared/address';
import { problemOf, request, SilentServer } from '../shared/request';
import { recall, remember } from '../shared/storage';
import { DevelopmentTokens } from './development-tokens';
import { Identity } from './identity';
import { mayWrite, readToken } from './jwt';

const key = 'collab.token';

/**
 * Where the page's tokens come from. A server in development hands them out at `/dev/token`; any other answers 404 there, and the user
 * pastes one, which lasts as long as the tab.
 */
@Injectable({ providedIn: 'root' })
export class Access {
  private readonly identity = inject(Identity);
  private readonly development = inject(DevelopmentTokens);
  private readonly pasted = signal(recall('sessionStorage', key));
  private readonly handsOutTokens = signal<boolean | null>(null);
  private readonly wasAsked = signal(false);
  private readonly refusal = signal<string | null>(null);
  /** The token given out last, an administrator's apart. */
  private readonly newest = signal<string | null>(null);
  private readonly isChosen = signal(false);
  private readonly failed = signal<string | null>(null);
  private changed: (isAnother: boolean) => void = () => undefined;
  /** Who waits for a token that is to be pasted: one promise for all, however often it is asked for. */
  private pasting: Promise<string> | null = null;
  private resolvePasting: (token: string) => void = () => undefined;

  /** Whether the server hands out tokens, which only a server in development does; also true in a development build. */
  readonly isDevelopment = computed(() => isDevMode() || this.handsOutTokens() === true);
  /** Whether the user has to paste a token before anything can be read. */
  readonly isTokenNeeded = computed(() => this.pasted() === null && this.handsOutTokens() === false);
  /**
   * Whether the user has to say what to call them: where they have no name, and the server makes a token of any. Not before that is known.
   */
  readonly isNameNeeded = computed(
    () => this.identity.userName() === null && this.pasted() === null && this.handsOutTokens() !== false && this.wasAsked(),
  );
  /** Whether the user is asked to paste a token: because one is needed, or because they chose to. */
  readonly isAsking = computed(() => this.isTokenNeeded() || this.isChosen());
  /** Whether there is a token to go on with if the user pastes none. */
  readonly isOptional = computed(() => this.isChosen() && !this.isTokenNeeded());
  /** Whether a pasted token is in use. */
  readonly hasPastedToken = computed(() => this.pasted() !== null);
  /** What is wrong with the token that was pasted last; null if nothing is. */
  readonly problem = this.refusal.asReadonly();

  /** Why there was no token last time, where it was not the server that kept silent; null if there was one. */
  readonly failure = this.failed.asReadonly();

  /** A token for the next request. Waits for the user where one has to be pasted; fails if the server cannot be reached. */
  async token(role: 'user' | 'admin' = 'user'): Promise<string> {
    const token = await this.find(role === 'admin').catch((error: unknown) => {
      this.failed.set(error instanceof SilentServer ? null : problemOf(error));
      throw error;
    });
    this.failed.set(null);
    if (role === 'user') this.newest.set(token);
    return token;
  }

  /** Finds out whether the server hands out tokens: else a name is of no use, for the token that is pasted has one. Never fails. */
  async look(): Promise<void> {
    if (this.pasted() === null && this.handsOutTokens() === null) {
      const token = await this.development.get(this.identity.suggestion, false).catch(() => undefined);
      if (token !== undefined) this.handsOutTokens.set(token !== null);
    }
    this.wasAsked.set(true);
  }

  /** As `token`, for somebody who has one already and needs another: what was kept may be what the server does not take. */
  fresh(): Promise<string> {
    this.development.forget(this.newest() ?? '');
    return this.token();
  }

  /** What a user signs publishes with, where a server in development has handed it out with the token in use; null: nothing. */
  signingSecret(userId: string): string | null {
    const token = this.newest() ?? '';
    return readToken(token)?.sub === userId ? this.development.secretOf(token) : null;
  }

  /** Whether the token in use gives the right to change a run; null if it does not say. */
  mayWrite(runId: string): boolean | null {
    const claims = readToken(this.newest() ?? '');
    return claims && mayWrite(claims, runId);
  }

  /** Uses a pasted token from now on, unless it cannot be one: then `problem` says so. */
  paste(text: string): void {
    const token = text.trim().replace(/^bearer\s+/i, '');
    this.refusal.set(readToken(token) === null ? 'That is not a JWT with a sub claim.' : null);
    if (this.refusal() !== null) return;
    remember('sessionStorage', key, token);
    this.pasted.set(token);
    this.settle(true);
    this.resolvePasting(token);
    this.pasting = null;
  }

  /** Lets the user paste another token. Completes with whether they did; until then, and else, the old one stays in use. */
  change(): Promise<boolean> {
    this.settle(false);
    this.refusal.set(null);
    this.isChosen.set(true);
    return new Promise((resolve) => (this.changed = resolve));
  }

  /** The user pastes no other token. */
  keep(): void {
    this.settle(false);
  }

  /** The server did not take this token: it is not used again, and if the user pasted it they are asked for another one. */
  refuse(token: string): void {
    this.development.forget(token);
    if (token === this.pasted())
      void this.askForToken(hasEnded(token) ? 'That token has expired.' : 'The server did not accept that token.');
  }

  private async find(isAdmin: boolean): Promise<string> {
    if (this.pasted() === null) {
      const token = await this.development.get(this.identity.userName() ?? this.identity.suggestion, isAdmin);
      if (token !== null) {
        this.handsOutTokens.set(true);
        return token;
      }
    }
    // It may have been pasted while the server was asked.
    const pasted = this.pasted();
    if (pasted === null) return this.askForToken(null);
    return hasEnded(pasted) && (await this.isRefused(pasted)) ? this.askForToken('That token has expired.') : pasted;
  }

  /** Asked where a token has ended by this machine's clock: that may be hours off, and the server decides. */
  private async isRefused(token: string): Promise<boolean> {
    const headers = { authorization: `Bearer ${token}` };
    return (await request(serverAddress('api/runs?limit=1'), { headers })).status === 401;
  }

  private settle(isAnother: boolean): void {
    this.isChosen.set(false);
    this.changed(isAnother);
    this.changed = () => undefined;
  }

  private askForToken(problem: string | null): Promise<string> {
    remember('sessionStorage', key, null);
    // Whoever only asks again while the user reads what is wrong takes nothing away.
    if (problem !== null) this.refusal.set(problem);
    this.pasted.set(null);
    this.handsOutTokens.set(false);
    return (this.pasting ??= new Promise((resolve) => (this.resolvePasting = resolve)));
  }
}

/** By this machine's clock. */
function hasEnded(token: string): boolean {
  const expiresAt = readToken(token)?.expiresAt ?? null;
  return expiresAt !== null && expiresAt < Date.now();
}
