import { ChangeDetectionStrategy, Component, computed, inject, signal } from '@angular/core';
import { CollaborationStore } from '@collab/angular';
import { CollaborationEvent } from '@collab/client';
import { Avatar } from '../shared/avatar';
import { clockTime, counted, fullTime, minuteTitle } from '../shared/format';
import { Icon } from '../shared/icon';
import { guarded } from '../shared/guarded';
import { Kind, kindOf, predicate, Words } from '../shared/sentence';
import { isolated } from '../shared/text';
import { byName, called, userColour } from '../shared/user';
import { TimeTravel } from '../time-travel/time-travel';
import { byMinute, newest } from './minutes';
import { PendingSends } from './pending-sends';

/** How many events are drawn at first, and how many more each time the user asks. */
const page = 200;
/** Sentences of more characters are cut. */
const longText = 180;

interface Row {
  readonly event: CollaborationEvent;
  readonly sequence: number;
  readonly kind: Kind;
  readonly words: readonly Words[];
  readonly time: string;
  readonly fullTime: string;
  /** Longer than a row should be: it is cut until one asks for all of it. */
  readonly isLong: boolean;
}

// Events never change, so neither do their rows: a busy run works out only what is new.
const rows = new WeakMap<CollaborationEvent, Row>();

function rowOf(event: CollaborationEvent): Row {
  const known = rows.get(event);
  if (known) return known;
  const words = guarded(() => predicate(event), []);
  const row: Row = {
    event,
    sequence: event.sequenceNumber ?? 0,
    kind: kindOf(event.eventType),
    words,
    isLong: words.reduce((sum, { text }) => sum + text.length, 0) > longText,
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
  private readonly hasProgress = computed(() => this.travel.events().some(({ eventType }) => kindOf(eventType) === 'step'));
  protected readonly kinds = computed<readonly { readonly kind: Kind; readonly title: string }[]>(() => [
    { kind: 'graft', title: 'Grafts' },
    { kind: 'prune', title: 'Prunes' },
    { kind: 'flag', title: 'Flags' },
    ...(this.hasProgress() ? [{ kind: 'step', title: 'Steps' } as const] : []),
  ]);

  /** False until the first answer. */
  protected readonly isKnown = computed(() => this.store.epoch() !== null);
  protected readonly count = computed(() => this.travel.events().length);
  protected readonly countText = computed(() => counted(this.count(), 'event'));
  protected readonly people = computed(() => {
    const names = this.store.userNames();
    const ids = new Set(this.travel.events().map((event) => event.userId));
    return [...ids].map((userId) => ({ userId, name: called(userId, names) })).sort((a, b) => byName(a.name, b.name));
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

  private readonly unfolded = signal<ReadonlySet<CollaborationEvent>>(new Set());
  protected readonly userColour = userColour;
  protected readonly isolated = isolated;

  protected isCut(row: Row): boolean {
    return row.isLong && !this.unfolded().has(row.event);
  }

  protected unfold(row: Row): void {
    this.unfolded.update((rows) => new Set([...rows, row.event]));
  }

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
