import { ChangeDetectionStrategy, Component, computed, inject, input, linkedSignal, output, signal } from '@angular/core';
import { RouterLink } from '@angular/router';
import { CollabAvatar } from '@collab/angular/avatar/avatar';
import { fullTime, minuteTitle } from '@collab/angular/look/format';
import { isolated, legible } from '@collab/angular/look/text';
import { RunTitles } from '../shared/run-titles';
import { Connection, isOpen } from './admin-contract';
import { columns } from './columns';
import { HealthBadge } from './health-badge';
import { inOrder, Sort, sorted, SortKey } from './rows';
import { endings, kinds } from './words';

/** So many rows are drawn at first, and so many more on demand. */
const pageSize = 200;

/** The connections, to be sorted by any column, each with a button that asks for its end. */
@Component({
  selector: 'collab-connection-table',
  imports: [CollabAvatar, HealthBadge, RouterLink],
  templateUrl: './connection-table.html',
  styleUrl: './connection-table.css',
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class ConnectionTable {
  readonly connections = input.required<readonly Connection[]>();
  /** Its end was asked for already. */
  readonly ending = input<string | null>(null);
  /** Whether there is more than one server, and each row says on which it is. */
  readonly tellsServer = input(false);
  readonly disconnect = output<Connection>();
  /** What became of its client is asked for. */
  readonly history = output<Connection>();

  private readonly titles = inject(RunTitles);
  protected readonly runName = (runId: string): string => this.titles.name(runId);
  protected readonly columns = columns;
  protected readonly sort = signal<Sort>({ key: 'connectedAt', descending: true });
  /**
   * While the user points at a row, or has the focus in one, rows keep their places: a button must not move away, or another one under the
   * pointer.
   */
  protected readonly isPointed = signal(false);
  protected readonly isFocused = signal(false);
  protected readonly limit = signal(pageSize);
  private readonly rows = linkedSignal<{ readonly all: readonly Connection[]; readonly sort: Sort; readonly held: boolean }, Rows>({
    source: () => ({ all: this.connections(), sort: this.sort(), held: this.isPointed() || this.isFocused() }),
    computation: ({ all, sort, held }, before) => ({
      sort,
      list:
        held && before?.value.sort === sort
          ? inOrder(
              all,
              before.value.list.map(({ sessionId }) => sessionId),
            )
          : sorted(all, sort, this.runName),
    }),
  });
  protected readonly shown = computed(() => this.rows().list.slice(0, this.limit()));
  protected readonly hidden = computed(() => Math.max(0, this.rows().list.length - this.limit()));

  protected sortBy(key: SortKey): void {
    // Figures are looked at from the top, names from A.
    const startsDescending = key !== 'userId' && key !== 'runId';
    this.sort.update((sort) => ({ key, descending: sort.key === key ? !sort.descending : startsDescending }));
  }

  protected ariaSort(key: SortKey): string | null {
    if (this.sort().key !== key) return null;
    return this.sort().descending ? 'descending' : 'ascending';
  }

  protected showMore(): void {
    this.limit.update((limit) => limit + pageSize);
  }

  protected readonly isOpen = isOpen;
  protected readonly legible = legible;
  protected readonly isolated = isolated;
  protected readonly fullTime = fullTime;

  /** By what way, if it is no WebSocket, and on which server, if there are several. */
  protected whereOf({ kind, server }: Connection): string {
    const on = this.tellsServer() && server !== null ? `on ${legible(server)}` : null;
    return [kinds[kind], on].filter((word) => word !== null).join(' ');
  }

  protected endedBy({ reason }: Connection): string {
    return reason === null ? '' : `, ${endings[reason]}`;
  }

  protected endedAt({ disconnectedAt }: Connection): string {
    return disconnectedAt === null ? '' : minuteTitle(disconnectedAt, Date.now());
  }
}

interface Rows {
  readonly sort: Sort;
  readonly list: readonly Connection[];
}
