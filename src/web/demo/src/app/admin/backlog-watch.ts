import { inject, Injectable, signal } from '@angular/core';
import { AdminApi } from './admin-api';
import { Backlog } from './admin-contract';
import { Rounds } from './rounds';
import { Problem, problemIn } from './watch';

/** How often the store is asked, in ms. It has to add up, and little changes by itself. */
export const backlogInterval = 10_000;

/**
 * Reads what the store has for handlers and in the outbox while the page is seen. Apart from the rest, which a server without a store still
 * tells.
 */
@Injectable()
export class BacklogWatch {
  private readonly api = inject(AdminApi);
  private readonly newest = signal<Backlog | null>(null);
  private readonly trouble = signal<Problem | null>(null);
  private readonly rounds = new Rounds({
    every: backlogInterval,
    read: (stop) => this.read(stop),
    isOver: () => this.trouble()?.kind === 'forbidden',
  });

  /** Null until the first answer. */
  readonly latest = this.newest.asReadonly();
  /** Whether what is shown is of earlier, for there is no answer now. */
  readonly problem = this.trouble.asReadonly();

  /** Reads now instead of in a moment. Completes when the answer is there, or is known not to come. */
  refresh(): Promise<void> {
    return this.rounds.refresh();
  }

  private async read(stop: AbortSignal): Promise<void> {
    try {
      this.newest.set(await this.api.readBacklog(stop));
      this.trouble.set(null);
    } catch (error) {
      if (!stop.aborted) this.trouble.set(problemIn(error));
    }
  }
}
