import type { QueueStorage } from '../../src/index.js';
import type { Page, PageSignal } from '../../src/testing.js';

/** Texts in memory, for as long as a test wants. */
export class MemoryStorage implements QueueStorage {
  readonly texts = new Map<string, string>();
  /** How many characters it holds, keys included. */
  room = Infinity;

  /** How many it holds now. */
  get used(): number {
    return size(this.texts);
  }

  load(key: string): string | null {
    return this.texts.get(key) ?? null;
  }

  save(key: string, value: string | null): void {
    if (value === null) {
      this.texts.delete(key);
      return;
    }
    if (size(new Map(this.texts).set(key, value)) > this.room) throw new Error('QuotaExceededError');
    this.texts.set(key, value);
  }
}

function size(texts: ReadonlyMap<string, string>): number {
  return [...texts].reduce((sum, [key, text]) => sum + key.length + text.length, 0);
}

/** A page to which things happen when a test says so. */
export class FakePage implements Page {
  readonly #listeners = new Set<(signal: PageSignal) => void>();
  online = true;

  get listeners(): number {
    return this.#listeners.size;
  }

  subscribe(listener: (signal: PageSignal) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  tell(signal: PageSignal): void {
    for (const listener of this.#listeners) listener(signal);
  }
}
