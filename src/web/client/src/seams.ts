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
  /** Registers for the end of the connection. `allowReconnect`: what the server's close message says; null or absent where there was none. */
  onclose(handler: (error?: Error, allowReconnect?: boolean | null) => void): void;
}

/** Makes a hub connection. The token is null where the user is signed in by a cookie. */
export type HubFactory = (url: string, token: string | null) => Hub;

/**
 * What happens to the page that the client runs in. `resume`: it is seen again, or back online; `offline`: the browser believes so; `hide`:
 * it may be about to end.
 */
export type PageSignal = 'resume' | 'offline' | 'hide';

/** The page that the client runs in. */
export interface Page {
  /** False if the browser believes that it is offline. It may be wrong. */
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
