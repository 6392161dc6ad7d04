import { DestroyRef, effect, inject, Injectable, signal, untracked } from '@angular/core';
import { Access } from '../identity/access';
import { HttpError, problemOf, SilentServer } from '../shared/request';
import { AdminApi } from './admin-api';
import { Reading } from './admin-contract';
import { interval, keep, Sample, sampleOf } from './samples';

/**
 * Why there is nothing new. `forbidden`: the token is no administrator's, and only another one helps. `gone`: no answer. `mistake`: the
 * page's own.
 */
export type Problem =
  | { readonly kind: 'forbidden' }
  | { readonly kind: 'gone' }
  | { readonly kind: 'trouble'; readonly status: number }
  | { readonly kind: 'mistake'; readonly message: string };

/** Reads how the server fares, every two seconds while the page is seen, and keeps what the charts show. */
@Injectable()
export class Watch {
  private readonly api = inject(AdminApi);
  private readonly access = inject(Access);
  private readonly newest = signal<Reading | null>(null);
  private readonly kept = signal<readonly Sample[]>([]);
  private readonly trouble = signal<Problem | null>(null);
  private readonly stop = new AbortController();
  private timer: ReturnType<typeof setTimeout> | undefined;
  private current: Promise<void> | null = null;

  /** Null until the first answer. */
  readonly latest = this.newest.asReadonly();
  /** Oldest first. */
  readonly samples = this.kept.asReadonly();
  /** Null while all is well. */
  readonly problem = this.trouble.asReadonly();

  constructor() {
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
    this.current ??= this.read().finally(() => {
      this.current = null;
      this.schedule();
    });
    return this.current;
  }

  private schedule(): void {
    if (!this.isAtRest()) this.timer = setTimeout(() => void this.refresh(), interval);
  }

  private isAtRest(): boolean {
    return document.hidden || this.stop.signal.aborted || this.access.isTokenNeeded() || this.trouble()?.kind === 'forbidden';
  }

  private async read(): Promise<void> {
    try {
      const reading = await this.api.read(this.stop.signal);
      this.kept.update((samples) => keep(samples, sampleOf(reading, this.newest())));
      this.newest.set(reading);
      this.trouble.set(null);
    } catch (error) {
      if (!this.stop.signal.aborted) this.explain(error);
    }
  }

  private explain(error: unknown): void {
    if (error instanceof SilentServer) return this.trouble.set({ kind: 'gone' });
    if (!(error instanceof HttpError)) return this.trouble.set({ kind: 'mistake', message: problemOf(error) });
    this.trouble.set(error.status === 403 ? { kind: 'forbidden' } : { kind: 'trouble', status: error.status });
  }
}
