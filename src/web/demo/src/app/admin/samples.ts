import { Connection, isOpen, Reading } from './admin-contract';

/** How far back the charts go, in ms. */
export const span = 5 * 60_000;
/** How often a sample is taken, in ms. */
export const interval = 2000;
/** Readings further apart, in ms, have no rate between them: the tab was hidden, or the server gone. The lines break there. */
export const longestStep = 10_000;
/** So many samples are kept at most, however fast they come. */
export const maxSamples = span / interval + 1;

/** A point on each line. Null: not known at that moment. */
export interface Sample {
  readonly at: number;
  readonly connections: number;
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
    messagesIn: hasRate ? increase(reading.server.messagesProcessed, before.server.messagesProcessed) / seconds : null,
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

/** By how much a counter grew. One that went down belongs to a server that was started anew: it has counted from 0. */
function increase(now: number, before: number): number {
  return now >= before ? now - before : now;
}

/**
 * Connection by connection, as a sum over the list would fall whenever the server forgets one that ended. One that was not listed before
 * counts in full if it is newer than all that were; else it has only moved into the list, and what it had then is not known.
 */
function handedOver(reading: Reading, before: Reading): number {
  const isSameServer = reading.server.uptimeSeconds >= before.server.uptimeSeconds;
  const earlier = new Map((isSameServer ? before.connections : []).map((connection) => [connection.sessionId, connection]));
  const newest = Math.max(...Array.from(earlier.values(), (connection) => connection.connectedAt));
  return sum(reading.connections, (connection) => {
    const known = earlier.get(connection.sessionId);
    if (known) return increase(connection.messagesSent, known.messagesSent);
    return connection.connectedAt >= newest ? connection.messagesSent : 0;
  });
}

function sum(connections: readonly Connection[], of: (connection: Connection) => number): number {
  return connections.reduce((total, connection) => total + of(connection), 0);
}
