import type { Clock } from '../../src/testing.js';

interface Delay {
  readonly at: number;
  readonly action: () => void;
}

/** Lets every promise that can settle do so. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Time that passes when a test says so. */
export class FakeClock implements Clock {
  readonly #startedAt = 1_760_000_000_000;
  readonly #delays = new Set<Delay>();
  #elapsed: number;

  constructor(elapsed = 0) {
    this.#elapsed = elapsed;
  }

  now(): number {
    return this.#startedAt + this.#elapsed;
  }

  monotonic(): number {
    return this.#elapsed;
  }

  delay(action: () => void, ms: number): () => void {
    const delay = { at: this.#elapsed + ms, action };
    this.#delays.add(delay);
    return () => this.#delays.delete(delay);
  }

  /** How many delays run. */
  get pending(): number {
    return this.#delays.size;
  }

  /** Lets time pass; what falls due on the way happens at its time, and all that follows from it, before the next. */
  async advance(ms: number): Promise<void> {
    const until = this.#elapsed + ms;
    await settle();
    for (;;) {
      const due = [...this.#delays].filter((delay) => delay.at <= until).sort((a, b) => a.at - b.at)[0];
      if (due === undefined) break;
      this.#elapsed = Math.max(this.#elapsed, due.at);
      this.#delays.delete(due);
      due.action();
      await settle();
    }
    this.#elapsed = until;
  }
}
