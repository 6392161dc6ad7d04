import type { CollaborationEvent } from './event.js';

/** The newest critical events, ascending, never more than a bound. */
export class EventList {
  readonly #max: number;
  #events: CollaborationEvent[] = [];
  #shown: readonly CollaborationEvent[] | null = [];

  constructor(max: number) {
    this.#max = max;
  }

  /** An array that never changes; the same one until something does. */
  get shown(): readonly CollaborationEvent[] {
    return (this.#shown ??= Object.freeze(this.#events.slice(-this.#max)));
  }

  add(event: CollaborationEvent): void {
    this.#events.push(event);
    // Trimmed now and then, not with each event: that would move a thousand each time.
    if (this.#events.length > this.#max * 2) this.#events = this.#events.slice(-this.#max);
    this.#shown = null;
  }

  clear(): void {
    this.#events = [];
    this.#shown = [];
  }
}
