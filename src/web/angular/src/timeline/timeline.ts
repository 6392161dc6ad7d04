import { ChangeDetectionStrategy, Component, computed, ElementRef, inject, input, model, signal, viewChild } from '@angular/core';
import { CollaborationEvent } from '@collab/client';
import { CollabAvatar } from '../avatar/avatar';
import { CollaborationStore } from '../collaboration-store';
import { CollabSentences, filterOfType, KindFilter } from '../events/sentences';
import { KeepsFocus } from '../look/keep-focus';
import { kindColour } from '../look/kinds';
import { counted, minuteTitle } from '../look/format';
import { byName, called } from '../look/user';
import { CollabTimeTravel } from '../time-travel/time-travel';
import { byMinute, newest } from './minutes';
import { PendingSends } from './pending-sends';
import { Row, Rows } from './rows';
import { seenBy } from './seen-by';

/** How many events are drawn at first, and how many more each time the user asks. */
const page = 100;

/**
 * What happened in the run, newest first and by the minute, and before that what is still on its way, or was refused: to be sent once more,
 * or discarded. Narrows down to a kind and a person, and leads to the past, which a `<collab-scrubber>` leads back from. As high as the
 * page lets it be; then it scrolls. Every colour is a custom property, `--collab-…`; see the README.
 */
@Component({
  selector: 'collab-timeline',
  imports: [CollabAvatar, KeepsFocus, PendingSends],
  templateUrl: './timeline.html',
  styleUrls: ['../look/colours.css', '../look/controls.css', './timeline.css'],
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class CollabTimeline {
  /** What it is called, above it. */
  readonly heading = input('Timeline');
  /** What screen readers call the list of events; two timelines on a page want two names. */
  readonly label = input('Events, newest first');
  /** Whether events offer to go back to them. */
  readonly goesBack = input(true);
  /** The kind of event that it is narrowed down to, or a type of which nothing else is known; null, the default: all. */
  readonly kind = model<string | null>(null);
  /** The id of the user that it is narrowed down to; null, the default: everybody. */
  readonly person = model<string | null>(null);

  private readonly store = inject(CollaborationStore);
  private readonly sentences = inject(CollabSentences);
  private readonly rows = new Rows(this.sentences);
  private readonly limit = signal(page);
  private readonly scroll = viewChild.required<ElementRef<HTMLElement>>('scroll');

  protected readonly travel = inject(CollabTimeTravel);
  /** What is among the events, and what was chosen: also where there is nothing of it, so that one sees what is looked for. */
  protected readonly kinds = computed<readonly KindFilter[]>(() => {
    const [kinds, chosen] = [this.sentences.filters(this.travel.events()), this.kind()];
    if (chosen === null || kinds.some((kind) => keyOf(kind) === chosen)) return kinds;
    return [...kinds, filterOfType(chosen)];
  });

  /** False until the first answer. */
  protected readonly isKnown = computed(() => this.store.epoch() !== null);
  protected readonly count = computed(() => this.travel.events().length);
  protected readonly countText = computed(() => counted(this.count(), 'event'));
  protected readonly people = computed(() => {
    const names = this.store.userNames();
    const ids = new Set(this.travel.events().map((event) => event.userId));
    const chosen = this.person();
    if (chosen !== null) ids.add(chosen);
    return [...ids].map((userId) => ({ userId, name: called(userId, names) })).sort((a, b) => byName(a.name, b.name));
  });
  protected readonly isFiltered = computed(() => this.kind() !== null || this.person() !== null);
  private readonly found = computed(() => {
    const [kind, userId] = [this.kind(), this.person()];
    const passes = (event: CollaborationEvent): boolean =>
      (kind === null || this.isOf(event, kind)) && (userId === null || event.userId === userId);
    return newest(this.travel.events(), passes, this.limit());
  });
  protected readonly hasMore = computed(() => this.found().more);
  protected readonly minutes = computed(() => {
    const [now, names] = [Date.now(), this.store.userNames()];
    return byMinute(this.found().shown).map((minute) => ({
      at: minute.at,
      title: minuteTitle(minute.at, now),
      rows: minute.events.map((event) => this.rows.of(event, names)),
    }));
  });
  /** Who has seen which of the events that are drawn. */
  protected readonly seen = computed(() =>
    seenBy(this.found().shown, {
      activeUsers: this.store.activeUsers(),
      self: this.store.userId(),
      seen: this.store.seen(),
      names: this.store.userNames(),
    }),
  );
  protected readonly agents = computed<ReadonlySet<string>>(() => new Set(this.store.agents()));
  /** The oldest number kept, where older events were folded into the state. */
  protected readonly truncatedAt = computed(() =>
    this.store.truncated() && !this.isFiltered() && !this.hasMore() ? this.store.oldestSequence() : null,
  );

  /** Long events that are shown whole. */
  protected readonly unfolded = signal<ReadonlySet<CollaborationEvent>>(new Set());
  protected readonly kindColour = kindColour;
  protected readonly keyOf = keyOf;

  protected unfold(row: Row): void {
    this.unfolded.update((rows) => new Set([...rows, row.event]));
  }

  protected showMore(): void {
    this.limit.update((limit) => limit + page);
  }

  protected filterByUser(event: Event): void {
    this.person.set((event.target as HTMLSelectElement).value || null);
  }

  protected clearFilter(): void {
    this.kind.set(null);
    this.person.set(null);
    // The button goes away; what it led to is here.
    this.scroll().nativeElement.focus();
  }

  private isOf({ eventType }: CollaborationEvent, key: string): boolean {
    const kind = this.sentences.kindOf(eventType);
    return kind === key || (kind === 'other' && eventType === key);
  }
}

function keyOf({ kind, eventType }: KindFilter): string {
  return eventType ?? kind;
}
