import { CollaborationEvent } from '@collab/client';

/** The events of one minute, newest first. */
export interface Minute {
  /** Its first millisecond. */
  readonly at: number;
  readonly events: readonly CollaborationEvent[];
}

/** The newest `limit` events that pass, newest first. `events` are ascending. */
export function newest(
  events: readonly CollaborationEvent[],
  passes: (event: CollaborationEvent) => boolean,
  limit: number,
): { readonly shown: readonly CollaborationEvent[]; readonly more: boolean } {
  const shown: CollaborationEvent[] = [];
  for (let i = events.length - 1; i >= 0; i--) {
    const event = events[i];
    if (!event || !passes(event)) continue;
    if (shown.length === limit) return { shown, more: true };
    shown.push(event);
  }
  return { shown, more: false };
}

/** Groups events, newest first, by the minute in which they were committed. */
export function byMinute(events: readonly CollaborationEvent[]): readonly Minute[] {
  const minutes: { at: number; events: CollaborationEvent[] }[] = [];
  for (const event of events) {
    const at = Math.floor(event.timestamp / 60_000) * 60_000;
    const last = minutes.at(-1);
    if (last?.at === at) last.events.push(event);
    else minutes.push({ at, events: [event] });
  }
  return minutes;
}
