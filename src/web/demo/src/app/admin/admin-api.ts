import { inject, Injectable } from '@angular/core';
import { Access } from '../identity/access';
import { serverAddress } from '../shared/address';
import { HttpError, request } from '../shared/request';
import { Connection, ConnectionsHealth, Overview, Reading, ServerHealth } from './admin-contract';

/** So many connections are listed at most: the page asks every two seconds, and nobody reads more. */
export const listLimit = 1000;

/** The administrators' API. Every method fails with an `HttpError` where the server answered something else than it was asked for. */
@Injectable({ providedIn: 'root' })
export class AdminApi {
  private readonly access = inject(Access);

  /** How the server and its connections fare now. */
  async read(stop: AbortSignal): Promise<Reading> {
    const [overview, health, server, metrics] = await Promise.all([
      this.get<Overview>('api/admin/websocket/connections?limit=200', stop),
      this.get<ConnectionsHealth>('api/admin/websocket/health', stop),
      this.get<ServerHealth>('api/health/websocket', stop),
      this.ask('GET', `api/admin/websocket/metrics?limit=${listLimit}`, stop),
    ]);
    const connections = (await metrics.json()) as readonly Connection[];
    const listable = Number(metrics.headers.get('X-Total-Count') ?? connections.length);
    return { at: performance.now(), overview, health, server, connections, listable };
  }

  /** Ends a connection. False: it was not open any more. */
  async disconnect(sessionId: string): Promise<boolean> {
    try {
      await this.ask('DELETE', `api/admin/websocket/connections/${encodeURIComponent(sessionId)}`);
      return true;
    } catch (error) {
      if (error instanceof HttpError && error.status === 404) return false;
      throw error;
    }
  }

  /** Has the server forget connections that ended; answers how many. */
  async forgetEnded(): Promise<number> {
    const response = await this.ask('POST', 'api/admin/websocket/cleanup-stale?maxAgeMs=0');
    return ((await response.json()) as { removed: number }).removed;
  }

  private async get<T>(path: string, stop: AbortSignal): Promise<T> {
    return (await (await this.ask('GET', path, stop)).json()) as T;
  }

  private async ask(method: string, path: string, stop?: AbortSignal): Promise<Response> {
    // First the token: a user who pastes one takes longer than any server.
    const token = await this.access.token('admin');
    const response = await request(serverAddress(path), { method, headers: { authorization: `Bearer ${token}` } }, stop);
    if (response.status === 401) this.access.refuse(token);
    if (!response.ok) throw new HttpError(response.status);
    return response;
  }
}
