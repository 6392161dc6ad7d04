import { inject, Injectable } from '@angular/core';
import { Access } from '../identity/access';
import { serverAddress } from '../shared/address';
import { HttpError, request } from '../shared/request';
import {
  Backlog,
  Cluster,
  Connection,
  ConnectionHistory,
  ConnectionsHealth,
  FlightRecord,
  HandlerStatus,
  OutboxStatus,
  Overview,
  Reading,
} from './admin-contract';

/** So many connections are listed at most: the page asks every two seconds, and nobody reads more. */
export const listLimit = 1000;
/** So many parked runs of each handler, and events of the outbox, are listed at most: whoever has more has one problem, not many. */
const stuckLimit = 20;

/** The administrators' API. Every method fails with an `HttpError` where the server answered something else than it was asked for. */
@Injectable({ providedIn: 'root' })
export class AdminApi {
  private readonly access = inject(Access);

  /** How the servers and their connections fare now. */
  async read(stop: AbortSignal): Promise<Reading> {
    const [overview, health, cluster, metrics] = await Promise.all([
      this.get<Overview>('api/admin/websocket/connections?limit=200', stop),
      this.get<ConnectionsHealth>('api/admin/websocket/health', stop),
      this.get<Cluster>('api/admin/servers', stop),
      this.ask('GET', `api/admin/websocket/metrics?limit=${listLimit}`, stop),
    ]);
    const connections = (await metrics.json()) as readonly Connection[];
    const listable = Number(metrics.headers.get('X-Total-Count') ?? connections.length);
    return { at: performance.now(), overview, health, cluster, connections, listable };
  }

  /** How the servers fared before. Null: they do not know the question, as of an older version. */
  readHistory(stop: AbortSignal): Promise<ConnectionHistory | null> {
    return orNull(this.get<ConnectionHistory>('api/admin/websocket/history', stop));
  }

  /** What the store has for handlers and in the outbox. */
  async readBacklog(stop: AbortSignal): Promise<Backlog> {
    const [handlers, outbox] = await Promise.all([
      this.get<readonly HandlerStatus[]>(`api/admin/handlers?limit=${stuckLimit}`, stop),
      this.get<OutboxStatus>(`api/admin/outbox?limit=${stuckLimit}`, stop),
    ]);
    return { handlers, outbox };
  }

  /** What became of a client's connections. Null: it is remembered no more. */
  readFlight(traceId: string, stop: AbortSignal): Promise<FlightRecord | null> {
    return orNull(this.get<FlightRecord>(`api/admin/websocket/flights/${encodeURIComponent(traceId)}`, stop));
  }

  /** Ends a connection. False: it was not open any more. */
  disconnect(sessionId: string): Promise<boolean> {
    return this.found('DELETE', `api/admin/websocket/connections/${encodeURIComponent(sessionId)}`);
  }

  /** Lets a handler go on with a run that it has given up: with the event that failed, or after it. False: it was not parked any more. */
  unpark(handler: string, runId: string, how: 'retry' | 'skip'): Promise<boolean> {
    return this.found('POST', `api/admin/handlers/${encodeURIComponent(handler)}/runs/${runId}/${how}`);
  }

  /** Lets an event of the outbox be tried again, or deletes it. False: it was not there any more. */
  settle(id: number, how: 'retry' | 'drop'): Promise<boolean> {
    return this.found('POST', `api/admin/outbox/${id}/${how}`);
  }

  /** Has the servers forget connections that ended; answers how many. */
  async forgetEnded(): Promise<number> {
    const response = await this.ask('POST', 'api/admin/websocket/cleanup-stale?maxAgeMs=0');
    return ((await response.json()) as { removed: number }).removed;
  }

  /** Asks for a change. False: what was to be changed is not there. */
  private async found(method: string, path: string): Promise<boolean> {
    return (await orNull(this.ask(method, path))) !== null;
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

/** Null where the server has no such thing. */
async function orNull<T>(answer: Promise<T>): Promise<T | null> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof HttpError && error.status === 404) return null;
    throw error;
  }
}
