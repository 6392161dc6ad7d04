import type { Clock, Fetch, HubFactory, Page, QueueStorage } from './seams.js';

/** Milliseconds between polls where {@link RunConnectionOptions.pollIntervalMs} is not given. */
export const defaultPollIntervalMs = 2000;

/** How a {@link RunConnection} is made. Only `runId` is required. */
export interface RunConnectionOptions {
  /** A UUID. */
  readonly runId: string;
  /** Base address of the server, such as `https://collab.example.com`. Default: that of the page. */
  readonly url?: string;
  /**
   * Gets a token; asked again for every connect, before the old one expires, and after it was refused. If it rejects, that counts as a
   * failed attempt. Default: none; the user is signed in by a cookie of the same site.
   */
  readonly token?: () => Promise<string> | string;
  /**
   * Who the user is where no token says it (`sub`): with a cookie, or with tokens that are no JWTs. What waits to be sent belongs to a user;
   * where nobody knows which, it is kept in memory only. Make another connection for another user.
   */
  readonly userId?: string;
  /** Keeps queued sends over a reload. Default: `localStorage` where there is one; null: memory only. */
  readonly storage?: QueueStorage | null;
  /** Sends that may wait; past it a publish is rejected with `queue_full`. Default: 500. */
  readonly maxQueued?: number;
  /** Critical events kept in the snapshot. Default: 1000. */
  readonly maxEvents?: number;
  /** Failed attempts in a row before polling. Default: 5. */
  readonly fallbackAfter?: number;
  /** Milliseconds between polls. Default: 2000, {@link defaultPollIntervalMs}. */
  readonly pollIntervalMs?: number;
  /** Milliseconds between pings. Default: 10000. */
  readonly pingIntervalMs?: number;
  /**
   * Milliseconds to wait before the next attempt, which comes after `attempt` failed ones (at least 1). Default: full jitter, base 500 ms,
   * cap 15 s.
   */
  readonly backoff?: (attempt: number) => number;

  /** For tests: the clocks and timers. */
  readonly clock?: Clock;
  /** For tests: makes hub connections. Default: `@microsoft/signalr` over WebSockets. */
  readonly hub?: HubFactory;
  /** For tests: makes HTTP requests. Default: the global one. */
  readonly fetch?: Fetch;
  /** For tests: the page. Default: this page, where there is one. */
  readonly page?: Page;
  /** For tests: 0 up to 1. Default: `Math.random`. */
  readonly random?: () => number;
  /** For tests: what lasts as long as the tab. Default: `sessionStorage` where there is one. */
  readonly session?: QueueStorage | null;
}
