import type { IHubProtocol } from '@microsoft/signalr';
import type { StateFailed, StateReducers } from './own-state.js';
import type { PublishSigner } from './publish-signer.js';
import type { QueueStorage } from './seams.js';

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
   * failed attempt. It is told the last token that was refused, null if none was: another one is wanted. Default: none; the user is signed
   * in by a cookie of the same site.
   */
  readonly token?: (refused: string | null) => Promise<string> | string;
  /**
   * Who the user is where no token says it (`sub`): with a cookie, or with tokens that are no JWTs. What waits to be sent belongs to a
   * user; where it is not known which, it is kept in memory only. Make another connection for another user.
   */
  readonly userId?: string;
  /** Keeps queued sends over a reload. Default: `localStorage` where there is one; null: memory only. */
  readonly storage?: QueueStorage | null;
  /**
   * The rules of states that the server's application adds, by name: with each event the client does what the server does, and
   * `snapshot.state['progress']` is the server's state. A state without a rule is in no live state.
   */
  readonly states?: StateReducers;
  /** Told of a rule of {@link states} that has thrown; its state stays as it was. Default: `console.error`. */
  readonly stateFailed?: StateFailed;
  /**
   * The keys with which the server signs events, each `id:secret` (`Collab:Signing:Key`): each event is checked as it is applied, and
   * `snapshot.wrong` names the first that is not as it was signed. Who has a key can sign: no key for a page that others open. Default:
   * none.
   */
  readonly signingKeys?: readonly string[];
  /** Signs what is published, where the server wants that (`Collab:Signing:Clients`). Default: nothing is signed. */
  readonly publishSigner?: PublishSigner;
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
  /**
   * How the hub's messages are written. Default: JSON. `new MessagePackHubProtocol()` of `@microsoft/signalr-protocol-msgpack` has fewer
   * bytes; what an application sees is the same.
   */
  readonly hubProtocol?: IHubProtocol;
}

/** How a {@link CollabClient} is made: what its connections and requests have in common. */
export type CollabClientOptions = Omit<RunConnectionOptions, 'runId'>;

/** The address of the server, without a slash at its end. */
export function baseAddress(url: string | undefined): string {
  const base = url ?? (typeof location === 'undefined' ? undefined : location.origin);
  if (base === undefined) throw new TypeError('Give `url`: there is no page to take the address from.');
  return base.replace(/\/+$/, '');
}
