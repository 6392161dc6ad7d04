import { HealthStatus } from '@collab/client';
import { folded } from '../shared/folded';
import { runName } from '../shared/names';
import { Connection, isOpen } from './admin-contract';

/** What the table can be sorted by. */
export type SortKey =
  | 'userId'
  | 'runId'
  | 'connectedAt'
  | 'messagesReceived'
  | 'messagesSent'
  | 'messageFailures'
  | 'reconnectionCount'
  | 'averageLatencyMs'
  | 'maxLatencyMs'
  | 'behind'
  | 'messageDeliveryRate'
  | 'connectionQuality'
  | 'healthStatus';

export interface Sort {
  readonly key: SortKey;
  readonly descending: boolean;
}

/** Which connections are shown. */
export interface Filter {
  /** Part of a user, a run's name or id, a session's or a trace's id, or a server's name; in any case. */
  readonly text: string;
  /** Null: any. */
  readonly runId: string | null;
  /** Null: any. */
  readonly health: HealthStatus | null;
  /** Whether those that ended are shown too. */
  readonly ended: boolean;
}

/** From good to bad. */
export const healths: readonly HealthStatus[] = ['HEALTHY', 'DEGRADED', 'UNHEALTHY'];

/** What a run is called, by its id. */
export type NameOf = (runId: string) => string;

export function matching(connections: readonly Connection[], filter: Filter, nameOf: NameOf = runName): readonly Connection[] {
  const text = folded(filter.text).trim();
  return connections.filter(
    (connection) =>
      (filter.ended || isOpen(connection)) &&
      (filter.health === null || connection.healthStatus === filter.health) &&
      (filter.runId === null || connection.runIds.includes(filter.runId)) &&
      (text === '' || words(connection, nameOf).some((word) => folded(word).includes(text))),
  );
}

/** In order; what has no value is last whichever way, and equals stand by session so that they do not swap places. */
export function sorted(connections: readonly Connection[], { key, descending }: Sort, nameOf: NameOf = runName): readonly Connection[] {
  return [...connections].sort((one, other) => {
    const [a, b] = [valueOf(one, key, nameOf), valueOf(other, key, nameOf)];
    if (a === null || b === null) return Number(a === null) - Number(b === null) || bySession(one, other);
    const order = typeof a === 'string' || typeof b === 'string' ? String(a).localeCompare(String(b)) : a - b;
    return (descending ? -order : order) || bySession(one, other);
  });
}

/** In the order of `ids`, then what is new. */
export function inOrder(connections: readonly Connection[], ids: readonly string[]): readonly Connection[] {
  const places = new Map(ids.map((id, place) => [id, place]));
  const place = ({ sessionId }: Connection): number => places.get(sessionId) ?? ids.length;
  return [...connections].sort((one, other) => place(one) - place(other));
}

function valueOf(connection: Connection, key: SortKey, nameOf: NameOf): string | number | null {
  if (key === 'runId') return connection.runId === null ? null : nameOf(connection.runId);
  return key === 'healthStatus' ? healths.indexOf(connection.healthStatus) : (connection[key] ?? null);
}

function bySession(one: Connection, other: Connection): number {
  return one.sessionId < other.sessionId ? -1 : 1;
}

function words(connection: Connection, nameOf: NameOf): readonly string[] {
  return [
    connection.userId,
    connection.sessionId,
    connection.traceId ?? '',
    connection.server ?? '',
    ...connection.runIds.flatMap((runId) => [runId, nameOf(runId)]),
  ];
}
