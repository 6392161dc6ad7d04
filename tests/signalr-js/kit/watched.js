const patienceMs = 20_000;

/** Something that changes, and whose changes can be awaited: no test polls or sleeps. */
export class Watched {
  #waiters = new Set();

  /** Resolves as soon as the condition holds; rejects when it has not for a long time. */
  async until(what, condition) {
    if (condition()) return;
    const { promise, resolve, reject } = withResolvers();
    const waiter = () => condition() && resolve();
    const timer = setTimeout(() => reject(new Error(`Waited in vain: ${what}. ${this.describe()}`)), patienceMs);
    this.#waiters.add(waiter);
    try {
      await promise;
    } finally {
      clearTimeout(timer);
      this.#waiters.delete(waiter);
    }
  }

  changed() {
    for (const waiter of this.#waiters) waiter();
  }

  describe() {
    return '';
  }
}

function withResolvers() {
  const deferred = {};
  deferred.promise = new Promise((resolve, reject) => Object.assign(deferred, { resolve, reject }));
  return deferred;
}
