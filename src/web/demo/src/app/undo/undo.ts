import { DestroyRef, inject, Injectable, signal } from '@angular/core';
import { CollaborationStore, legible, Words } from '@collab/angular';
import { CollaborationEvent, PipelineState } from '@collab/client';

/** How long a change can be taken back with one press, in ms. */
export const undoLifetime = 10_000;

/** A change of one's own that can be taken back. */
export interface Offer {
  /** What was done. */
  readonly words: readonly Words[];
  readonly revert: () => Promise<unknown>;
  /** The step that it changed. */
  readonly step: string;
}

/** Keeps the way back from what the user did last: one change, for some seconds, until somebody else changes the same step. */
@Injectable()
export class Undo {
  private readonly store = inject(CollaborationStore);
  private readonly offered = signal<Offer | null>(null);
  private timer: ReturnType<typeof setTimeout> | undefined;

  readonly offer = this.offered.asReadonly();

  constructor() {
    const stop = this.store.onEvent((event, origin) => {
      if (origin === 'live' && event.userId !== this.store.userId() && stepOf(event) === this.offered()?.step) this.forget();
    });
    inject(DestroyRef).onDestroy(() => {
      stop();
      clearTimeout(this.timer);
    });
  }

  pruned(step: string, isPruned: boolean): void {
    const done = isPruned ? 'You pruned ' : 'You restored ';
    this.set({ step, words: [{ text: done }, named(step)], revert: () => this.store.prune(step, !isPruned, this.store.lastSequence()) });
  }

  /** Only where the agent took another's place: no event takes one away. `before`: the pipeline without it. */
  grafted(step: string, agentName: string, before: PipelineState): void {
    const old = Object.hasOwn(before.grafts, step) ? before.grafts[step] : undefined;
    if (old === undefined || old.agentName === agentName) return this.forget();
    const words = [named(agentName), { text: ' took the place of ' }, named(old.agentName)];
    this.set({ step, words, revert: () => this.store.graft(step, old.agentName, this.store.lastSequence()) });
  }

  /** Only where the flag took another's place: no event takes one away. `before`: the pipeline without it. */
  flagged(step: string, before: PipelineState): void {
    const old = Object.hasOwn(before.flags, step) ? before.flags[step] : undefined;
    if (old === undefined) return this.forget();
    const words = [{ text: 'Your flag on ' }, named(step), { text: ' took the place of another' }];
    this.set({ step, words, revert: () => this.store.flag(step, old.note, this.store.lastSequence()) });
  }

  /** Takes the change back; null: there is none. */
  take(): Promise<unknown> | null {
    const offer = this.offered();
    this.forget();
    return offer === null ? null : offer.revert();
  }

  forget(): void {
    clearTimeout(this.timer);
    this.offered.set(null);
  }

  /** While the user is at it, it stays. */
  hold(isHeld: boolean): void {
    clearTimeout(this.timer);
    if (!isHeld && this.offered()) this.timer = setTimeout(() => this.forget(), undoLifetime);
  }

  private set(offer: Offer): void {
    this.offered.set(offer);
    this.hold(false);
  }
}

function named(text: string): Words {
  return { text: legible(text), strong: true, others: true };
}

function stepOf({ eventType, data }: CollaborationEvent): unknown {
  return eventType === 'GRAFT' ? data['after'] : data['stepId'];
}
