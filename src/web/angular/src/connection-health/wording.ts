import { ConnectionState, EndingCode, FlightStep, HealthStatus } from '@collab/client';

/** How good a connection is, as a colour would say it. */
export type Tone = 'good' | 'waiting' | 'poor' | 'bad';

/** Whether a run has ended, and the connection stands or was let go for that. */
export function isRunOver(connection: ConnectionState, hasEnded: boolean): boolean {
  return hasEnded && (connection.kind === 'live' || (connection.kind === 'closed' && connection.error === null));
}

/** The connection in a word. `isBack`: it was away a moment ago. */
export function connectionWord(connection: ConnectionState, isBack: boolean): string {
  switch (connection.kind) {
    case 'idle':
    case 'connecting':
      return 'Connecting';
    case 'live':
      return isBack ? 'Reconnected' : 'Connected';
    case 'polling':
      return connection.reachable ? 'HTTP Polling' : 'Disconnected';
    case 'reconnecting':
    case 'closed':
      return 'Disconnected';
  }
}

export function connectionTone(connection: ConnectionState, status: HealthStatus): Tone {
  switch (connection.kind) {
    case 'idle':
    case 'connecting':
      return 'waiting';
    case 'live':
      return status === 'HEALTHY' ? 'good' : 'poor';
    case 'polling':
      return connection.reachable ? 'poor' : 'bad';
    case 'reconnecting':
    case 'closed':
      return 'bad';
  }
}

/** What to say while the WebSocket does not work: that updates come by polling, or that none come at all. */
export function fallbackWords(connection: ConnectionState, pollSeconds: number): string {
  const isReachable = connection.kind !== 'polling' || connection.reachable;
  return isReachable
    ? `Live connection blocked. Updates every ${pollSeconds} s.`
    : `The server does not answer. It is asked again every ${pollSeconds} s.`;
}

/** What became of a connection, in a word or two. */
export function stepWord(step: FlightStep): string {
  return stepWords[step];
}

const stepWords: Readonly<Record<FlightStep, string>> = {
  connecting: 'Connecting',
  connected: 'Connected',
  renewed: 'Connected with a new token',
  lost: 'Connection lost',
  failed: 'Attempt failed',
  polling: 'Polling over HTTP',
  unreachable: 'Poll failed',
  reachable: 'Polls are answered again',
  paused: 'Paused',
  offline: 'Offline',
  closed: 'Closed',
};

/** How events travel. */
export function transportName(connection: ConnectionState): string {
  switch (connection.kind) {
    case 'live':
      return 'WebSocket';
    case 'polling':
      return 'HTTP polling';
    case 'idle':
    case 'connecting':
    case 'reconnecting':
    case 'closed':
      return 'None';
  }
}

/** Why the server ended the connection, as a sentence for the user. */
export function endingWords(code: EndingCode): string {
  switch (code) {
    case 'slow':
      return 'This page could not keep up with what happens.';
    case 'expired':
      return 'The access token has expired.';
    case 'revoked':
      return 'Your right to see this run was taken away.';
    case 'kicked':
      return 'An administrator ended the connection.';
    case 'replaced':
      return 'The run was erased, or begins again.';
    case 'shutdown':
      return 'The server is restarting.';
    case 'too_many':
      return 'You have too many connections at a time.';
    case 'idle':
      return 'Nothing was heard from this page for too long.';
    case 'protocol':
      return 'The server does not understand this page.';
  }
}
