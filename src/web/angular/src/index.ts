export { CollaborationStore } from './collaboration-store';
export { CollabConnectionHealth } from './connection-health/connection-health';
export type { EventListener } from './event-listeners';
export { COLLAB_OPTIONS, type CollabOptions } from './options';
export { provideCollab } from './provide-collab';
