import {
  ChangeDetectionStrategy,
  Component,
  computed,
  effect,
  ElementRef,
  inject,
  input,
  output,
  signal,
  untracked,
  viewChild,
} from '@angular/core';
import { RunTitles } from '../shared/run-titles';
import { AdminApi } from './admin-api';
import { Connection, isOpen, Reading } from './admin-contract';
import { ConnectionTable } from './connection-table';
import { Deeds } from './deeds';
import { DisconnectDialog } from './disconnect-dialog';
import { count, healthWord } from './figures';
import { FlightDialog } from './flight-dialog';
import { Filter, healths, matching } from './rows';

/** Of so many runs it is asked what they are called. */
const mostNamed = 100;
const everything: Filter = { text: '', runId: null, health: null, ended: false };

/** The connections with what narrows them down, and what an administrator does to them. */
@Component({
  selector: 'collab-connections',
  imports: [ConnectionTable, DisconnectDialog, FlightDialog],
  templateUrl: './connections.html',
  styleUrl: './connections.css',
  host: { class: 'card' },
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class Connections {
  readonly reading = input.required<Reading | null>();
  /** Something was done: what is shown is out of date. */
  readonly changed = output();

  private readonly api = inject(AdminApi);
  private readonly titles = inject(RunTitles);
  private readonly nameOf = (runId: string): string => this.titles.name(runId);
  private readonly result = viewChild.required<ElementRef<HTMLElement>>('result');
  private readonly text = viewChild.required<ElementRef<HTMLInputElement>>('text');
  protected readonly filter = signal(everything);
  protected readonly asked = signal<Connection | null>(null);
  protected readonly looked = signal<Connection | null>(null);
  protected readonly ending = signal<string | null>(null);
  protected readonly deeds = new Deeds(
    () => this.result().nativeElement.focus(),
    () => this.changed.emit(),
  );

  private readonly all = computed(() => this.reading()?.connections ?? []);
  protected readonly rows = computed(() => matching(this.all(), this.filter(), this.nameOf));
  protected readonly areSeveral = computed(() => (this.reading()?.cluster.members.length ?? 0) > 1);
  protected readonly isNarrowed = computed(() => this.rows().length < this.all().filter(isOpen).length);
  protected readonly runs = computed(() => {
    const runs = Object.entries(this.reading()?.overview.connectionsByRun ?? {});
    // The run that was chosen stays there to be seen, also when its last connection has gone.
    const chosen = this.filter().runId;
    if (chosen !== null && !runs.some(([runId]) => runId === chosen)) runs.push([chosen, 0]);
    return runs.map(([runId, connections]) => ({ runId, label: `${this.nameOf(runId)} (${count(connections)})` }));
  });
  protected readonly ended = computed(() => {
    const reading = this.reading();
    if (!reading) return 0;
    // The health is that of hub connections; streams and polls are listed too, the open ones first.
    return Math.max(0, reading.listable - Math.max(reading.health.totalConnections, reading.connections.filter(isOpen).length));
  });
  protected readonly summary = computed(() => {
    const reading = this.reading();
    if (!reading) return 'Loading';
    const cut =
      reading.listable > this.all().length ? ` · the newest ${count(this.all().length)} of ${count(reading.listable)} are listed` : '';
    return `${count(this.rows().length)} shown${cut}`;
  });
  protected readonly healths = healths.map((status) => ({ status, word: healthWord(status) }));

  constructor() {
    effect(() => {
      const ids = [...new Set(this.all().flatMap(({ runIds }) => runIds))].slice(0, mostNamed);
      untracked(() => void this.titles.find(ids));
    });
  }

  protected narrow(part: Partial<Filter>): void {
    this.filter.update((filter) => ({ ...filter, ...part }));
  }

  protected narrowToHealth(value: string): void {
    this.narrow({ health: healths.find((status) => status === value) ?? null });
  }

  protected showAll(): void {
    this.filter.set(everything);
    // The button goes away.
    this.text().nativeElement.focus();
  }

  protected async end(connection: Connection): Promise<void> {
    this.ending.set(connection.sessionId);
    await this.deeds.do(async () =>
      (await this.api.disconnect(connection.sessionId))
        ? `${connection.userId} was disconnected.`
        : `${connection.userId}’s connection had ended already.`,
    );
    this.ending.set(null);
  }

  protected async forgetEnded(): Promise<void> {
    await this.deeds.do(async () => {
      const removed = await this.api.forgetEnded();
      return removed === 1 ? '1 ended connection was forgotten.' : `${count(removed)} ended connections were forgotten.`;
    });
  }
}
