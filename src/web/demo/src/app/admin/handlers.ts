import { ChangeDetectionStrategy, Component, ElementRef, inject, input, output, signal, viewChild } from '@angular/core';
import { counted } from '@collab/angular/look/format';
import { isolated, legible } from '@collab/angular/look/text';
import { HealthStatus } from '@collab/client';
import { RunTitles } from '../shared/run-titles';
import { AdminApi } from './admin-api';
import { HandlerStatus, ParkedRun } from './admin-contract';
import { ConfirmDialog } from './confirm-dialog';
import { Deeds } from './deeds';
import { count } from './figures';
import { HealthBadge } from './health-badge';
import { StuckEntry } from './stuck-entry';

/** Servers say every half minute which handlers they have. One of which none did for so long, in ms, runs nowhere. */
const longestSilence = 120_000;
/** More events than that, and it is worth a look. */
const longestLag = 100;

/** How the application's handlers stand, and what to do about runs that they have given up. */
@Component({
  selector: 'collab-handlers',
  imports: [ConfirmDialog, HealthBadge, StuckEntry],
  templateUrl: './handlers.html',
  styleUrl: './backlog.css',
  host: { class: 'card', role: 'region', 'aria-label': 'Handlers' },
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class Handlers {
  readonly handlers = input.required<readonly HandlerStatus[]>();
  /** Of when it is, in words. */
  readonly age = input.required<string>();
  /** Something was done: what is shown is out of date. */
  readonly changed = output();

  private readonly api = inject(AdminApi);
  private readonly titles = inject(RunTitles);
  protected readonly runName = (runId: string): string => isolated(this.titles.name(runId));
  private readonly result = viewChild.required<ElementRef<HTMLElement>>('result');
  protected readonly asked = signal<{ readonly handler: HandlerStatus; readonly run: ParkedRun } | null>(null);
  protected readonly deeds = new Deeds(
    () => this.result().nativeElement.focus(),
    () => this.changed.emit(),
  );

  protected readonly count = count;
  protected readonly isolated = isolated;
  protected readonly legible = legible;

  protected stateOf(handler: HandlerStatus): { readonly status: HealthStatus; readonly word: string } {
    if (handler.seenAgoMs > longestSilence) return { status: 'UNHEALTHY', word: 'On no server' };
    if (handler.parkedRuns > 0) return { status: 'DEGRADED', word: `Gave up ${counted(handler.parkedRuns, 'run')}` };
    if (handler.lag > longestLag) return { status: 'DEGRADED', word: 'Behind' };
    return { status: 'HEALTHY', word: handler.lag > 0 ? 'Working' : 'Up to date' };
  }

  protected waiting(handler: HandlerStatus): string {
    return handler.lag === 0 ? 'nothing waits' : `${count(handler.lag)} ${handler.lag === 1 ? 'event waits' : 'events wait'}`;
  }

  protected what(run: ParkedRun): string {
    return `from #${run.sequenceNumber} on, after ${counted(run.attempts, 'attempt')}`;
  }

  protected retry(handler: HandlerStatus, run: ParkedRun): Promise<void> {
    return this.unpark(handler, run, 'retry', 'is tried again');
  }

  protected skip(handler: HandlerStatus, run: ParkedRun): Promise<void> {
    return this.unpark(handler, run, 'skip', 'goes on after the event that failed');
  }

  private unpark(handler: HandlerStatus, run: ParkedRun, how: 'retry' | 'skip', outcome: string): Promise<void> {
    return this.deeds.do(async () =>
      (await this.api.unpark(handler.name, run.runId, how))
        ? `${this.runName(run.runId)} ${outcome}.`
        : `${this.runName(run.runId)} was not given up any more.`,
    );
  }
}
