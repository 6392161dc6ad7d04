import { DatePipe, DecimalPipe, PercentPipe } from '@angular/common';
import {
  afterRenderEffect,
  ChangeDetectionStrategy,
  Component,
  computed,
  effect,
  ElementRef,
  inject,
  input,
  signal,
  viewChild,
} from '@angular/core';
import { defaultPollIntervalMs } from '@collab/client';
import { CollaborationStore } from '../collaboration-store';
import { COLLAB_OPTIONS } from '../options';
import { Flight } from './flight';
import { sparkline } from './sparkline';
import { connectionTone, connectionWord, endingWords, fallbackWords, isRunOver, transportName } from './wording';

/** How long a connection that came back says so, in ms. */
const backFor = 4000;
/** Between the pill's details and the edge of the window, at least, in CSS px. */
const edge = 8;
let instances = 0;

/**
 * How the connection does: its state in a word and a sign, latency, delivery rate, reconnections, what is queued, and a warning
 * while HTTP polling stands in. Every colour is a custom property, `--collab-…`; see the README.
 */
@Component({
  selector: 'collab-connection-health',
  imports: [DatePipe, DecimalPipe, Flight, PercentPipe],
  templateUrl: './connection-health.html',
  styleUrls: ['../look/colours.css', './connection-health.css'],
  host: {
    'data-testid': 'connection-health',
    '[class]': 'layout()',
    '[attr.data-tone]': 'tone()',
    '(window:resize)': 'place()',
    '(document:pointerdown)': 'closeUnlessInside($event.target)',
    '(keydown.escape)': 'close(true)',
    '(focusout)': 'closeUnlessInside($event.relatedTarget)',
  },
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class CollabConnectionHealth {
  /** `panel`: everything at once. `pill`: a button with the word and the latency, that opens the rest. */
  readonly layout = input<'panel' | 'pill'>('panel');
  /** Whether to warn while polling. A page that says so elsewhere can turn it off here. */
  readonly showFallbackWarning = input(true);

  private readonly store = inject(CollaborationStore);
  private readonly host = inject<ElementRef<HTMLElement>>(ElementRef);
  private readonly button = viewChild<ElementRef<HTMLButtonElement>>('pill');
  private readonly details = viewChild<ElementRef<HTMLElement>>('details');
  private readonly kind = computed(() => this.store.connection().kind);
  private readonly isBack = signal(false);
  private readonly pollSeconds = (inject(COLLAB_OPTIONS).pollIntervalMs ?? defaultPollIntervalMs) / 1000;
  /** There is nothing to be connected for any more: being away is no fault. */
  private readonly isOver = computed(() => isRunOver(this.store.connection(), this.store.ended()));

  protected readonly detailsId = `collab-connection-health-${instances++}`;
  protected readonly isOpen = signal(false);
  protected readonly health = this.store.connectionHealth;
  protected readonly queued = this.store.queuedMessageCount;
  protected readonly hasEnded = this.store.ended;
  protected readonly usingFallback = this.store.usingFallback;
  protected readonly latencies = this.store.latencies;
  protected readonly word = computed(() => (this.isOver() ? 'Run ended' : connectionWord(this.store.connection(), this.isBack())));
  protected readonly tone = computed(() => (this.isOver() ? 'good' : connectionTone(this.store.connection(), this.health().status)));
  protected readonly transport = computed(() => transportName(this.store.connection()));
  /** Why the connection was ended, in words: also when it is back, so that one can look up what happened. */
  protected readonly reason = computed(() => {
    const reason = this.store.reason();
    return reason && { at: reason.at, words: endingWords(reason.code) };
  });
  protected readonly line = computed(() => sparkline(this.latencies(), 120, 28));
  protected readonly slowest = computed(() => Math.max(0, ...this.latencies()));
  protected readonly fallbackWarning = computed(() => fallbackWords(this.store.connection(), this.pollSeconds));

  constructor() {
    let wasAway = false;
    effect((onCleanup) => {
      const kind = this.kind();
      const isBack = kind === 'live' && wasAway;
      wasAway = kind === 'reconnecting' || kind === 'polling';
      this.isBack.set(isBack);
      if (!isBack) return;
      const timer = setTimeout(() => this.isBack.set(false), backFor);
      onCleanup(() => clearTimeout(timer));
    });
    afterRenderEffect(() => {
      // What the pill says makes it wider or narrower, which moves it where it stands at the right.
      this.word();
      this.queued();
      this.health();
      this.place();
    });
  }

  protected toggle(): void {
    this.isOpen.update((open) => !open);
  }

  protected close(returnFocus: boolean): void {
    if (!this.isOpen()) return;
    this.isOpen.set(false);
    if (returnFocus) this.button()?.nativeElement.focus();
  }

  /** One presses elsewhere, or the focus has gone on, and what it is on must not lie under the details. */
  protected closeUnlessInside(at: EventTarget | null): void {
    if (at instanceof Node && !this.host.nativeElement.contains(at)) this.close(false);
  }

  /** Puts the pill's details below it, right edges in line, and wherever the pill is into the window. */
  protected place(): void {
    const [button, details] = [this.button()?.nativeElement, this.details()?.nativeElement];
    if (!button || !details) return;
    const { width } = details.getBoundingClientRect();
    const inLine = button.getBoundingClientRect().right - width;
    const left = Math.max(edge, Math.min(inLine, window.innerWidth - width - edge));
    details.style.left = `${left - this.host.nativeElement.getBoundingClientRect().left}px`;
  }
}
