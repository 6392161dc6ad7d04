export { CollabError, type CollabErrorCode } from './errors.js';
export type { CollaborationEvent, PublishAck } from './event.js';
export { emptyState, foldState, type Flag, type Graft, type PipelineState } from './fold.js';
export { qualityScore, type ConnectionHealth, type HealthStatus } from './health.js';
export type { RunConnectionOptions } from './options.js';
export { RunConnection } from './run-connection.js';
export type { Clock, Fetch, Hub, HubFactory, Page, PageSignal, QueueStorage } from './seams.js';
export type { PendingSend, RunSnapshot } from './snapshot.js';
export type { ConnectionState } from './state.js';
