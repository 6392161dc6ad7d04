import { JsonPipe } from '@angular/common';
import { ChangeDetectionStrategy, Component, computed, effect, inject, input, signal } from '@angular/core';
import { CollabConnectionHealth, CollaborationStore } from '@collab/angular';
import type { PublishAck } from '@collab/client';

@Component({
  selector: 'app-run',
  imports: [CollabConnectionHealth, JsonPipe],
  templateUrl: './run-view.html',
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class RunView {
  /** From the address. */
  readonly runId = input.required<string>();
  protected readonly store = inject(CollaborationStore);
  protected readonly steps = ['PM', 'ARCHITECT', 'DEVELOPER', 'SRE'];
  protected readonly pruned = computed(() => new Set(this.store.state().prunedSteps));
  protected readonly users = computed(
    () =>
      this.store
        .activeUsers()
        .map((user) => this.store.displayName(user))
        .join(', ') || 'nobody',
  );
  protected readonly refusal = signal('');

  constructor() {
    effect(() => this.store.connect(this.runId()));
  }

  protected graft(step: string): void {
    this.send(this.store.graft(step, 'security-scanner-v1'));
  }

  protected prune(step: string): void {
    this.send(this.store.prune(step, !this.pruned().has(step)));
  }

  /** A publish waits over any number of reconnects. It fails only if the server refuses it. */
  private send(publish: Promise<PublishAck>): void {
    this.refusal.set('');
    publish.catch((error: unknown) => this.refusal.set(String(error)));
  }
}
