import { computed, inject, Injectable, signal } from '@angular/core';
import { CollabClient, CollaborationEvent, emptyState, PipelineState } from '@collab/client';
import { CollaborationStore } from '../collaboration-store';
import { COLLAB_OPTIONS } from '../options';
import { eventAt, firstSequence, History, lastSequence, stateAt } from './history';

interface Past {
  readonly history: History;
  readonly sequence: number;
}

/**
 * Looking at the run of the {@link CollaborationStore} as it was. `provideCollab` provides it beside the store; where a component has a
 * store of its own it lists this too. The kept events are held on to when the user sets out, so that the past does not move while
 * they look at it; what happens meanwhile shows as a number, and again in full on the way back to live.
 */
@Injectable()
export class CollabTimeTravel {
  private readonly store = inject(CollaborationStore);
  private readonly options = inject(COLLAB_OPTIONS);
  /** Made when it is needed: for most runs all events are kept. */
  private client: CollabClient | null = null;
  private readonly past = signal<Past | null>(null);
  private readonly failed = signal<string | null>(null);
  private departure: Promise<History | null> | null = null;
  private journey = 0;

  /** Whether the past is shown. */
  readonly isPast = computed(() => this.past() !== null);
  /** The number up to which events are shown: the newest one while live. */
  readonly sequence = computed(() => this.past()?.sequence ?? this.store.lastSequence());
  /** The last event shown; null before the first one that is kept. */
  readonly event = computed(() => {
    const past = this.past();
    return past ? eventAt(past.history, past.sequence) : (this.store.events().at(-1) ?? null);
  });
  /** What the events shown add up to: the pipeline to show. */
  readonly state = computed<PipelineState>(() => {
    const past = this.past();
    return past ? stateAt(past.history, past.sequence) : this.store.state();
  });
  /** The events one can go back to, ascending. */
  readonly events = computed<readonly CollaborationEvent[]>(() => this.past()?.history.events ?? this.store.events());
  /** The first and the last sequence number one can go to. */
  readonly range = computed(() => {
    const past = this.past();
    if (past) return { first: firstSequence(past.history), last: lastSequence(past.history) };
    const last = this.store.lastSequence();
    return { first: Math.max(0, (this.store.events().at(0)?.sequenceNumber ?? 1) - 1), last };
  });
  /** How many events came since the user set out. */
  readonly missed = computed(() => (this.past() ? Math.max(0, this.store.lastSequence() - this.range().last) : 0));
  /** Why the past cannot be shown; null where it can. */
  readonly problem = this.failed.asReadonly();

  /** Goes to the pipeline as it was right after event number `sequence`; to the newest one means back to live. */
  async goTo(sequence: number): Promise<void> {
    const journey = ++this.journey;
    const { first, last } = this.range();
    const target = Math.min(last, Math.max(first, Math.round(sequence)));
    if (target >= last) {
      this.backToLive();
      return;
    }
    const past = this.past();
    if (past) {
      this.past.set({ history: past.history, sequence: target });
      return;
    }
    this.departure ??= this.setOut(this.store.events()).finally(() => (this.departure = null));
    const history = await this.departure;
    // Meanwhile the user may have gone on to somewhere else.
    if (history && journey === this.journey) this.past.set({ history, sequence: Math.max(target, firstSequence(history)) });
  }

  /** Shows the newest event again, and those that are still to come. */
  backToLive(): void {
    this.journey++;
    this.departure = null;
    this.past.set(null);
    this.failed.set(null);
  }

  private async setOut(events: readonly CollaborationEvent[]): Promise<History | null> {
    this.failed.set(null);
    if ((events.at(0)?.sequenceNumber ?? 1) === 1) return { base: emptyState, events };
    // In a busy run the server has let go of the oldest events by the time that it is asked.
    for (const skipped of [0, 50, 200]) {
      const kept = events.slice(skipped);
      const base = kept[0] ? await this.stateBefore(kept[0]) : null;
      if (base) return { base, events: kept };
    }
    this.failed.set('The past cannot be shown: the server does not tell how the pipeline was then.');
    return null;
  }

  private async stateBefore({ runId, sequenceNumber }: CollaborationEvent): Promise<PipelineState | null> {
    const before = (sequenceNumber ?? 0) - 1;
    try {
      this.client ??= new CollabClient(this.options);
      const state = await this.client.state(runId, { asOf: before });
      return state.asOfSequence === before ? state : null;
    } catch {
      return null;
    }
  }
}
