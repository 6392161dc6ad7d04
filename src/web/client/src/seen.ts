import { Timer } from './clock.js';
import { CollabError, NoAnswer } from './errors.js';
import type { Clock } from './seams.js';

/** How long to wait for others to see something. */
export interface WhenSeenOptions {
  /** Ends the wait; the promise is rejected with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds after which the wait ends; the promise is rejected with a `NoAnswer`. Default: no end. */
  readonly timeoutMs?: number | undefined;
}

/** What is known of who has seen what. */
export interface SeenState {
  /** Identity of the run's log; null before the first answer. */
  readonly epoch: string | null;
  readonly userId: string | null;
  readonly lastSequence: number;
  readonly activeUsers: readonly string[];
  readonly seen: Readonly<Record<string, number>>;
}

interface Wait {
  readonly sequence: number;
  /** Those who are still to see it; null: all others who are there. */
  readonly users: Set<string> | null;
  epoch: string | null;
  readonly settle: (error?: unknown) => void;
}

/** Waits for users to see events. */
export class SeenWaits {
  readonly #clock: Clock;
  readonly #waits = new Set<Wait>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Whether something is waited for. */
  get any(): boolean {
    return this.#waits.size > 0;
  }

  add(sequence: number, users: readonly string[] | 'all', { signal, timeoutMs }: WhenSeenOptions, now: SeenState): Promise<void> {
    return new Promise((resolve, reject) => {
      const abort = () => {
        wait.settle(signal?.reason);
      };
      const timer = new Timer(this.#clock, () => {
        wait.settle(new NoAnswer(`Not all have seen event ${String(sequence)} in time.`));
      });
      const wait: Wait = {
        sequence,
        users: users === 'all' ? null : new Set(users),
        epoch: now.epoch,
        settle: (...error) => {
          this.#waits.delete(wait);
          signal?.removeEventListener('abort', abort);
          timer.stop();
          if (error.length === 0) resolve();
          // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- The reason of a signal is the application's.
          else reject(error[0]);
        },
      };
      this.#waits.add(wait);
      if (signal?.aborted === true) {
        abort();
        return;
      }
      signal?.addEventListener('abort', abort);
      if (timeoutMs !== undefined) timer.start(timeoutMs);
      look(wait, now);
    });
  }

  /** Something has changed. */
  look(now: SeenState): void {
    for (const wait of [...this.#waits]) look(wait, now);
  }

  /** Nothing will be seen any more. */
  end(error: CollabError): void {
    for (const wait of [...this.#waits]) wait.settle(error);
  }
}

function look(wait: Wait, { epoch, userId, lastSequence, activeUsers, seen }: SeenState): void {
  wait.epoch ??= epoch;
  // Before the first answer it is not known who is there.
  if (epoch === null) return;
  if (epoch !== wait.epoch) {
    wait.settle(new CollabError('closed', 'The run was erased and begun again: its numbers are other events now.'));
    return;
  }
  const hasSeen = (user: string) => (user === userId ? lastSequence : (seen[user] ?? 0)) >= wait.sequence;
  if (wait.users === null) {
    if (lastSequence >= wait.sequence && activeUsers.every((user) => user === userId || hasSeen(user))) wait.settle();
    return;
  }
  // Who has seen it has seen it, gone since or not.
  for (const user of wait.users) if (hasSeen(user)) wait.users.delete(user);
  if (wait.users.size === 0) wait.settle();
}
