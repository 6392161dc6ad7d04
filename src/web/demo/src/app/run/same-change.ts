import { CollaborationEvent, PendingSend } from '@collab/client';

/** By which field events of a type are about the same step. */
const subjects: ReadonlyMap<string, string> = new Map([
  ['GRAFT', 'after'],
  ['PRUNE', 'stepId'],
  ['FLAG', 'stepId'],
]);

/**
 * The change of another that a refused one comes to: the very same was done to the same step, and nothing of the kind since, so that
 * there is nothing to decide. Null where there is something.
 */
export function sameChange({ status, eventType, data, error }: PendingSend): CollaborationEvent | null {
  const subject = subjects.get(eventType);
  if (status !== 'refused' || error?.code !== 'conflict' || subject === undefined) return null;
  const last = error.events.findLast((event) => event.eventType === eventType && event.data[subject] === data[subject]);
  return last !== undefined && isSame(last.data, data) ? last : null;
}

/** Null and absent are the same: a flag without a note. */
function isSame(a: Readonly<Record<string, unknown>>, b: Readonly<Record<string, unknown>>): boolean {
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].every((key) => (a[key] ?? null) === (b[key] ?? null));
}
