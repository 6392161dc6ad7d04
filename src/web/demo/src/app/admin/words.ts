import { EndingCode } from '@collab/client';
import { ConnectionKind, FlightEntry } from './admin-contract';

/** What is no WebSocket, as nearly all connections are, is told. */
export const kinds: Readonly<Record<ConnectionKind, string | null>> = {
  websocket: null,
  sse: 'by events',
  longpolling: 'by long polling',
  stream: 'stream',
  poll: 'poll',
};

/** Why the server ended a connection, after “ended 09:41, ”. */
export const endings: Readonly<Record<EndingCode, string>> = {
  slow: 'too slow',
  expired: 'token expired',
  revoked: 'right taken away',
  kicked: 'by an administrator',
  replaced: 'run erased',
  shutdown: 'server stopped',
  too_many: 'too many',
  idle: 'silent',
  protocol: 'not understood',
};

/** What became of a connection. */
export const steps: Readonly<Record<FlightEntry['step'], string>> = {
  opened: 'Opened',
  joined: 'Joined',
  left: 'Left',
  ended: 'Ended',
  closed: 'Closed',
};
