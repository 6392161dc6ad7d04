import { CollaborationEvent } from '@collab/client';

/** Hears of each event once, critical ones in order; `replayed` are those from before this page came to the run. */
export type EventListener = (event: CollaborationEvent, origin: 'live' | 'replayed') => void;

/** Calls listeners as the client itself does: one that throws keeps nothing from the others, and its error surfaces as an unhandled one. */
export class EventListeners {
  private readonly listeners = new Set<EventListener>();

  /** Returns what ends it. */
  add(listener: EventListener): () => void {
    // A function of its own, so that one listener can be added twice.
    const own: EventListener = (event, origin) => listener(event, origin);
    this.listeners.add(own);
    return () => this.listeners.delete(own);
  }

  readonly call: EventListener = (event, origin) => {
    for (const listener of [...this.listeners]) {
      if (!this.listeners.has(listener)) continue;
      try {
        listener(event, origin);
      } catch (error) {
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  };
}
