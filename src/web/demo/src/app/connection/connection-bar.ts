import { ChangeDetectionStrategy, Component, computed, DestroyRef, effect, inject, input, signal } from '@angular/core';
import { COLLAB_OPTIONS, CollaborationStore } from '@collab/angular';
import { defaultPollIntervalMs } from '@collab/client';
import { Access } from '../identity/access';
import { Icon } from '../shared/icon';
import { connectionMessage } from './connection-message';

/** Says what is wrong with the connection, and what can be done about it. Floats over the pipeline, so that nothing moves. */
@Component({
  selector: 'collab-connection-bar',
  imports: [Icon],
  templateUrl: './connection-bar.html',
  styleUrl: './connection-bar.css',
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class ConnectionBar {
  /** Whether the user may change the run; null while that is not known. */
  readonly canWrite = input<boolean | null>(null);

  private readonly store = inject(CollaborationStore);
  private readonly access = inject(Access);
  private readonly pollSeconds = (inject(COLLAB_OPTIONS).pollIntervalMs ?? defaultPollIntervalMs) / 1000;
  private readonly isOnline = signal(navigator.onLine);
  private readonly now = signal(Date.now());

  protected readonly usingFallback = this.store.usingFallback;
  protected readonly message = computed(() =>
    connectionMessage({
      connection: this.store.connection(),
      reason: this.store.reason(),
      tokenFailure: this.access.failure(),
      queued: this.store.queuedMessageCount(),
      hasEnded: this.store.ended(),
      isOnline: this.isOnline(),
      canWrite: this.canWrite(),
      hasPastedToken: this.access.hasPastedToken(),
      pollSeconds: this.pollSeconds,
    }),
  );
  /** Whether there is anything to say. */
  readonly isShown = computed(() => this.message() !== null);
  protected readonly countdown = computed(() => {
    const retryAt = this.message()?.retryAt ?? null;
    return retryAt === null ? null : Math.max(0, Math.ceil((retryAt - this.now()) / 1000));
  });

  constructor() {
    const listening = new AbortController();
    for (const change of ['online', 'offline'])
      window.addEventListener(change, () => this.isOnline.set(navigator.onLine), { signal: listening.signal });
    inject(DestroyRef).onDestroy(() => listening.abort());
    effect((onCleanup) => {
      if ((this.message()?.retryAt ?? null) === null) return;
      this.now.set(Date.now());
      const timer = setInterval(() => this.now.set(Date.now()), 250);
      onCleanup(() => clearInterval(timer));
    });
  }

  protected retry(): void {
    const { kind } = this.store.connection();
    if (kind === 'closed') this.store.connect(this.store.runId());
    else this.store.retryNow();
  }

  protected async useAnotherToken(): Promise<void> {
    if (!(await this.access.change())) return;
    this.store.disconnect();
    this.store.connect(this.store.runId());
  }
}
