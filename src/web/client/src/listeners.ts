/** Calls listeners; one that throws keeps nothing from the others, and its error surfaces as an unhandled one. */
export class Listeners<A extends readonly unknown[]> {
  readonly #listeners = new Set<(...args: A) => void>();

  /** Returns what ends it. */
  add(listener: (...args: A) => void): () => void {
    // A function of its own, so that one listener can be added twice.
    const own = (...args: A) => {
      listener(...args);
    };
    this.#listeners.add(own);
    return () => {
      this.#listeners.delete(own);
    };
  }

  /** Calls all that are there, in the order in which they came; one that goes meanwhile is left out. */
  call(...args: A): void {
    for (const listener of [...this.#listeners]) {
      if (this.#listeners.has(listener))
        surfacing(() => {
          listener(...args);
        });
    }
  }
}

/** Does something once after all that the current turn changes. */
export class Batch {
  readonly #action: () => void;
  #isDue = false;

  constructor(action: () => void) {
    this.#action = action;
  }

  request(): void {
    if (this.#isDue) return;
    this.#isDue = true;
    queueMicrotask(() => {
      this.#isDue = false;
      this.#action();
    });
  }
}

function surfacing(action: () => void): void {
  try {
    action();
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}
