import { Connection, isOpen, Reading, Server } from './admin-contract';

/** How far back the charts go, in ms. */
export const span = 15 * 60_000;
/** How often a sample is taken, in ms. */
export const interval = 2000;
/** Readings further apart, in ms, have no rate between them: the tab was hidden, or the server gone. */
export const longestStep = 10_000;
/** Where samples are further apart, in ms, the lines break: two of those that the servers remember are missing. */
export const longestGap = 25_000;
/** So many samples are kept at most, however fast they come. */
export const maxSamples = span / interval + 1;

/** A point on each line. Null: not known at that moment. */
export interface Sample {
  readonly at: number;
  readonly connections: number;
  /** Event streams, and polls that wait. */
  readonly streams: number;
  /** Publishes and cursor moves that arrived, by hub or HTTP, per second. */
  readonly messagesIn: number | null;
  /** Events handed to the listed connections, per second. */
  readonly messagesOut: number | null;
  /** Of the open connections' mean round trips, in ms. */
  readonly latencyP50: number | null;
  readonly latencyP95: number | null;
}

/** What a reading amounts to, given the one before it. */
export function sampleOf(reading: Reading, before: Reading | null): Sample {
  const latencies = reading.connections.filter(isOpen).flatMap(({ averageLatencyMs }) => averageLatencyMs ?? []);
  const seconds = before === null ? 0 : (reading.at - before.at) / 1000;
  const hasRate = before !== null && seconds > 0 && seconds * 1000 <= longestStep;
  return {
    at: reading.at,
    connections: reading.health.totalConnections,
    streams: Math.max(0, reading.overview.totalConnections - reading.health.totalConnections),
    messagesIn: hasRate ? arrived(reading, before) / seconds : null,
    messagesOut: hasRate ? handedOver(reading, before) / seconds : null,
    latencyP50: percentile(latencies, 50),
    latencyP95: percentile(latencies, 95),
  };
}

/** The samples with one more, without those that are too old or too many. */
export function keep(samples: readonly Sample[], next: Sample): readonly Sample[] {
  return [...samples, next].filter((sample) => sample.at >= next.at - span).slice(-maxSamples);
}

/** The smallest value that at least `percent` of them do not exceed (nearest rank); null for none. */
export function percentile(values: readonly number[], percent: number): number | null {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)] ?? null;
}

/** By how much a counter grew. One that went down has begun at 0 again. */
function increase(now: number, before: number): number {
  return now >= before ? now - before : now;
}

/** Server by server. One that was not there, or did not answer, counts only if all that it has is new. */
function arrived(reading: Reading, before: Reading): number {
  const earlier = new Map(before.cluster.members.map((server) => [server.id, server]));
  return reading.cluster.members.reduce((total, server) => {
    const known = earlier.get(server.id);
    if (known?.hasAnswered === true) return total + increase(server.messagesProcessed, known.messagesProcessed);
    return known === undefined && isNew(server, reading, before) ? total + server.messagesProcessed : total;
  }, 0);
}

/** A server that has begun since the reading before. */
function isNew(server: Server, reading: Reading, before: Reading): boolean {
  return server.uptimeSeconds <= (reading.at - before.at) / 1000 + 1;
}

/**
 * Connection by connection, as a sum over the list would fall whenever a server forgets one that ended. One that was not listed before
 * counts in full if it is newer than all of its server that were; else it has only moved into the list, and what it had then is not known.
 */
function handedOver(reading: Reading, before: Reading): number {
  const earlier = new Map(before.connections.map((connection) => [connection.sessionId, connection]));
  const newest = new Map<string | null, number>();
  for (const { server, connectedAt } of before.connections) newest.set(server, Math.max(newest.get(server) ?? 0, connectedAt));
  const told = new Set(before.cluster.members.filter((server) => server.hasAnswered).map(({ name }) => name));
  for (const server of reading.cluster.members) if (isNew(server, reading, before)) told.add(server.name);
  return sum(reading.connections, (connection) => {
    const known = earlier.get(connection.sessionId);
    if (known) return increase(connection.messagesSent, known.messagesSent);
    const { server } = connection;
    if (server !== null && !told.has(server)) return 0;
    return connection.connectedAt >= (newest.get(server) ?? 0) ? connection.messagesSent : 0;
  });
}

function sum(connections: readonly Connection[], of: (connection: Connection) => number): number {
  return connections.reduce((total, connection) => total + of(connection), 0);
}
