import { ChangeDetectionStrategy, Component, computed, inject, input } from '@angular/core';
import { RouterLink } from '@angular/router';
import { CollabConnectionHealth, CollaborationStore, CollabPresence, isolated } from '@collab/angular';
import { CopyLink } from '../shared/copy-link';
import { RunTitles } from '../shared/run-titles';
import { Logo } from '../shared/logo';
import { ThemeSwitch } from '../shared/theme-switch';
import { RunMenu } from './run-menu';
import { RunTitle } from './run-title';

@Component({
  selector: 'collab-run-header',
  imports: [CollabConnectionHealth, CopyLink, Logo, CollabPresence, RouterLink, RunMenu, RunTitle, ThemeSwitch],
  template: `
    <a class="home" routerLink="/" aria-label="All runs"><collab-logo /></a>
    <div class="run">
      <collab-run-title [runId]="runId()" [mayChange]="mayChange()" [reason]="readOnlyReason()" />
      <p class="ids">
        <code [title]="runId()">{{ runId() }}</code>
        @if (origin(); as origin) {
          <span class="origin" data-testid="branched-from">
            A copy of <a [routerLink]="['/runs', origin.runId]">{{ origin.name }}</a> as of #{{ origin.sequence }}
          </span>
        }
      </p>
    </div>
    <collab-copy-link class="small-on-phones" />
    @if (mayChange()) {
      <collab-run-menu [disabled]="cannotEnd()" />
    }
    <div class="status" data-testid="collaboration-status" [attr.data-connected]="store.isConnected()">
      <collab-presence />
      <!-- Before one has said who one is nothing is connected, nor tried. -->
      @if (store.connection().kind !== 'idle') {
        <collab-connection-health layout="pill" [showFallbackWarning]="false" />
      }
    </div>
    <collab-theme-switch />
  `,
  styleUrl: './run-header.css',
  host: { role: 'banner' },
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class RunHeader {
  readonly runId = input.required<string>();
  /** Whether the user may change the run at all: else nothing of the kind is offered. */
  readonly mayChange = input(true);
  /** Whether the user cannot end the run: it has ended, or the right or the connection is missing. */
  readonly cannotEnd = input(false);
  /** Why the run cannot be changed; null: it can. */
  readonly readOnlyReason = input.required<string | null>();

  protected readonly store = inject(CollaborationStore);
  private readonly titles = inject(RunTitles);
  protected readonly origin = computed(() => {
    const origin = this.store.branchedFrom();
    return origin && { ...origin, name: isolated(this.titles.name(origin.runId)) };
  });
}
