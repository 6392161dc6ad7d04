import type { Clock } from './seams.js';

/** The clocks of this machine. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  delay: (action, ms) => {
    const id = setTimeout(action, ms);
    return () => {
      clearTimeout(id);
    };
  },
};

/** One thing that will happen later; starting it again puts it off. */
export class Timer {
  readonly #clock: Clock;
  readonly #action: () => void;
  #cancel: (() => void) | null = null;

  constructor(clock: Clock, action: () => void) {
    this.#clock = clock;
    this.#action = action;
  }

  get isRunning(): boolean {
    return this.#cancel !== null;
  }

  start(ms: number): void {
    this.stop();
    this.#cancel = this.#clock.delay(() => {
      this.#cancel = null;
      this.#action();
    }, ms);
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = null;
  }
}
