import {
  afterNextRender,
  ChangeDetectionStrategy,
  Component,
  computed,
  DestroyRef,
  effect,
  ElementRef,
  inject,
  Injector,
  signal,
  untracked,
  viewChild,
} from '@angular/core';
import { Router, RouterLink } from '@angular/router';
import { CollabSentences } from '@collab/angular/events/sentences';
import { counted } from '@collab/angular/look/format';
import { isolated } from '@collab/angular/look/text';
import { byName } from '@collab/angular/look/user';
import { newUuid } from '@collab/client/uuid';
import { Access } from '../identity/access';
import { Welcome } from '../identity/welcome';
import { Icon } from '../shared/icon';
import { Logo } from '../shared/logo';
import { serverAddress } from '../shared/address';
import { addressParam } from '../shared/address-param';
import { HttpError, problemOf } from '../shared/request';
import { RunTitles } from '../shared/run-titles';
import { RunsApi } from '../shared/runs-api';
import { ThemeSwitch } from '../shared/theme-switch';
import { extended, refreshed, RunList, runsOf } from './run-list';
import { filtered, RunFilter } from './run-filter';
import { RunRow, runTitle } from './run-row';

/** How often the list is read again, in ms, while the page is seen. */
const refreshEvery = 5000;
/** With fewer runs there is nothing to search. */
const few = 5;
/** So many rows are drawn at first, and so many more on demand. */
const rowsAtOnce = 20;
/** So many runs are searched, and so many more on demand; so many are asked for at a time then. */
const searchedAtOnce = 500;
const pageOfSearch = 100;
/** Within an hour, a day, a week, in ms. */
export const spans = [
  { title: 'Last hour', ms: 3_600_000 },
  { title: 'Last 24 hours', ms: 86_400_000 },
  { title: 'Last 7 days', ms: 604_800_000 },
];

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
  private readonly titles = inject(RunTitles);
  private readonly sentences = inject(CollabSentences);
  private readonly router = inject(Router);
  protected readonly access = inject(Access);
  private readonly injector = inject(Injector);
  private readonly rows = viewChild<ElementRef<HTMLElement>>('rows');
  private readonly searchField = viewChild<ElementRef<HTMLInputElement>>('search');
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
  private readonly limit = signal(rowsAtOnce);
  private readonly reach = signal(searchedAtOnce);
  private readonly over = new AbortController();
  private readonly isSearching = signal(false);
  /** Whether a search goes on, or is about to. */
  protected readonly isUnderWay = computed(() => this.isSearching() || this.isShort());

  protected readonly isolated = isolated;
  protected readonly spans = spans;
  protected readonly query = addressParam('q');
  /** A user's id behind an `=`, `anybody`, or nothing: ids are others' text, and may be any word. */
  protected readonly person = addressParam('who');
  private readonly span = addressParam('within');
  protected readonly within = computed(() => spans.find(({ ms }) => String(ms) === this.span())?.ms ?? null);
  private readonly openOrEnded = addressParam('state');
  /** `open`, `ended`, or nothing: both. */
  protected readonly state = computed(() => (['open', 'ended'].includes(this.openOrEnded()) ? this.openOrEnded() : ''));
  protected readonly isFiltered = computed(
    () => this.query().trim() !== '' || this.person() !== '' || this.within() !== null || this.state() !== '',
  );
  protected readonly isSearchable = computed(() => this.isFiltered() || (this.runs()?.length ?? 0) >= few);
  /** Who is somewhere, and who was chosen: also when they have left, so that one sees what is looked for. */
  protected readonly people = computed(() => {
    const chosen = this.person().startsWith('=') ? [this.person().slice(1)] : [];
    return [...new Set([...(this.runs()?.flatMap((run) => run.activeUsers) ?? []), ...chosen])].sort(byName);
  });
  protected readonly found = computed(() => {
    const person = this.person();
    const wanted = person === '' ? null : person === 'anybody' ? person : { userId: person.slice(1) };
    const ended = this.state() === '' ? null : this.state() === 'ended';
    const filter: RunFilter = { query: this.query(), person: wanted, within: this.within(), ended };
    return filtered(this.runs() ?? [], filter, this.now(), {
      titleOf: (run) => runTitle(run, this.titles),
      sentenceOf: (event) => this.sentences.sentence(event),
    });
  });
  protected readonly shown = computed(() => this.found().slice(0, this.limit()));
  protected readonly isCut = computed(() => this.found().length > this.limit());
  /** Whether there are runs that were not searched. */
  protected readonly isBounded = computed(() => this.isFiltered() && this.hasMore() && !this.isUnderWay());
  protected readonly foundText = computed(() => {
    if (!this.isFiltered()) return '';
    if (this.isUnderWay()) return 'Searching…';
    const found = `${counted(this.found().length, 'run')} found`;
    return this.hasMore() ? `${found} among the newest ${counted(this.runs()?.length ?? 0, 'run')}` : found;
  });

  constructor() {
    // At once, and again when a token was pasted.
    effect(() => {
      if (!this.access.isTokenNeeded()) untracked(() => void this.refresh());
    });
    const timer = setInterval(() => {
      if (!document.hidden && !this.access.isTokenNeeded()) void this.refresh();
    }, refreshEvery);
    inject(DestroyRef).onDestroy(() => {
      clearInterval(timer);
      this.over.abort();
    });
    // What is looked for may be further down than what is shown.
    effect(() => {
      this.query();
      this.reach();
      if (this.isFiltered() && this.list() !== null && this.problem() === null) untracked(() => void this.search());
    });
  }

  protected newRun(): void {
    void this.router.navigate(['/runs', newUuid()]);
  }

  protected filterByTime(value: string): void {
    this.span.set(value);
  }

  protected filterByState(value: string): void {
    this.openOrEnded.set(value);
  }

  protected searchOlder(): void {
    this.reach.set((this.runs()?.length ?? 0) + searchedAtOnce);
  }

  protected clearFilter(): void {
    this.query.set('');
    this.person.set('');
    this.span.set('');
    this.openOrEnded.set('');
    // The button goes away.
    this.searchField()?.nativeElement.focus();
  }

  protected async showMore(): Promise<void> {
    if (this.isExtending()) return;
    this.isExtending.set(true);
    const shown = this.shown().length;
    const wanted = Math.max(shown, rowsAtOnce) + rowsAtOnce;
    if (this.found().length < wanted && !this.isFiltered()) await this.extend();
    this.limit.set(wanted);
    this.isExtending.set(false);
    if (this.shown().length > shown) this.goTo(shown);
  }

  /** What was asked for is read on from there: the button is far below then, or gone. */
  private goTo(row: number): void {
    if (!document.activeElement?.matches('[data-testid="more-runs"]')) return;
    afterNextRender(() => this.rows()?.nativeElement.querySelectorAll('a')[row]?.focus(), { injector: this.injector });
  }

  private extend(count?: number): Promise<void> {
    return this.reading(async () => {
      const list = this.list();
      if (list?.cursor) this.list.set(extended(list, await this.api.list(list.cursor, count)));
    });
  }

  /** Reads on through the runs as far as they are to be searched, and what they are called. */
  private async search(): Promise<void> {
    if (this.isSearching() || !(this.isShort() || this.untitled().length > 0)) return;
    this.isSearching.set(true);
    do {
      while (this.isShort()) await this.extend(pageOfSearch);
      await this.titles.find(this.untitled(), this.over.signal);
    } while (this.isShort());
    this.isSearching.set(false);
  }

  /** Whether more runs are to be read for a search. */
  private isShort(): boolean {
    const goesOn = this.isFiltered() && !this.over.signal.aborted && this.problem() === null;
    return goesOn && this.hasMore() && (this.runs()?.length ?? 0) < this.reach();
  }

  /** The runs in which words are searched, and whose titles are not known. */
  private untitled(): readonly string[] {
    if (this.query().trim() === '') return [];
    const runs = (this.runs() ?? []).filter((run) => run.lastSequence > 0 && runTitle(run, this.titles) === null);
    return this.titles.unknown(runs.map(({ runId }) => runId));
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
