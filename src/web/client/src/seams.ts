import type { IHubProtocol } from '@microsoft/signalr';

/** The clocks and timers that the client uses. */
export interface Clock {
  /** Unix milliseconds. */
  now(): number;
  /** Milliseconds since some moment; never goes back, whatever becomes of the wall clock. */
  monotonic(): number;
  /** Calls once, after a time in milliseconds. Returns what ends the wait. */
  delay(action: () => void, ms: number): () => void;
}

/** One hub connection, not started yet: what the client needs of SignalR's. */
export interface Hub {
  /** Connects; rejects if that fails. */
  start(): Promise<void>;
  /** Disconnects; never rejects. */
  stop(): Promise<void>;
  /** Calls a method and waits for its answer. */
  invoke(method: string, ...args: readonly unknown[]): Promise<unknown>;
  /** Calls a method and waits for nothing. */
  send(method: string, ...args: readonly unknown[]): Promise<void>;
  /** Registers for a call by the server. */
  on(method: string, handler: (...args: unknown[]) => void): void;
  /**
   * Registers for the end of the connection. `allowReconnect`: what the server's close message says; null or absent where there was none.
   */
  onclose(handler: (error?: Error, allowReconnect?: boolean | null) => void): void;
}

/** Makes a hub connection. The token is null where the user is signed in by a cookie; without a protocol it is JSON. */
export type HubFactory = (url: string, token: string | null, protocol?: IHubProtocol) => Hub;

/**
 * What happens to the page that the client runs in. `resume`: it is seen again, or back online; `offline`: the browser says so; `hide`:
 * it may be about to end.
 */
export type PageSignal = 'resume' | 'offline' | 'hide';

/** The page that the client runs in. */
export interface Page {
  /** False: there is no network, though a server on this device is there all the same. True says nothing. */
  readonly online: boolean;
  /** Tells what happens, until the returned function is called. */
  subscribe(listener: (signal: PageSignal) => void): () => void;
}

/** Makes an HTTP request, as the global `fetch` does. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/** Where texts are kept by key. Whatever it throws means that it cannot keep anything now. */
export interface QueueStorage {
  load(key: string): string | null;
  /** null: forget it. */
  save(key: string, value: string | null): void;
}

/** What the client finds around it, and tests put in its place. */
export interface Seams {
  /** The clocks and timers. */
  readonly clock: Clock;
  /** Makes hub connections. */
  readonly hub: HubFactory;
  /** Makes HTTP requests. */
  readonly fetch: Fetch;
  /** The page. */
  readonly page: Page;
  /** 0 up to 1. */
  readonly random: () => number;
  /** What lasts as long as the tab; null: nothing does. */
  readonly session: QueueStorage | null;
}

/** Under which key options carry them: no name that an application could give by mistake, and a copy of the options has it too. */
const key = Symbol('collab.seams');

/** Options with other surroundings than the real ones. */
export function withSeams<T extends object>(options: T, seams: Partial<Seams>): T {
  return { ...options, [key]: { ...seamsOf(options), ...seams } };
}

/** The surroundings that options carry; none where they are the real ones. */
export function seamsOf(options: object): Partial<Seams> {
  return (options as { readonly [key]?: Partial<Seams> })[key] ?? {};
}
