import { NoAnswer } from './errors.js';

/** Waits for a promise, but no longer than until the signal. How one ends for which nobody waits any more is of no interest. */
export function until<T>(promise: Promise<T> | T, stop: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const giveUp = () => {
      reject(new NoAnswer('It is not waited for any more.'));
    };
    if (stop.aborted) giveUp();
    else stop.addEventListener('abort', giveUp, { once: true });
    void Promise.resolve(promise)
      .then(resolve, reject)
      .finally(() => {
        stop.removeEventListener('abort', giveUp);
      });
  });
}
