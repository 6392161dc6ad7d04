import { Cluster, Connection, ConnectionHistory, ConnectionsHealth, Overview, Reading, Server } from './admin-contract';

export const run = '550e8400-e29b-41d4-a716-446655440000';

/** A healthy open connection of ana, unless told otherwise. */
export function aConnection(sessionId: string, part: Partial<Connection> = {}): Connection {
  return {
    sessionId,
    userId: 'ana',
    runId: run,
    runIds: [run],
    connectedAt: 1_760_000_000_000,
    disconnectedAt: null,
    reconnectionCount: 0,
    messagesSent: 0,
    messagesReceived: 0,
    messageFailures: 0,
    averageLatencyMs: null,
    maxLatencyMs: null,
    messageDeliveryRate: 1,
    connectionQuality: 100,
    healthStatus: 'HEALTHY',
    kind: 'websocket',
    reason: null,
    server: 'one:1',
    ...part,
  };
}

/** A server that has run for a minute and answers, unless told otherwise. */
export function aServer(name: string, part: Partial<Server> = {}): Server {
  return {
    id: name,
    name,
    version: '0.1.0',
    uptimeSeconds: 60,
    connections: 0,
    runs: 0,
    state: 'serving',
    messagesProcessed: 0,
    errors: 0,
    isSelf: false,
    hasAnswered: true,
    isLeaving: false,
    heardAgoMs: 0,
    ...part,
  };
}

/** The last half minute: seven connections, and two streams, of which three were ended. */
export function aHistory(): ConnectionHistory {
  const now = 1_760_000_000_000;
  const before = (seconds: number, endings: Readonly<Record<string, number>>) => ({
    at: now - seconds * 1000,
    connections: 7,
    streams: 2,
    messagesIn: 30,
    messagesOut: 120,
    polls: 5,
    errors: 0,
    latencyP50: 12,
    latencyP95: 40,
    endings,
  });
  return { now, intervalMs: 10_000, samples: [before(30, { slow: 1 }), before(20, {}), before(10, { slow: 1, idle: 1 })] };
}

/** What servers with these connections answer. */
export function answers(
  connections: readonly Connection[],
  members: readonly Server[] = [],
): { overview: Overview; health: ConnectionsHealth; cluster: Cluster } {
  const open = connections.filter((connection) => connection.disconnectedAt === null).length;
  return {
    overview: { totalRuns: 1, totalConnections: open, connectionsByRun: { [run]: open } },
    health: {
      totalConnections: open,
      healthyConnections: open,
      degradedConnections: 0,
      unhealthyConnections: 0,
      averageQualityScore: 100,
      overallHealth: 'HEALTHY',
    },
    cluster: {
      bus: members.length > 1 ? 'postgres' : null,
      isBusConnected: members.length > 1,
      members: members.length > 0 ? members : [aServer('one:1', { isSelf: true, connections: open })],
    },
  };
}

/** A reading `seconds` after the page was opened, at which the server has run for a minute more. */
export function aReading(seconds: number, connections: readonly Connection[], server: Partial<Server> = {}): Reading {
  const self = aServer('one:1', { isSelf: true, uptimeSeconds: 60 + seconds, ...server });
  return { ...answers(connections, [self]), at: seconds * 1000, connections, listable: connections.length };
}
