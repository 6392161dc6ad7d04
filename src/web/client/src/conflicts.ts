import type { CollaborationEvent } from './event.js';

/** Reads what stood against a publish, as the server says it or as it was kept; what is no event of a run is left out. */
export function readConflicts(value: unknown): readonly CollaborationEvent[] {
  return Array.isArray(value) ? value.filter(isStored) : [];
}

function isStored(value: unknown): value is CollaborationEvent {
  const { sequenceNumber, eventType, userId, data } = (value ?? {}) as Partial<Record<keyof CollaborationEvent, unknown>>;
  return (
    Number.isSafeInteger(sequenceNumber) &&
    typeof eventType === 'string' &&
    typeof userId === 'string' &&
    typeof data === 'object' &&
    data !== null
  );
}
