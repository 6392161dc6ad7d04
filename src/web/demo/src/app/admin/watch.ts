import { inject, Injectable, signal } from '@angular/core';
import { HttpError, problemOf, SilentServer } from '../shared/request';
import { AdminApi } from './admin-api';
import { ConnectionHistory, Reading } from './admin-contract';
import { filled, samplesOf } from './history';
import { Rounds } from './rounds';
import { interval, keep, longestStep, Sample, sampleOf } from './samples';

/**
 * Why there is nothing new. `forbidden`: the token is no administrator's, and only another one helps. `gone`: no answer. `mistake`: the
 * page's own.
 */
export type Problem =
  | { readonly kind: 'forbidden' }
  | { readonly kind: 'gone' }
  | { readonly kind: 'trouble'; readonly status: number }
  | { readonly kind: 'mistake'; readonly message: string };

/** With every fifth reading the servers are asked what they remember: as often as they take samples. */
const historyEvery = 5;

/** Reads how the server fares, every two seconds while the page is seen, and keeps what the charts show. */
@Injectable()
export class Watch {
  private readonly api = inject(AdminApi);
  private readonly newest = signal<Reading | null>(null);
  private readonly kept = signal<readonly Sample[]>([]);
  private readonly remembered = signal<ConnectionHistory | null>(null);
  private readings = 0;
  private readonly trouble = signal<Problem | null>(null);
  private readonly rounds = new Rounds({
    every: interval,
    read: (stop) => this.read(stop),
    isOver: () => this.trouble()?.kind === 'forbidden',
  });

  /** Null until the first answer. */
  readonly latest = this.newest.asReadonly();
  /** The last 15 minutes, as the servers remember them; null: they do not, or have not answered yet. */
  readonly history = this.remembered.asReadonly();
  /** Oldest first. */
  readonly samples = this.kept.asReadonly();
  /** Null while all is well. */
  readonly problem = this.trouble.asReadonly();

  /** Reads now instead of in a moment. Completes when the answer is there, or is known not to come. */
  refresh(): Promise<void> {
    return this.rounds.refresh();
  }

  /** The page was not seen, or the servers were gone: they know what happened meanwhile. */
  private hasGap(): boolean {
    return performance.now() - (this.newest()?.at ?? 0) > longestStep;
  }

  private async read(stop: AbortSignal): Promise<void> {
    try {
      const isDue = this.readings % historyEvery === 0 || this.hasGap();
      const [reading, history] = await Promise.all([this.api.read(stop), isDue ? this.api.readHistory(stop) : null]);
      this.kept.update((samples) => keep(samples, sampleOf(reading, this.newest())));
      this.newest.set(reading);
      this.readings++;
      if (history) {
        this.remembered.set(history);
        this.kept.update((samples) => filled(samples, samplesOf(history, reading.at), history.intervalMs));
      }
      this.trouble.set(null);
    } catch (error) {
      if (!stop.aborted) this.trouble.set(problemIn(error));
    }
  }
}

/** What a failed request amounts to. */
export function problemIn(error: unknown): Problem {
  if (error instanceof SilentServer) return { kind: 'gone' };
  if (!(error instanceof HttpError)) return { kind: 'mistake', message: problemOf(error) };
  return error.status === 403 ? { kind: 'forbidden' } : { kind: 'trouble', status: error.status };
}
