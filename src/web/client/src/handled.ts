/** The same promise, and nobody has to wait for it: a rejection that nobody listens to is no unhandled one. */
export function handled<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined);
  return promise;
}
