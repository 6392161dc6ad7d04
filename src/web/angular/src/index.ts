export { CollabAvatar, type Attendance } from './avatar/avatar';
export { CollaborationStore, type EventListener } from './collaboration-store';
export { CollabConnectionHealth } from './connection-health/connection-health';
export { endingWords, isRunOver } from './connection-health/wording';
export { refusalWords } from './events/refusal';
export {
  CollabSentences,
  named,
  plain,
  provideEventTellings,
  quoted,
  type EventTelling,
  type EventTellings,
  type KindFilter,
  type Words,
} from './events/sentences';
export { CollabWords } from './events/words';
export { faces } from './look/faces';
export { clockTime, counted, fullTime, minuteTitle } from './look/format';
export { guarded } from './look/guarded';
export { hash } from './look/hash';
export { firstCharacters, isolated, isVisible, legible, wellFormed } from './look/text';
export { byName, called, initials, userColour, userColours, type Names } from './look/user';
export { COLLAB_OPTIONS, type CollabOptions } from './options';
export { CollabPresence } from './presence/presence';
export { provideCollab } from './provide-collab';
export { CollabScrubber } from './time-travel/scrubber';
export { CollabTimeTravel } from './time-travel/time-travel';
export { CollabTimeline } from './timeline/timeline';
