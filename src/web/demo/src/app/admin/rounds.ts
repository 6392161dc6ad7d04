import { DestroyRef, effect, inject, untracked } from '@angular/core';
import { Access } from '../identity/access';

/** What is done again and again. */
export interface Round {
  /** How long after one has ended the next begins, in ms. */
  readonly every: number;
  /** Fails never. */
  readonly read: (stop: AbortSignal) => Promise<void>;
  /** Whether there is no sense in another one. */
  readonly isOver: () => boolean;
}

/** Reads something at once, and every so often while the page is seen; with a token only. Ends with who made it. */
export class Rounds {
  private readonly access = inject(Access);
  private readonly stop = new AbortController();
  private timer: ReturnType<typeof setTimeout> | undefined;
  private current: Promise<void> | null = null;

  constructor(private readonly round: Round) {
    const destroyed = inject(DestroyRef);
    const onVisibility = (): void => {
      if (!this.isAtRest()) void this.refresh();
    };
    document.addEventListener('visibilitychange', onVisibility);
    destroyed.onDestroy(() => {
      document.removeEventListener('visibilitychange', onVisibility);
      clearTimeout(this.timer);
      this.stop.abort();
    });
    // At once, and again when a token was pasted.
    effect(() => {
      if (!this.access.isAsking()) untracked(() => void this.refresh());
    });
  }

  /** Reads now instead of in a moment. Completes when the answer is there, or is known not to come. */
  refresh(): Promise<void> {
    clearTimeout(this.timer);
    this.current ??= this.round.read(this.stop.signal).finally(() => {
      this.current = null;
      this.schedule();
    });
    return this.current;
  }

  private schedule(): void {
    if (!this.isAtRest()) this.timer = setTimeout(() => void this.refresh(), this.round.every);
  }

  private isAtRest(): boolean {
    return document.hidden || this.stop.signal.aborted || this.access.isTokenNeeded() || this.round.isOver();
  }
}
