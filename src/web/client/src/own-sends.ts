import type { CollaborationEvent } from './event.js';

const most = 1000;

/**
 * The newest sends of this client that were stored. What was published one after the other while away is based on the same event, and the
 * first of it would stand against the second.
 */
export class OwnSends {
  readonly #numbers = new Map<string, number>();
  readonly #known = new Set<number>();
  #newest = 0;

  add(messageId: string, sequenceNumber: number): void {
    this.#numbers.set(messageId.toLowerCase(), sequenceNumber);
    this.#known.add(sequenceNumber);
    this.#newest = Math.max(this.#newest, sequenceNumber);
    const [oldest] = this.#numbers;
    if (this.#numbers.size <= most || oldest === undefined) return;
    this.#numbers.delete(oldest[0]);
    this.#known.delete(oldest[1]);
  }

  /** What a send is based on, and what this client has sent itself directly after that. */
  withOwn(basedOn: number): number {
    let last = basedOn;
    while (this.#known.has(last + 1)) last++;
    return last;
  }

  /** Whether one of this client's own may stand against what is based on this, others' lying between them. */
  mayClash(basedOn: number): boolean {
    return this.#newest > basedOn;
  }

  /** Whether events are this client's, all of them. */
  areAll(events: readonly CollaborationEvent[]): boolean {
    return events.length > 0 && events.every(({ messageId }) => messageId !== null && this.#numbers.has(messageId.toLowerCase()));
  }
}
