import { EndingCode, HealthStatus } from '@collab/client';

/** By what way a client follows runs. */
export type ConnectionKind = 'websocket' | 'sse' | 'longpolling' | 'stream' | 'poll';

/** How one connection, stream or poll that waits fares, or fared. */
export interface Connection {
  readonly sessionId: string;
  readonly userId: string;
  /** The run it joined last. */
  readonly runId: string | null;
  readonly runIds: readonly string[];
  /** Unix ms, on the server's clock. */
  readonly connectedAt: number;
  /** Unix ms; null while it is open. */
  readonly disconnectedAt: number | null;
  readonly reconnectionCount: number;
  /** Events that the server handed to it. */
  readonly messagesSent: number;
  /** Publishes and cursor moves that came from it. */
  readonly messagesReceived: number;
  readonly messageFailures: number;
  /** Mean of the round trips that its client reported; null before the first. */
  readonly averageLatencyMs: number | null;
  readonly maxLatencyMs: number | null;
  /**
   * By how many events its client was behind when it said last what it has applied; null or absent: it has not said, or an older server.
   */
  readonly behind?: number | null | undefined;
  /** 0 to 1. */
  readonly messageDeliveryRate: number;
  /** 0 to 100. */
  readonly connectionQuality: number;
  readonly healthStatus: HealthStatus;
  readonly kind: ConnectionKind;
  /** Why the server ended it; null: it has not. */
  readonly reason: EndingCode | null;
  /** The name of the server that it is on; null: not told. */
  readonly server: string | null;
  /** By what the steps of its client are found; absent where a server is of a version that keeps none. */
  readonly traceId?: string | null;
}

/** One thing that became of a client's connections, as a server saw it. */
export interface FlightEntry {
  /** Unix ms, on that server's clock. */
  readonly at: number;
  readonly step: 'opened' | 'joined' | 'left' | 'ended' | 'closed';
  readonly kind: ConnectionKind;
  readonly sessionId: string;
  readonly userId: string;
  /** Of a run that was joined or left. */
  readonly runId: string | null;
  /** Why the server ended it. */
  readonly reason: EndingCode | null;
  /** In a sentence. */
  readonly cause: string | null;
  readonly server: string | null;
}

/** `GET /api/admin/websocket/flights/{traceId}`: the oldest first. */
export interface FlightRecord {
  readonly traceId: string;
  readonly entries: readonly FlightEntry[];
}

/** `GET /api/admin/websocket/connections` */
export interface Overview {
  readonly totalRuns: number;
  readonly totalConnections: number;
  readonly connectionsByRun: Readonly<Record<string, number>>;
}

/** `GET /api/admin/websocket/health`: the open connections together. */
export interface ConnectionsHealth {
  readonly totalConnections: number;
  readonly healthyConnections: number;
  readonly degradedConnections: number;
  readonly unhealthyConnections: number;
  readonly averageQualityScore: number;
  readonly overallHealth: HealthStatus;
}

/** One server, as the one that answers sees it. Counts begin with its start. */
export interface Server {
  /** Another one after each start. */
  readonly id: string;
  readonly name: string;
  readonly version: string;
  readonly uptimeSeconds: number;
  /** Hub connections that it holds. */
  readonly connections: number;
  readonly runs: number;
  /** How far it is on its way out. */
  readonly state: 'serving' | 'waiting' | 'closing' | 'drained';
  readonly messagesProcessed: number;
  readonly errors: number;
  /** Whether it is the one that answers. */
  readonly isSelf: boolean;
  /** If not, this is what it said last. */
  readonly hasAnswered: boolean;
  /** It has said goodbye. */
  readonly isLeaving: boolean;
  readonly heardAgoMs: number;
}

/** `GET /api/admin/servers` */
export interface Cluster {
  /** What carries news between them; null: there is only one. */
  readonly bus: string | null;
  readonly isBusConnected: boolean;
  readonly members: readonly Server[];
}

/** A run that a handler has given up, until an administrator lets it go on. */
export interface ParkedRun {
  readonly runId: string;
  /** The event that failed is the first one for the handler with this number or a higher one. */
  readonly sequenceNumber: number;
  readonly attempts: number;
  /** Unix ms, on the database's clock. */
  readonly parkedAt: number;
  readonly error: string;
}

/** `GET /api/admin/handlers`: how one handler of the application stands. */
export interface HandlerStatus {
  readonly name: string;
  /** Events that are committed and that it has not passed, parked runs left out. */
  readonly lag: number;
  readonly parkedRuns: number;
  /** How long ago a server said that it has it, in ms. */
  readonly seenAgoMs: number;
  /** The parked runs, the longest first; at most as many as were asked for. */
  readonly parked: readonly ParkedRun[];
}

/** An event of the outbox that cannot be published. */
export interface OutboxFailure {
  readonly id: number;
  readonly runId: string;
  readonly eventType: string;
  readonly userId: string;
  /** Unix ms, on the database's clock. */
  readonly createdAt: number;
  readonly failedAt: number;
  readonly error: string;
}

/** `GET /api/admin/outbox` */
export interface OutboxStatus {
  /** How many events wait to be moved into the log. */
  readonly depth: number;
  /** How long the first of them has waited; null if none waits. */
  readonly oldestAgeMs: number | null;
  readonly failedCount: number;
  /** The oldest first; at most as many as were asked for. */
  readonly failed: readonly OutboxFailure[];
}

/** What the store has for the application's handlers, and in its outbox. */
export interface Backlog {
  readonly handlers: readonly HandlerStatus[];
  readonly outbox: OutboxStatus;
}

/** How things stood at one moment, and what has happened in the interval before it. */
export interface HistorySample {
  /** Unix ms, by the servers' clocks. */
  readonly at: number;
  readonly connections: number;
  /** Event streams, and polls that waited. */
  readonly streams: number;
  readonly messagesIn: number;
  readonly messagesOut: number;
  readonly polls: number;
  readonly errors: number;
  readonly latencyP50: number | null;
  readonly latencyP95: number | null;
  /** What the servers ended, by the code of the reason. */
  readonly endings: Readonly<Record<string, number>>;
}

/** `GET /api/admin/websocket/history`: the last 15 minutes, as far as the servers remember them. */
export interface ConnectionHistory {
  /** When it was told, Unix ms by the server's clock. */
  readonly now: number;
  readonly intervalMs: number;
  /** Oldest first. */
  readonly samples: readonly HistorySample[];
}

/** Everything that was asked for at one moment. */
export interface Reading {
  /** When, in ms of a clock that never goes back. */
  readonly at: number;
  readonly overview: Overview;
  readonly health: ConnectionsHealth;
  readonly cluster: Cluster;
  /** The open connections, then those that ended lately, of either kind the newest first; at most as many as were asked for. */
  readonly connections: readonly Connection[];
  /** How many there are to list, asked for or not. */
  readonly listable: number;
}

export function isOpen(connection: Connection): boolean {
  return connection.disconnectedAt === null;
}
