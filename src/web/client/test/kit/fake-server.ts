import type { Fetch, Hub, HubFactory } from '../../src/testing.js';

/** Something that the client asked of the server, and that waits for an answer. */
export interface Request {
  /** `open`, a hub method, or `poll`, `state`, `post`, `batch`. */
  readonly name: string;
  /** The number of the hub connection, from 1; 0 over HTTP. */
  readonly connection: number;
  readonly token: string;
  /** Arguments of a hub method without the run; of a poll the position and what it says to have seen; of a post its body. */
  readonly details: readonly unknown[];
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** An HTTP answer. */
export interface HttpAnswer {
  readonly status: number;
  readonly body: unknown;
  readonly retryAfter?: number;
}

/** The server as the client sees it. It does nothing by itself: a test looks at what was asked, and answers. */
export class FakeServer {
  readonly hubs: FakeHub[] = [];
  /** What waits for an answer, oldest first. */
  readonly waiting: Request[] = [];
  /** What was asked since a test last looked. */
  asked: Request[] = [];

  readonly hub: HubFactory = (url, token) => {
    const hub = new FakeHub(this, this.hubs.length + 1, url, token ?? '');
    this.hubs.push(hub);
    return hub;
  };

  readonly fetch: Fetch = async (url, init) => {
    const { pathname, searchParams } = new URL(url);
    const token = new Headers(init.headers).get('Authorization')?.replace('Bearer ', '') ?? '';
    const name = pathname.endsWith('/events') ? 'post' : (pathname.split('/').pop() ?? '');
    const body: unknown = typeof init.body === 'string' ? JSON.parse(init.body) : null;
    const numbers = ['afterSequence', 'seen'].map((parameter) => searchParams.get(parameter)).filter((text) => text !== null);
    const details = name === 'post' || name === 'batch' ? [body] : name === 'poll' ? numbers.map(Number) : [];
    const answer = (await this.ask({ name, connection: 0, token, details }, init.signal ?? undefined)) as HttpAnswer;
    const headers = answer.retryAfter === undefined ? {} : { 'Retry-After': String(answer.retryAfter) };
    return new Response(typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body), { status: answer.status, headers });
  };

  ask(request: Omit<Request, 'resolve' | 'reject'>, signal?: AbortSignal): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const whole = { ...request, resolve, reject };
      this.asked.push(whole);
      this.waiting.push(whole);
      signal?.addEventListener('abort', () => {
        reject(new Error('aborted'));
      });
    });
  }

  /** Takes the oldest request of that name that waits. An answer may come long after whoever asked has gone. */
  take(matches: (request: Request) => boolean): Request | undefined {
    const index = this.waiting.findIndex(matches);
    return index < 0 ? undefined : this.waiting.splice(index, 1)[0];
  }
}

export class FakeHub implements Hub {
  readonly #server: FakeServer;
  readonly number: number;
  readonly url: string;
  readonly token: string;
  readonly #handlers = new Map<string, (...args: unknown[]) => void>();
  #onclose: (error?: Error, allowReconnect?: boolean | null) => void = () => undefined;
  hasEnded = false;

  constructor(server: FakeServer, number: number, url: string, token: string) {
    this.#server = server;
    this.number = number;
    this.url = url;
    this.token = token;
  }

  async start(): Promise<void> {
    await this.#ask('open', []);
  }

  stop(): Promise<void> {
    this.hasEnded = true;
    return Promise.resolve();
  }

  invoke(method: string, ...args: readonly unknown[]): Promise<unknown> {
    return this.#ask(method, method === 'Ping' ? args : args.slice(1));
  }

  send(method: string, ...args: readonly unknown[]): Promise<void> {
    this.#ask(method, args.slice(1)).catch(() => undefined);
    return Promise.resolve();
  }

  on(method: string, handler: (...args: unknown[]) => void): void {
    this.#handlers.set(method, handler);
  }

  onclose(handler: (error?: Error, allowReconnect?: boolean | null) => void): void {
    this.#onclose = handler;
  }

  /** The server calls the client. */
  call(method: string, ...args: unknown[]): void {
    this.#handlers.get(method)?.(...args);
  }

  /** The connection is lost. What was asked over it is answered no more, except by a test of late answers. */
  drop(message?: string, allowReconnect: boolean | null = null): void {
    this.hasEnded = true;
    this.#onclose(message === undefined ? undefined : new Error(message), allowReconnect);
  }

  #ask(name: string, details: readonly unknown[]): Promise<unknown> {
    return this.#server.ask({ name, connection: this.number, token: this.token, details });
  }
}
