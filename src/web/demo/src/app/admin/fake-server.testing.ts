import { PipelineState } from '@collab/client';
import { Backlog, Connection, ConnectionHistory, FlightRecord, Server } from './admin-contract';
import { aHistory, answers } from './readings.testing';

/** A server in development with these connections, as `fetch` meets it. */
export class FakeServer {
  connections: Connection[] = [];
  /** The servers that it knows of; none: it is alone. */
  members: Server[] = [];
  /** What it remembers; null: it is of a version that does not. */
  history: ConnectionHistory | null = aHistory();
  /** What it remembers of a client; null: nothing. */
  flight: FlightRecord | null = null;
  /** What it has in its store. A 404: it tells nobody. */
  backlog: Backlog | null = { handlers: [], outbox: { depth: 0, oldestAgeMs: null, failedCount: 0, failed: [] } };
  /** What every run's events add up to; null: that cannot be read. */
  state: PipelineState | null = null;
  /** Answers everything but `/dev/token` so, if set; `gone`: does not answer at all. */
  refusal: number | 'gone' | null = null;
  /** Whether it hands out tokens. */
  isDevelopment = true;
  /** What it was asked, without the query: `DELETE /api/…`. */
  readonly asked: string[] = [];
  /** The tokens that came with the requests. */
  readonly tokens = new Set<string>();
  private handedOut = 0;

  /** How often the list of connections was read. */
  get readings(): number {
    return this.asked.filter((request) => request.endsWith('/metrics')).length;
  }

  /** To take the place of the browser's. */
  readonly fetch = (url: string, init?: RequestInit): Promise<Response> => {
    const [path = ''] = url.split('?');
    const method = init?.method ?? 'GET';
    this.asked.push(`${method} ${path}`);
    if (path === '/dev/token') return Promise.resolve(this.token(url));
    if (!path.endsWith('/state')) this.tokens.add(new Headers(init?.headers).get('authorization') ?? '');
    if (this.refusal === 'gone') return Promise.reject(new TypeError('fetch failed'));
    return Promise.resolve(this.refusal === null ? this.good(method, path) : new Response(null, { status: this.refusal }));
  };

  private token(url: string): Response {
    if (!this.isDevelopment) return new Response(null, { status: 404 });
    const token = url.endsWith('&admin=true') ? `token-${++this.handedOut}` : 'token-of-a-user';
    return Response.json({ token, expiresAt: new Date(Date.now() + 3_600_000).toISOString() });
  }

  private good(method: string, path: string): Response {
    if (path.endsWith('/state')) return this.state === null ? new Response(null, { status: 403 }) : Response.json(this.state);
    if (method === 'DELETE') return this.disconnect(path.split('/').at(-1) ?? '');
    if (/api\/admin\/(handlers|outbox)/.test(path)) return this.store(method, path);
    if (method === 'POST') return this.forget();
    if (path.includes('/flights/')) return this.flight === null ? new Response(null, { status: 404 }) : Response.json(this.flight);
    const { overview, health, cluster } = answers(this.connections, this.members);
    switch (path.replace('/api/admin/websocket/', '')) {
      case 'connections':
        return Response.json(overview);
      case 'health':
        return Response.json(health);
      case 'history':
        return this.history === null ? new Response(null, { status: 404 }) : Response.json(this.history);
      case 'metrics':
        return Response.json(this.connections, { headers: { 'X-Total-Count': String(this.connections.length) } });
      default:
        return Response.json(cluster);
    }
  }

  private disconnect(sessionId: string): Response {
    const found = this.connections.find((one) => one.sessionId === sessionId && one.disconnectedAt === null);
    if (!found) return new Response(null, { status: 404 });
    this.connections = this.connections.map((one) => (one === found ? { ...one, disconnectedAt: 1 } : one));
    return new Response(null, { status: 204 });
  }

  private store(method: string, path: string): Response {
    if (this.backlog === null) return new Response(null, { status: 404 });
    const { handlers, outbox } = this.backlog;
    if (method === 'GET') return Response.json(path.endsWith('handlers') ? handlers : outbox);
    const [, name, run] = /handlers\/(.+)\/runs\/(.+)\//.exec(path) ?? [];
    const row = /outbox\/(\d+)\//.exec(path)?.[1];
    const isThere =
      handlers.some((one) => one.name === decodeURIComponent(name ?? '') && one.parked.some(({ runId }) => runId === run)) ||
      outbox.failed.some(({ id }) => String(id) === row);
    if (!isThere) return new Response(null, { status: 404 });
    const left = handlers.map((one) => ({ ...one, parkedRuns: 0, parked: one.parked.filter(({ runId }) => runId !== run) }));
    const failed = outbox.failed.filter(({ id }) => String(id) !== row);
    this.backlog = {
      handlers: left.map((one) => ({ ...one, parkedRuns: one.parked.length })),
      outbox: { ...outbox, failed, failedCount: failed.length },
    };
    return new Response(null, { status: 204 });
  }

  private forget(): Response {
    const before = this.connections.length;
    this.connections = this.connections.filter((one) => one.disconnectedAt === null);
    return Response.json({ removed: before - this.connections.length });
  }
}
