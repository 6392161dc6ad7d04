import type { CollabError } from './errors.js';

/** How the client is connected: the one state machine. */
export type ConnectionState =
  /** `connect()` was not called yet. */
  | { readonly kind: 'idle' }
  /** The first attempt is under way. */
  | { readonly kind: 'connecting' }
  /** Events come over the WebSocket. */
  | { readonly kind: 'live' }
  /**
   * The WebSocket is gone or never came. `attempt`: which try comes next, from 1; `retryAt`: when, Unix milliseconds, null while it is
   * under way.
   */
  | { readonly kind: 'reconnecting'; readonly attempt: number; readonly retryAt: number | null }
  /** Events come by polling. `probing`: the WebSocket is being tried; `reachable`: whether the last poll succeeded. */
  | { readonly kind: 'polling'; readonly probing: boolean; readonly reachable: boolean }
  /** Over, by `close()` (null) or because the server will not have this client. `connect()` begins anew. */
  | { readonly kind: 'closed'; readonly error: CollabError | null };

/** What can happen to a connection. */
export type Signal =
  /** The application asks for it. */
  | { readonly kind: 'connect' }
  /** A try of the WebSocket begins. */
  | { readonly kind: 'attempt' }
  /** The join was answered over the WebSocket. */
  | { readonly kind: 'joined' }
  /**
   * A try failed, or the WebSocket was lost. `failures`: tries in a row that failed; `fallback`: poll from now on; `retryAt`: when the next
   * try comes.
   */
  | { readonly kind: 'failed'; readonly failures: number; readonly fallback: boolean; readonly retryAt: number }
  /** A poll came back, or did not. */
  | { readonly kind: 'polled'; readonly reachable: boolean }
  /** It is over. */
  | { readonly kind: 'close'; readonly error: CollabError | null };

/** The state after a signal. Pure; the same object where the signal changes nothing. */
export function next(state: ConnectionState, signal: Signal): ConnectionState {
  if (signal.kind === 'connect') return state.kind === 'idle' || state.kind === 'closed' ? { kind: 'connecting' } : state;
  if (state.kind === 'closed') return state;
  if (signal.kind === 'close') return { kind: 'closed', error: signal.error };
  if (state.kind === 'idle') return state;
  switch (signal.kind) {
    case 'attempt':
      return attempted(state);
    case 'joined':
      return state.kind === 'live' ? state : { kind: 'live' };
    case 'failed':
      if (state.kind === 'polling') return state.probing ? { ...state, probing: false } : state;
      if (signal.fallback) return { kind: 'polling', probing: false, reachable: false };
      return { kind: 'reconnecting', attempt: signal.failures + 1, retryAt: signal.retryAt };
    case 'polled':
      return state.kind === 'polling' && state.reachable !== signal.reachable ? { ...state, reachable: signal.reachable } : state;
  }
}

function attempted(state: ConnectionState): ConnectionState {
  if (state.kind === 'reconnecting') return state.retryAt === null ? state : { ...state, retryAt: null };
  if (state.kind === 'polling') return state.probing ? state : { ...state, probing: true };
  return state;
}
