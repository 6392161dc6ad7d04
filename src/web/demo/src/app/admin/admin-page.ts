import { ChangeDetectionStrategy, Component, computed, inject } from '@angular/core';
import { RouterLink } from '@angular/router';
import { Access } from '../identity/access';
import { Welcome } from '../identity/welcome';
import { Icon } from '../shared/icon';
import { Logo } from '../shared/logo';
import { ThemeSwitch } from '../shared/theme-switch';
import { listLimit } from './admin-api';
import { Connections } from './connections';
import { count, milliseconds, rate } from './figures';
import { Line, LineChart } from './line-chart';
import { Numbers } from './numbers';
import { Sample } from './samples';
import { Problem, Watch } from './watch';

/** How the server fares, for its operators: figures, charts of the last five minutes, and every connection. */
@Component({
  selector: 'collab-admin-page',
  imports: [Connections, Icon, LineChart, Logo, Numbers, RouterLink, ThemeSwitch, Welcome],
  providers: [Watch],
  templateUrl: './admin-page.html',
  styleUrl: './admin-page.css',
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class AdminPage {
  protected readonly watch = inject(Watch);
  protected readonly access = inject(Access);

  protected readonly sample = computed(() => this.watch.samples().at(-1) ?? null);
  protected readonly connections = computed(() => [this.line('Open', 'connections')]);
  protected readonly messages = computed(() => [this.line('In', 'messagesIn'), this.line('Out', 'messagesOut')]);
  protected readonly latency = computed(() => [this.line('p50', 'latencyP50'), this.line('p95', 'latencyP95')]);
  /** What is shown is of earlier. */
  protected readonly isOld = computed(() => this.watch.problem() !== null && this.watch.latest() !== null);
  protected readonly explanation = computed(() => explain(this.watch.problem()));
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
