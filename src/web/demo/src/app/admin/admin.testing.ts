import { Connection, ConnectionsHealth, Overview, Reading, ServerHealth } from './admin-contract';

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
    ...part,
  };
}

/** What a server with these connections answers. */
export function answers(connections: readonly Connection[]): { overview: Overview; health: ConnectionsHealth; server: ServerHealth } {
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
    server: { totalConnections: open, activeConnections: open, messagesProcessed: 0, errors: 0, uptimeSeconds: 60 },
  };
}

/** A reading `seconds` after the page was opened, at which the server has run for a minute more. */
export function aReading(seconds: number, connections: readonly Connection[], server: Partial<ServerHealth> = {}): Reading {
  const all = answers(connections);
  return {
    ...all,
    at: seconds * 1000,
    server: { ...all.server, uptimeSeconds: 60 + seconds, ...server },
    connections,
    listable: connections.length,
  };
}
