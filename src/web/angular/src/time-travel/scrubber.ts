import {
  ChangeDetectionStrategy,
  Component,
  computed,
  DestroyRef,
  effect,
  ElementRef,
  inject,
  input,
  signal,
  viewChild,
} from '@angular/core';
import { CollaborationStore } from '../collaboration-store';
import { CollabSentences } from '../events/sentences';
import { clockTime, counted } from '../look/format';
import { kindColour } from '../look/kinds';
import { CollabTimeTravel } from './time-travel';

const lanes: Readonly<Record<string, number>> = { graft: 0, prune: 1, flag: 2 };
/** With more events than this the strokes are thin. */
const crowd = 150;
/** A step of the film in ms, and how many steps the whole of it takes at most. */
const stepTime = 250;
const maxSteps = 120;

/**
 * Drags what is shown through the kept events of the run, plays them, and leads back to live. It is as high in the past as it is live, so
 * that nothing moves. What it contains stands beside the way back while the past is shown. What a page shows of the past it reads from
 * {@link CollabTimeTravel}. Every colour is a custom property, `--collab-…`; see the README.
 */
@Component({
  selector: 'collab-scrubber',
  templateUrl: './scrubber.html',
  styleUrls: ['../look/colours.css', '../look/controls.css', './scrubber.css'],
  host: { '[class.past]': 'travel.isPast()' },
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class CollabScrubber {
  protected readonly travel = inject(CollabTimeTravel);
  protected readonly isPlaying = signal(false);

  /** What is gone through, for screen readers: a phrase that the event's number follows. */
  readonly label = input('Show the run as it was at event number');

  private readonly store = inject(CollaborationStore);
  private readonly sentences = inject(CollabSentences);
  private readonly range = viewChild.required<ElementRef<HTMLInputElement>>('range');
  protected readonly isConnected = this.store.isConnected;
  protected readonly hasEnded = this.store.ended;
  /** How far what is shown is of now. */
  protected readonly currency = computed(() => {
    if (this.store.epoch() === null && this.travel.events().length === 0) return 'Nothing seen yet';
    if (this.hasEnded()) return 'As it ended';
    if (!this.isConnected()) return 'As last seen';
    return this.store.usingFallback() ? 'Up to date' : 'Live';
  });
  protected readonly isCrowded = computed(() => this.travel.events().length > crowd);
  protected readonly isEmpty = computed(() => this.travel.range().last <= this.travel.range().first);
  protected readonly time = computed(() => {
    const event = this.travel.event();
    return event ? clockTime(event.timestamp) : null;
  });
  protected readonly valueText = computed(() =>
    this.travel.isPast()
      ? `Number ${this.travel.sequence()}${this.time() ? `, ${this.time()}` : ', before the first event that is kept'}`
      : this.currency(),
  );
  /** The events as strokes where their numbers lie, each kind in a lane of its own, in a box of 1000 × 3. */
  protected readonly strokes = computed(() => {
    const { first, last } = this.travel.range();
    const paths = new Map<string, string>();
    for (const event of this.travel.events()) {
      const x = Math.round((((event.sequenceNumber ?? 0) - first) / Math.max(1, last - first)) * 10_000) / 10;
      const kind = this.sentences.kindOf(event.eventType);
      paths.set(kind, `${paths.get(kind) ?? ''}M${x} ${lanes[kind] ?? 0}v1`);
    }
    return Array.from(paths, ([kind, path]) => ({ kind, path, colour: kindColour(kind) }));
  });

  protected readonly counted = counted;

  constructor() {
    effect((onCleanup) => {
      if (!this.isPlaying()) return;
      const timer = setInterval(() => this.step(), stepTime);
      onCleanup(() => clearInterval(timer));
    });
    inject(DestroyRef).onDestroy(() => this.isPlaying.set(false));
  }

  protected async drag(event: Event): Promise<void> {
    this.isPlaying.set(false);
    const input = event.target as HTMLInputElement;
    await this.travel.goTo(input.valueAsNumber);
    // Where it could not go there, the thumb goes back.
    input.valueAsNumber = this.travel.sequence();
  }

  protected async togglePlay(): Promise<void> {
    if (this.isPlaying()) {
      this.isPlaying.set(false);
      return;
    }
    if (!this.travel.isPast()) await this.travel.goTo(this.travel.range().first);
    this.isPlaying.set(this.travel.isPast());
  }

  protected backToLive(): void {
    this.isPlaying.set(false);
    this.travel.backToLive();
    // The button that was pressed is gone.
    this.range().nativeElement.focus();
  }

  private step(): void {
    const { first, last } = this.travel.range();
    if (this.travel.isPast()) void this.travel.goTo(this.travel.sequence() + Math.ceil((last - first) / maxSteps));
    else this.isPlaying.set(false);
  }
}
