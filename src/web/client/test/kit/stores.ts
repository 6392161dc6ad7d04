import type { Page, PageSignal, QueueStorage } from '../../src/index.js';

/** Texts in memory, for as long as a test wants. */
export class MemoryStorage implements QueueStorage {
  readonly texts = new Map<string, string>();

  load(key: string): string | null {
    return this.texts.get(key) ?? null;
  }

  save(key: string, value: string | null): void {
    if (value === null) this.texts.delete(key);
    else this.texts.set(key, value);
  }
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
