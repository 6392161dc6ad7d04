import { ChangeDetectionStrategy, Component, computed, inject, signal } from '@angular/core';
import { CollaborationStore } from '@collab/angular';
import { CollaborationEvent } from '@collab/client';
import { Avatar } from '../shared/avatar';
import { clockTime, counted, fullTime, minuteTitle } from '../shared/format';
import { Icon } from '../shared/icon';
import { guarded } from '../shared/guarded';
import { Kind, kindOf, predicate, Words } from '../shared/sentence';
import { called, userColour } from '../shared/user';
import { TimeTravel } from '../time-travel/time-travel';
import { byMinute, newest } from './minutes';
import { PendingSends } from './pending-sends';

/** How many events are drawn at first, and how many more each time the user asks. */
const page = 200;

interface Row {
  readonly event: CollaborationEvent;
  readonly sequence: number;
  readonly kind: Kind;
  readonly words: readonly Words[];
  readonly time: string;
  readonly fullTime: string;
}

// Events never change, so neither do their rows: a busy run works out only what is new.
const rows = new WeakMap<CollaborationEvent, Row>();

function rowOf(event: CollaborationEvent): Row {
  const known = rows.get(event);
  if (known) return known;
  const row: Row = {
    event,
    sequence: event.sequenceNumber ?? 0,
    kind: kindOf(event.eventType),
    words: guarded(() => predicate(event), []),
    time: clockTime(event.timestamp),
    fullTime: fullTime(event.timestamp),
  };
  rows.set(event, row);
  return row;
}

/** What happened, newest first, and before that what is still on its way. */
@Component({
  selector: 'collab-timeline',
  imports: [Avatar, Icon, PendingSends],
  templateUrl: './timeline.html',
  styleUrl: './timeline.css',
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class Timeline {
  private readonly store = inject(CollaborationStore);
  private readonly limit = signal(page);

  protected readonly travel = inject(TimeTravel);
  protected readonly kind = signal<Kind | null>(null);
  protected readonly userId = signal<string | null>(null);
  protected readonly kinds: readonly { readonly kind: Kind; readonly title: string }[] = [
    { kind: 'graft', title: 'Grafts' },
    { kind: 'prune', title: 'Prunes' },
    { kind: 'flag', title: 'Flags' },
  ];

  /** False until the first answer. */
  protected readonly isKnown = computed(() => this.store.epoch() !== null);
  protected readonly count = computed(() => this.travel.events().length);
  protected readonly countText = computed(() => counted(this.count(), 'event'));
  protected readonly people = computed(() => {
    const names = this.store.userNames();
    const ids = new Set(this.travel.events().map((event) => event.userId));
    return [...ids].map((userId) => ({ userId, name: called(userId, names) })).sort((a, b) => (a.name < b.name ? -1 : 1));
  });
  protected readonly isFiltered = computed(() => this.kind() !== null || this.userId() !== null);
  private readonly found = computed(() => newest(this.travel.events(), { kind: this.kind(), userId: this.userId() }, this.limit()));
  protected readonly hasMore = computed(() => this.found().more);
  protected readonly minutes = computed(() => {
    const now = Date.now();
    return byMinute(this.found().shown).map((minute) => ({
      at: minute.at,
      title: minuteTitle(minute.at, now),
      rows: minute.events.map(rowOf),
    }));
  });
  /** The oldest number kept, where older events were folded into the pipeline. */
  protected readonly truncatedAt = computed(() =>
    this.store.truncated() && !this.isFiltered() && !this.hasMore() ? this.store.oldestSequence() : null,
  );

  protected readonly userColour = userColour;

  /** What the event itself calls them: people change their names. */
  protected who({ userId, userName }: CollaborationEvent): string {
    return called(userId, userName === undefined ? this.store.userNames() : { [userId]: userName });
  }

  protected showMore(): void {
    this.limit.update((limit) => limit + page);
  }

  protected filterByUser(event: Event): void {
    this.userId.set((event.target as HTMLSelectElement).value || null);
  }

  protected clearFilter(): void {
    this.kind.set(null);
    this.userId.set(null);
  }
}
