import { emptyState, RunSnapshot } from '@collab/client';

/** What there is to show before `connect` is called. */
export const idleSnapshot: RunSnapshot = {
  runId: '',
  userId: null,
  canWrite: null,
  connection: { kind: 'idle' },
  isConnected: false,
  usingFallback: false,
  epoch: null,
  events: [],
  lastSequence: 0,
  oldestSequence: 0,
  truncated: false,
  state: emptyState,
  activeUsers: [],
  cursorPositions: {},
  health: { latencyMs: null, reconnectionCount: 0, messageDeliveryRate: 1, qualityScore: 0, status: 'UNHEALTHY', isHealthy: false },
  latencies: [],
  pending: [],
  queuedCount: 0,
};
