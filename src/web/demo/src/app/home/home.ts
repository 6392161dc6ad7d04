import { ChangeDetectionStrategy, Component, computed, DestroyRef, effect, inject, signal, untracked } from '@angular/core';
import { Router, RouterLink } from '@angular/router';
import { Access } from '../identity/access';
import { Welcome } from '../identity/welcome';
import { Icon } from '../shared/icon';
import { Logo } from '../shared/logo';
import { HttpError, ListedRun, RunsApi } from '../shared/runs-api';
import { ThemeSwitch } from '../shared/theme-switch';
import { RunRow } from './run-row';

/** How often the list is read again, in ms, while the page is seen. */
const refreshEvery = 5000;

/** The runs, newest activity first, and the way to a new one. */
@Component({
  selector: 'collab-home',
  imports: [Icon, Logo, RouterLink, RunRow, ThemeSwitch, Welcome],
  templateUrl: './home.html',
  styleUrl: './home.css',
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class Home {
  private readonly api = inject(RunsApi);
  private readonly router = inject(Router);
  protected readonly access = inject(Access);

  private readonly newest = signal<readonly ListedRun[] | null>(null);
  private readonly older = signal<readonly ListedRun[]>([]);
  private readonly cursor = signal<string | null>(null);
  protected readonly problem = signal<string | null>(null);
  protected readonly now = signal(Date.now());
  /** Null until the first answer. */
  protected readonly runs = computed(() => {
    const newest = this.newest();
    if (!newest) return null;
    // A run that has moved up is in both.
    const ids = new Set(newest.map((run) => run.runId));
    return [...newest, ...this.older().filter((run) => !ids.has(run.runId))];
  });
  protected readonly hasMore = computed(() => this.cursor() !== null);

  constructor() {
    // At once, and again when a token was pasted.
    effect(() => {
      if (!this.access.isTokenNeeded()) untracked(() => void this.refresh());
    });
    const timer = setInterval(() => {
      if (!document.hidden && !this.access.isTokenNeeded()) void this.refresh();
    }, refreshEvery);
    inject(DestroyRef).onDestroy(() => clearInterval(timer));
  }

  protected newRun(): void {
    void this.router.navigate(['/runs', newRunId()]);
  }

  protected async showMore(): Promise<void> {
    await this.reading(async () => {
      const page = await this.api.list(this.cursor());
      this.older.update((runs) => [...runs, ...page.runs]);
      this.cursor.set(page.nextCursor);
    });
  }

  private async refresh(): Promise<void> {
    await this.reading(async () => {
      const page = await this.api.list();
      if (this.older().length === 0) this.cursor.set(page.nextCursor);
      this.newest.set(page.runs);
    });
  }

  private async reading(action: () => Promise<void>): Promise<void> {
    try {
      await action();
      this.problem.set(null);
    } catch (error) {
      this.problem.set(
        error instanceof HttpError ? `The list could not be read. ${error.message}` : 'The server does not answer. Trying again.',
      );
    }
    this.now.set(Date.now());
  }
}

/** A UUID also where the page came over plain HTTP from another machine: `randomUUID` is not there then. */
function newRunId(): string {
  if (typeof crypto.randomUUID === 'function') return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
