import { ConnectionState, HealthStatus } from '@collab/client';

/** How good a connection is, as a colour would say it. */
export type Tone = 'good' | 'waiting' | 'poor' | 'bad';

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
