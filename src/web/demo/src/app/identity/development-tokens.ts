import { Injectable } from '@angular/core';
import { serverAddress } from '../shared/address';
import { HttpError, request } from '../shared/request';
import { lifetimeOf } from './jwt';

/** A token this close to its end, in ms, is not used for a new request. */
const margin = 60_000;

interface HandedOut {
  readonly token: string;
  /** What its user signs publishes with; null where the server hands out none. */
  readonly signingSecret: string | null;
  /** By the clock of `performance.now()`: the wall clock may be hours off. */
  readonly endsAt: number;
}

interface Answer {
  readonly token: string;
  readonly expiresAt: string;
  readonly signingSecret?: string;
}

/**
 * The tokens that a server in development hands out at `/dev/token`, each kept until it ends or the server does not take it any more: the
 * server has another key once its data were deleted.
 */
@Injectable({ providedIn: 'root' })
export class DevelopmentTokens {
  private readonly kept = new Map<string, HandedOut>();
  private readonly asking = new Map<string, Promise<HandedOut | null>>();

  /** Null where the server hands out none; fails if it cannot be reached. */
  async get(user: string, isAdmin: boolean): Promise<string | null> {
    const url = serverAddress(`dev/token?user=${encodeURIComponent(user)}&access=*:write&admin=${isAdmin}`);
    const known = this.kept.get(url);
    if (known !== undefined && known.endsAt - margin > performance.now()) return known.token;
    let answer = this.asking.get(url);
    if (answer === undefined) {
      // Whoever else asks meanwhile gets the same answer.
      answer = this.ask(url).finally(() => this.asking.delete(url));
      this.asking.set(url, answer);
    }
    return (await answer)?.token ?? null;
  }

  /** What came with a token to sign publishes with; null: nothing. */
  secretOf(token: string): string | null {
    return [...this.kept.values()].find((known) => known.token === token)?.signingSecret ?? null;
  }

  /** Forgets a token that was handed out. */
  forget(token: string): void {
    for (const [url, known] of this.kept) if (known.token === token) this.kept.delete(url);
  }

  private async ask(url: string): Promise<HandedOut | null> {
    const response = await request(url, { cache: 'no-store' });
    if (response.status === 404) return null;
    if (!response.ok) throw new HttpError(response.status);
    const { token, expiresAt, signingSecret = null } = (await response.json()) as Answer;
    const handedOut = { token, signingSecret, endsAt: performance.now() + (lifetimeOf(token) ?? Date.parse(expiresAt) - Date.now()) };
    this.kept.set(url, handedOut);
    return handedOut;
  }
}
