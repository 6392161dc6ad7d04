export { CollaborationStore, type EventListener } from './collaboration-store';
export { CollabConnectionHealth } from './connection-health/connection-health';
export { endingWords, isRunOver } from './connection-health/wording';
export { COLLAB_OPTIONS, type CollabOptions } from './options';
export { provideCollab } from './provide-collab';
