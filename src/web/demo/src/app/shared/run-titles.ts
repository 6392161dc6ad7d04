import { inject, Injectable, signal } from '@angular/core';
import { CollaborationEvent } from '@collab/client';
import { titleIn, titleOf } from './run-title';
import { ListedRun, RunsApi } from './runs-api';
import { recall, remember } from './storage';

const key = 'collab.titles';
/** So many are kept over a reload of the tab; what was learnt first is forgotten first. */
const mostKept = 500;

/** A title as of an event's number; null: the run had none. */
interface Known {
  readonly title: string | null;
  readonly sequence: number;
}

/**
 * The titles of the runs in the list, as last seen. The list's answer has none: they are read from the events that a row of the list
 * reads anyway, and where those say nothing, once from the run's state.
 */
@Injectable({ providedIn: 'root' })
export class RunTitles {
  private readonly api = inject(RunsApi);
  private readonly known = signal<ReadonlyMap<string, Known>>(kept());

  /** The title as last seen; null: none, or not seen yet. In a template or a computed it follows changes. */
  of(runId: string): string | null {
    return this.known().get(runId)?.title ?? null;
  }

  /** What the run is called as of an event's number. */
  know(runId: string, title: string | null, sequence: number): void {
    const before = this.known().get(runId);
    if (before?.title === title && before.sequence === sequence) return;
    const others = [...this.known()].filter(([id]) => id !== runId).slice(1 - mostKept);
    this.known.set(new Map([...others, [runId, { title, sequence }]]));
    remember('sessionStorage', key, JSON.stringify([...this.known()]));
  }

  /** Learns from a run's newest events, ascending; asks for the state where there were events in between that were not read. */
  async learn({ runId, lastSequence }: ListedRun, events: readonly CollaborationEvent[]): Promise<void> {
    const said = events.map(titleIn).findLast((title) => title !== undefined);
    if (said !== undefined) {
      this.know(runId, said, lastSequence);
      return;
    }
    const before = this.known().get(runId);
    const readFrom = (events[0]?.sequenceNumber ?? lastSequence + 1) - 1;
    // A number that is not there yet is of a run that was erased since.
    if (readFrom === 0) {
      this.know(runId, null, lastSequence);
      return;
    }
    if (before && before.sequence >= readFrom && before.sequence <= lastSequence) {
      this.know(runId, before.title, lastSequence);
      return;
    }
    const state = await this.api.state(runId);
    this.know(runId, titleOf(state), state.asOfSequence);
  }
}

function kept(): ReadonlyMap<string, Known> {
  try {
    return new Map(JSON.parse(recall('sessionStorage', key) ?? '[]') as [string, Known][]);
  } catch {
    // Not of this page's making, or of another version's.
    return new Map();
  }
}
