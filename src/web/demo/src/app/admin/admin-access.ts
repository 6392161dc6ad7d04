import { inject, Injectable } from '@angular/core';
import { Access } from '../identity/access';
import { Identity } from '../identity/identity';

/** A token this close to its end, in ms, is not used for a new request. */
const margin = 60_000;
/** An answer that takes longer, in ms, does not come any more. */
const timeout = 10_000;

/**
 * Where an administrator's token comes from: a server in development hands one out, anywhere else it is the one that was pasted, which then
 * must have the role.
 */
@Injectable({ providedIn: 'root' })
export class AdminAccess {
  private readonly access = inject(Access);
  private readonly identity = inject(Identity);
  private handedOut: { readonly token: string; readonly expiresAt: number } | null = null;

  /** A token for the next request. Waits for the user where one has to be pasted; fails if the server cannot be reached. */
  async token(): Promise<string> {
    if (this.access.hasPastedToken()) return this.access.token();
    if (this.handedOut !== null && this.handedOut.expiresAt - margin > Date.now()) return this.handedOut.token;
    const user = this.identity.userName() ?? this.identity.suggestion;
    const url = `/dev/token?user=${encodeURIComponent(user)}&access=*:write&admin=true`;
    const response = await fetch(url, { cache: 'no-store', signal: AbortSignal.timeout(timeout) });
    if (response.status === 404) return this.access.token();
    if (!response.ok) throw new Error(`No token: the server answered ${response.status}.`);
    const { token, expiresAt } = (await response.json()) as { token: string; expiresAt: string };
    this.handedOut = { token, expiresAt: Date.parse(expiresAt) };
    return token;
  }

  /** Forgets a token that the server did not take. A pasted one is asked for again; a server in development has a new key after each start. */
  refuse(): void {
    this.handedOut = null;
    if (this.access.hasPastedToken()) this.access.refuse();
  }
}
