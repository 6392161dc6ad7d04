import { ChangeDetectionStrategy, Component, computed, input } from '@angular/core';
import { counted } from '@collab/angular/look/format';
import { legible } from '@collab/angular/look/text';
import { HealthStatus } from '@collab/client';
import { Cluster, Server } from './admin-contract';
import { count, duration } from './figures';
import { HealthBadge } from './health-badge';

/** The servers of the installation: how each stands, and which of them do not answer. */
@Component({
  selector: 'collab-servers',
  imports: [HealthBadge],
  templateUrl: './servers.html',
  styleUrl: './servers.css',
  host: { class: 'card', role: 'region', 'aria-label': 'Servers' },
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class Servers {
  readonly cluster = input.required<Cluster>();

  /** Not read out at every reading, only when it changes. */
  protected readonly missing = computed(() => {
    const silent = this.cluster()
      .members.filter((server) => !server.hasAnswered && !server.isLeaving)
      .map(({ name }) => legible(name));
    return silent.length === 0 ? '' : `${silent.join(', ')} ${silent.length === 1 ? 'does' : 'do'} not answer`;
  });
  protected readonly bus = computed(() => {
    const { bus, isBusConnected } = this.cluster();
    if (bus === null) return 'The store is this server’s alone';
    const name = busNames[bus] ?? bus;
    return isBusConnected ? `Connected by ${name}` : `The bus (${name}) is away: only this server is known`;
  });

  protected stateOf(server: Server): { readonly status: HealthStatus; readonly word: string } {
    if (server.isLeaving) return { status: 'DEGRADED', word: 'Leaving' };
    if (!server.hasAnswered) return { status: 'UNHEALTHY', word: `Silent for ${duration(Math.ceil(server.heardAgoMs / 1000))}` };
    return states[server.state];
  }

  protected figures(server: Server): string {
    return `${counted(server.connections, 'connection')}, ${counted(server.runs, 'run')}`;
  }

  protected readonly count = count;
  protected readonly duration = duration;
  protected readonly legible = legible;
}

const busNames: Readonly<Record<string, string>> = { postgres: 'PostgreSQL', redis: 'Redis' };
const states: Readonly<Record<Server['state'], { readonly status: HealthStatus; readonly word: string }>> = {
  serving: { status: 'HEALTHY', word: 'Serving' },
  waiting: { status: 'DEGRADED', word: 'Draining' },
  closing: { status: 'DEGRADED', word: 'Draining' },
  drained: { status: 'DEGRADED', word: 'Drained' },
};
