import { ChangeDetectionStrategy, Component, computed, inject, linkedSignal } from '@angular/core';
import { RouterLink } from '@angular/router';
import { Access } from '../identity/access';
import { Welcome } from '../identity/welcome';
import { Icon } from '../shared/icon';
import { Logo } from '../shared/logo';
import { ThemeSwitch } from '../shared/theme-switch';
import { listLimit } from './admin-api';
import { BacklogWatch } from './backlog-watch';
import { Connections } from './connections';
import { Endings } from './endings';
import { count, milliseconds, rate } from './figures';
import { Handlers } from './handlers';
import { Line, LineChart } from './line-chart';
import { Numbers } from './numbers';
import { Outbox } from './outbox';
import { Sample } from './samples';
import { Servers } from './servers';
import { Problem, Watch } from './watch';

/** How the servers fare, for their operators: figures, charts of the last 15 minutes, what waits for them, and every connection. */
@Component({
  selector: 'collab-admin-page',
  imports: [Connections, Endings, Handlers, Icon, LineChart, Logo, Numbers, Outbox, RouterLink, Servers, ThemeSwitch, Welcome],
  providers: [BacklogWatch, Watch],
  templateUrl: './admin-page.html',
  styleUrl: './admin-page.css',
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class AdminPage {
  protected readonly watch = inject(Watch);
  protected readonly backlog = inject(BacklogWatch);
  protected readonly access = inject(Access);

  protected readonly sample = computed(() => this.watch.samples().at(-1) ?? null);
  protected readonly connections = computed(() => [this.line('Hub', 'connections'), this.line('Streams and polls', 'streams')]);
  protected readonly messages = computed(() => [this.line('In', 'messagesIn'), this.line('Out', 'messagesOut')]);
  protected readonly latency = computed(() => [this.line('p50', 'latencyP50'), this.line('p95', 'latencyP95')]);
  /** What is shown is of earlier. */
  protected readonly isOld = computed(() => this.watch.problem() !== null && this.watch.latest() !== null);
  protected readonly explanation = computed(() => explain(this.watch.problem()));
  /** Nobody can tell whether an application has one before something is in it. Then it stays, so that one sees how it empties. */
  protected readonly isOutboxUsed = linkedSignal<boolean, boolean>({
    source: () => (this.backlog.latest()?.outbox.depth ?? 0) > 0 || (this.backlog.latest()?.outbox.failedCount ?? 0) > 0,
    computation: (isUsed, before) => isUsed || (before?.value ?? false),
  });
  protected readonly backlogAge = computed(() =>
    this.backlog.problem() === null ? 'Of the store, asked every 10 seconds' : 'Of earlier: the store does not answer now',
  );
  private readonly isCut = computed(() => (this.watch.latest()?.health.totalConnections ?? 0) > listLimit);
  private readonly which = computed(() => (this.isCut() ? `the newest ${count(listLimit)} connections` : 'the open connections'));
  protected readonly messagesNote = computed(
    () => `In: publishes and cursor moves, by hub and HTTP. Out: events handed to ${this.isCut() ? this.which() : 'connections'}.`,
  );
  protected readonly latencyNote = computed(
    () => `Of ${this.which()}: each one's mean round trip since it connected, half (p50) and 95 % (p95) of them are this fast or faster.`,
  );

  protected readonly count = count;
  protected readonly rate = rate;
  protected readonly milliseconds = milliseconds;

  /** On a phone the parts of the page are screens apart. */
  protected jumpTo(part: HTMLElement): void {
    part.scrollIntoView();
    part.focus({ preventScroll: true });
  }

  private line(name: string, key: Exclude<keyof Sample, 'at'>): Line {
    return { name, points: this.watch.samples().map((sample) => ({ at: sample.at, value: sample[key] })) };
  }
}

function explain(problem: Problem | null): string {
  switch (problem?.kind) {
    case undefined:
    case 'forbidden':
      return '';
    case 'mistake':
      return problem.message;
    case 'gone':
      return 'The server is gone. Trying again every 2 seconds.';
    case 'trouble':
      if (problem.status === 401) return 'The access token is not valid any more. Getting another one.';
      return `The server has trouble: it answered ${problem.status}. Trying again every 2 seconds.`;
  }
}
