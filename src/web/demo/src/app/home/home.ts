import { ChangeDetectionStrategy, Component, computed, DestroyRef, effect, inject, signal, untracked } from '@angular/core';
import { Router, RouterLink } from '@angular/router';
import { newUuid } from '@collab/client';
import { Access } from '../identity/access';
import { Welcome } from '../identity/welcome';
import { Icon } from '../shared/icon';
import { Logo } from '../shared/logo';
import { serverAddress } from '../shared/address';
import { HttpError, problemOf } from '../shared/request';
import { RunsApi } from '../shared/runs-api';
import { ThemeSwitch } from '../shared/theme-switch';
import { extended, refreshed, RunList, runsOf } from './run-list';
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
  protected readonly apiDocument = serverAddress('openapi/v1.json');
  protected readonly metrics = serverAddress('metrics');

  private readonly list = signal<RunList | null>(null);
  /** One request at a time: what one answers builds on what the other did. */
  private turn: Promise<void> = Promise.resolve();
  private isRefreshing = false;
  protected readonly isExtending = signal(false);
  protected readonly problem = signal<string | null>(null);
  protected readonly now = signal(Date.now());
  /** Null until the first answer. */
  protected readonly runs = computed(() => {
    const list = this.list();
    return list && runsOf(list);
  });
  protected readonly hasMore = computed(() => (this.list()?.cursor ?? null) !== null);

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
    void this.router.navigate(['/runs', newUuid()]);
  }

  protected async showMore(): Promise<void> {
    if (this.isExtending()) return;
    this.isExtending.set(true);
    await this.reading(async () => {
      const list = this.list();
      if (list?.cursor) this.list.set(extended(list, await this.api.list(list.cursor)));
    });
    this.isExtending.set(false);
  }

  private async refresh(): Promise<void> {
    if (this.isRefreshing) return;
    this.isRefreshing = true;
    await this.reading(async () => this.list.set(refreshed(this.list(), await this.api.list())));
    this.isRefreshing = false;
  }

  private reading(action: () => Promise<void>): Promise<void> {
    return (this.turn = this.turn.then(() => this.read(action)));
  }

  private async read(action: () => Promise<void>): Promise<void> {
    try {
      await action();
      this.problem.set(null);
    } catch (error) {
      this.problem.set(error instanceof HttpError ? `The list could not be read. ${error.message}` : problemOf(error));
    }
    this.now.set(Date.now());
  }
}
