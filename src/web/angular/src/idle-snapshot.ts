import { emptyState, RunSnapshot } from '@collab/client';

/** As the client's maps: without a prototype, in which a user called `constructor` would be found. */
const nothing = Object.create(null) as Readonly<Record<string, never>>;

/** What there is to show before `connect` is called. */
export const idleSnapshot: RunSnapshot = {
  runId: '',
  userId: null,
  canWrite: null,
  connection: { kind: 'idle' },
  reason: null,
  isConnected: false,
  usingFallback: false,
  epoch: null,
  ended: false,
  outcome: null,
  branchedFrom: null,
  wrong: null,
  events: [],
  lastSequence: 0,
  oldestSequence: 0,
  truncated: false,
  state: emptyState,
  activeUsers: [],
  userNames: nothing,
  cursorPositions: nothing,
  seen: nothing,
  agents: [],
  health: { latencyMs: null, reconnectionCount: 0, messageDeliveryRate: 1, qualityScore: 0, status: 'UNHEALTHY', isHealthy: false },
  latencies: [],
  pending: [],
  conflicts: [],
  queuedCount: 0,
};
