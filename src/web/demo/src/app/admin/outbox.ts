import { ChangeDetectionStrategy, Component, computed, ElementRef, inject, input, output, signal, viewChild } from '@angular/core';
import { isolated, legible } from '@collab/angular/look/text';
import { HealthStatus } from '@collab/client';
import { RunTitles } from '../shared/run-titles';
import { AdminApi } from './admin-api';
import { OutboxFailure, OutboxStatus } from './admin-contract';
import { ConfirmDialog } from './confirm-dialog';
import { Deeds } from './deeds';
import { count, duration } from './figures';
import { HealthBadge } from './health-badge';
import { StuckEntry } from './stuck-entry';

/** What waits so long, in ms, should have been in the log long ago. */
const longestWait = 60_000;

/** What the application has committed and is not in the log, and what to do about events that cannot get there. */
@Component({
  selector: 'collab-outbox',
  imports: [ConfirmDialog, HealthBadge, StuckEntry],
  templateUrl: './outbox.html',
  styleUrl: './backlog.css',
  host: { class: 'card', role: 'region', 'aria-label': 'Outbox' },
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class Outbox {
  readonly outbox = input.required<OutboxStatus>();
  /** Of when it is, in words. */
  readonly age = input.required<string>();
  /** Something was done: what is shown is out of date. */
  readonly changed = output();

  private readonly api = inject(AdminApi);
  private readonly titles = inject(RunTitles);
  protected readonly runName = (runId: string): string => isolated(this.titles.name(runId));
  private readonly result = viewChild.required<ElementRef<HTMLElement>>('result');
  protected readonly asked = signal<OutboxFailure | null>(null);
  protected readonly deeds = new Deeds(
    () => this.result().nativeElement.focus(),
    () => this.changed.emit(),
  );

  protected readonly state = computed((): { readonly status: HealthStatus; readonly word: string } => {
    const { oldestAgeMs, failedCount } = this.outbox();
    if ((oldestAgeMs ?? 0) > longestWait) return { status: 'UNHEALTHY', word: 'Stands still' };
    if (failedCount > 0) return { status: 'DEGRADED', word: `${count(failedCount)} set aside` };
    return { status: 'HEALTHY', word: oldestAgeMs === null ? 'Up to date' : 'Working' };
  });
  protected readonly waiting = computed(() => {
    const { depth, oldestAgeMs } = this.outbox();
    if (depth === 0 || oldestAgeMs === null) return 'nothing waits';
    return `${count(depth)} ${depth === 1 ? 'waits' : 'wait'}, the first for ${duration(Math.floor(oldestAgeMs / 1000))}`;
  });

  protected readonly count = count;
  protected readonly legible = legible;

  protected what(event: OutboxFailure): string {
    return `${isolated(event.eventType)} by ${isolated(event.userId)}`;
  }

  protected retry(event: OutboxFailure): Promise<void> {
    return this.settle(event, 'retry', 'is tried again');
  }

  protected drop(event: OutboxFailure): Promise<void> {
    return this.settle(event, 'drop', 'was dropped');
  }

  private settle(event: OutboxFailure, how: 'retry' | 'drop', outcome: string): Promise<void> {
    const name = `${isolated(event.eventType)} for ${this.runName(event.runId)}`;
    return this.deeds.do(async () =>
      (await this.api.settle(event.id, how)) ? `${name} ${outcome}.` : `${name} was not set aside any more.`,
    );
  }
}
