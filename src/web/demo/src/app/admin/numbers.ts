import { ChangeDetectionStrategy, Component, computed, input } from '@angular/core';
import { HealthStatus } from '@collab/client';
import { Cluster, ConnectionHistory, Reading } from './admin-contract';
import { count, milliseconds, rate, unknown } from './figures';
import { HealthBadge } from './health-badge';
import { pollRate } from './history';
import { Sample } from './samples';

/** How things stand, in figures. Before the first answer they are all there already, without a value. */
@Component({
  selector: 'collab-numbers',
  imports: [HealthBadge],
  template: `
    <dl>
      <div class="card wide">
        <dt>Health</dt>
        <dd>
          @if (reading(); as now) {
            <collab-health-badge [status]="worst().status" [says]="worst().says" />
          } @else {
            {{ unknown }}
          }
        </dd>
        <dd class="hint">{{ byHealth() }}</dd>
      </div>
      @for (tile of tiles(); track tile.name) {
        <div class="card">
          <dt>{{ tile.name }}</dt>
          <dd>{{ tile.value }}</dd>
          <dd class="hint">{{ tile.hint }}</dd>
        </div>
      }
    </dl>
  `,
  styles: `
    dl {
      display: grid;
      /* Nine cards, of which one is twice as wide: whatever the width, no row is left with a hole. */
      grid-template-columns: repeat(5, minmax(0, 1fr));
      gap: var(--space-3);
    }
    div {
      min-width: 0;
      padding: var(--space-3) var(--space-4);
    }
    .wide {
      grid-column: span 2;
    }
    dt {
      color: var(--text-2);
      font-size: var(--text-sm);
      font-weight: 500;
    }
    dd:not(.hint) {
      font-size: var(--text-xl);
      font-weight: 650;
      line-height: 1.5;
      white-space: nowrap;
    }
    .hint {
      min-height: 1.45em;
      overflow: hidden;
      text-overflow: ellipsis;
      white-space: nowrap;
    }
    @media (max-width: 900px) {
      dl {
        grid-template-columns: repeat(3, minmax(0, 1fr));
      }
      .wide {
        grid-column: auto;
      }
    }
    @media (max-width: 640px) {
      .wide {
        grid-column: span 2;
      }
      dl {
        grid-template-columns: 1fr 1fr;
        gap: var(--space-2);
      }
      div {
        padding: var(--space-2) var(--space-3);
      }
    }
  `,
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class Numbers {
  readonly reading = input.required<Reading | null>();
  readonly sample = input.required<Sample | null>();
  readonly history = input<ConnectionHistory | null>(null);

  protected readonly unknown = unknown;
  protected readonly byHealth = computed(() => {
    const health = this.reading()?.health;
    if (!health) return '';
    if (health.totalConnections === 0) return 'nobody is connected';
    if (health.totalConnections === health.healthyConnections) return 'every connection';
    const degraded =
      health.unhealthyConnections > 0 && health.degradedConnections > 0 ? `${count(health.degradedConnections)} degraded, ` : '';
    return `${degraded}${count(health.healthyConnections)} of ${count(health.totalConnections)} healthy`;
  });
  /** A mean says that all is well while one connection is not: the worst ones are told. */
  protected readonly worst = computed((): { readonly status: HealthStatus; readonly says?: string } => {
    const health = this.reading()?.health;
    if (!health) return { status: 'HEALTHY' };
    if (health.unhealthyConnections > 0) return { status: 'UNHEALTHY', says: `${count(health.unhealthyConnections)} unhealthy` };
    if (health.degradedConnections > 0) return { status: 'DEGRADED', says: `${count(health.degradedConnections)} degraded` };
    return { status: health.overallHealth };
  });
  protected readonly tiles = computed(() => {
    const [now, sample, history] = [this.reading(), this.sample(), this.history()];
    const polls = history === null ? null : pollRate(history);
    return [
      {
        name: 'Connections',
        value: now ? count(now.health.totalConnections) : unknown,
        hint: now ? this.where(now.cluster) : '',
      },
      {
        name: 'Streams, polls',
        value: now ? count(sample?.streams ?? 0) : unknown,
        hint: `${rate(polls)} polls per second`,
      },
      { name: 'Active runs', value: now ? count(now.overview.totalRuns) : unknown, hint: 'with a connection' },
      { name: 'Messages in', value: rate(sample?.messagesIn ?? null), hint: 'per second' },
      { name: 'Messages out', value: rate(sample?.messagesOut ?? null), hint: 'per second' },
      { name: 'Latency p95', value: milliseconds(sample?.latencyP95 ?? null), hint: 'mean round trips' },
      { name: 'Quality', value: now ? now.health.averageQualityScore.toFixed(1) : unknown, hint: 'mean, of 100' },
      {
        name: 'Errors',
        value: now ? count(now.cluster.members.reduce((all, server) => all + server.errors, 0)) : unknown,
        hint: 'since start',
      },
    ];
  });

  private where({ members }: Cluster): string {
    const answering = members.filter((server) => server.hasAnswered).length;
    return answering === 1 ? 'on one server' : `on ${count(answering)} servers`;
  }
}
