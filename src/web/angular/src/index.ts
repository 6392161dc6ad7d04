export { CollaborationStore, type EventListener } from './collaboration-store';
export { CollabConnectionHealth } from './connection-health/connection-health';
export { COLLAB_OPTIONS, type CollabOptions } from './options';
export { provideCollab } from './provide-collab';
