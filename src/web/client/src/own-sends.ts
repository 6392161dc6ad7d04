import type { CollaborationEvent } from './event.js';

const most = 1000;

/**
 * The newest sends of this client that were stored. What was published one after the other while away is based on the same event, and the
 * first of it would stand against the second.
 */
export class OwnSends {
  readonly #ids = new Set<string>();

  add(messageId: string): void {
    this.#ids.add(messageId.toLowerCase());
    const [oldest] = this.#ids;
    if (this.#ids.size > most && oldest !== undefined) this.#ids.delete(oldest);
  }

  /** Whether events are this client's, all of them. */
  areAll(events: readonly CollaborationEvent[]): boolean {
    return events.length > 0 && events.every(({ messageId }) => messageId !== null && this.#ids.has(messageId.toLowerCase()));
  }
}
