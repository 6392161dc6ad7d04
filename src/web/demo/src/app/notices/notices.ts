import { DestroyRef, inject, Injectable, signal } from '@angular/core';
import { called, CollaborationStore, CollabSentences, Words } from '@collab/angular';
import { CollaborationEvent } from '@collab/client';

/** How long a notice stays, in ms. */
export const noticeLifetime = 5000;
/** How many notices are there at once; the oldest gives way. */
export const maxNotices = 5;

export interface Notice {
  readonly id: number;
  readonly kind: string;
  /** What is said; of what somebody did all but who it was. */
  readonly words: readonly Words[];
  /** Whose doing it is; null for the page's own. */
  readonly userId: string | null;
  /** What that user is called; empty for the page's own. */
  readonly who: string;
}

/** Says what others do, as it happens: nothing of oneself, and nothing that was there before one came. */
@Injectable()
export class Notices {
  private readonly store = inject(CollaborationStore);
  private readonly sentences = inject(CollabSentences);
  private readonly shown = signal<readonly Notice[]>([]);
  private readonly timers = new Map<number, ReturnType<typeof setTimeout>>();
  private lastId = 0;
  private isHeld = false;

  /** Oldest first. */
  readonly list = this.shown.asReadonly();

  constructor() {
    const stop = this.store.onEvent((event, origin) => {
      if (origin === 'live') this.announce(event);
    });
    inject(DestroyRef).onDestroy(() => {
      stop();
      this.timers.forEach((timer) => clearTimeout(timer));
    });
  }

  /** Says that something did not work. */
  problem(message: string): void {
    this.add({ kind: 'problem', words: [{ text: message }], userId: null, who: '' });
  }

  /** Says that what oneself wanted another had done already: there is nothing to decide. */
  same(event: CollaborationEvent): void {
    const words = [{ text: ' ' }, ...this.sentences.predicate(event), { text: ' too: there is nothing to decide' }];
    this.add({ kind: this.sentences.kindOf(event.eventType), words, userId: event.userId, who: this.nameOf(event) });
  }

  dismiss(id: number): void {
    clearTimeout(this.timers.get(id));
    this.timers.delete(id);
    this.shown.update((notices) => notices.filter((notice) => notice.id !== id));
  }

  /** While the user is at them, they stay. */
  hold(isHeld: boolean): void {
    this.isHeld = isHeld;
    for (const { id } of this.shown()) this.time(id);
  }

  private announce(event: CollaborationEvent): void {
    if (event.eventType === 'CURSOR_MOVE' || event.userId === this.store.userId()) return;
    // Steps say it themselves, by the minute.
    const kind = this.sentences.kindOf(event.eventType);
    if (kind === 'step') return;
    this.add({ kind, words: [{ text: ' ' }, ...this.sentences.predicate(event)], userId: event.userId, who: this.nameOf(event) });
  }

  private nameOf({ userId, userName }: CollaborationEvent): string {
    return called(userId, userName === undefined ? this.store.userNames() : { [userId]: userName });
  }

  private add(notice: Omit<Notice, 'id'>): void {
    const id = ++this.lastId;
    for (const oldest of this.shown().slice(0, -(maxNotices - 1))) this.dismiss(oldest.id);
    this.shown.update((notices) => [...notices, { id, ...notice }]);
    this.time(id);
  }

  private time(id: number): void {
    clearTimeout(this.timers.get(id));
    this.timers.delete(id);
    if (!this.isHeld)
      this.timers.set(
        id,
        setTimeout(() => this.dismiss(id), noticeLifetime),
      );
  }
}
