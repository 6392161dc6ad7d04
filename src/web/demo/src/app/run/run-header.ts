import { ChangeDetectionStrategy, Component, computed, inject, input } from '@angular/core';
import { RouterLink } from '@angular/router';
import { CollabConnectionHealth, CollaborationStore } from '@collab/angular';
import { Presence } from '../presence/presence';
import { CopyLink } from '../shared/copy-link';
import { Logo } from '../shared/logo';
import { runName } from '../shared/names';
import { ThemeSwitch } from '../shared/theme-switch';
import { RunMenu } from './run-menu';

@Component({
  selector: 'collab-run-header',
  imports: [CollabConnectionHealth, CopyLink, Logo, Presence, RouterLink, RunMenu, ThemeSwitch],
  template: `
    <a class="home" routerLink="/" aria-label="All runs"><collab-logo /></a>
    <div class="run">
      <h1>{{ name() }}</h1>
      <code [title]="runId()">{{ runId() }}</code>
    </div>
    <collab-copy-link />
    <collab-run-menu [disabled]="cannotEnd()" />
    <div class="status" data-testid="collaboration-status" [attr.data-connected]="store.isConnected()">
      <collab-presence />
      <collab-connection-health layout="pill" [showFallbackWarning]="false" />
    </div>
    <collab-theme-switch />
  `,
  styleUrl: './run-header.css',
  host: { role: 'banner' },
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class RunHeader {
  readonly runId = input.required<string>();
  /** Whether the user cannot end the run: it has ended, or the right or the connection is missing. */
  readonly cannotEnd = input(false);

  protected readonly store = inject(CollaborationStore);
  protected readonly name = computed(() => runName(this.runId()));
}
