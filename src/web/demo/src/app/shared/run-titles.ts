import { inject, Injectable, signal } from '@angular/core';
import { CollaborationEvent } from '@collab/client';
import { runName } from './names';
import { HttpError } from './request';
import { titleIn, titleOf } from './run-title';
import { ListedRun, RunsApi } from './runs-api';
import { recall, remember } from './storage';

const key = 'collab.titles';
/** So many are kept over a reload of the tab; what was learnt first is forgotten first. */
const mostKept = 2000;
/** So many states are read at a time. */
const atATime = 4;

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
  /** Of which the state is being read, or cannot be. */
  private readonly sought = new Set<string>();

  /** The title as last seen; null: none, or not seen yet. In a template or a computed it follows changes. */
  of(runId: string): string | null {
    return this.known().get(runId)?.title ?? null;
  }

  /** What to call a run: its title as last seen, else the name made from its id. */
  name(runId: string): string {
    return this.of(runId) ?? runName(runId);
  }

  /** Those of which nothing is known yet, and which may be found. */
  unknown(runIds: readonly string[]): readonly string[] {
    return runIds.filter((runId) => !this.known().has(runId) && !this.sought.has(runId));
  }

  /** Learns the titles of runs of which nothing is known yet, a few at a time, in their order. Never fails: some may not be readable. */
  async find(runIds: readonly string[], stop?: AbortSignal): Promise<void> {
    const left = [...this.unknown(runIds)];
    const work = async (): Promise<void> => {
      for (let runId = left.shift(); runId !== undefined && stop?.aborted !== true; runId = left.shift()) await this.read(runId);
    };
    await Promise.all(Array.from({ length: atATime }, work));
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
    await this.readState(runId);
  }

  private async read(runId: string): Promise<void> {
    if (this.sought.has(runId)) return;
    this.sought.add(runId);
    try {
      await this.readState(runId);
    } catch (error) {
      // A server that kept silent may have an answer later.
      if (!(error instanceof HttpError)) this.sought.delete(runId);
    }
  }

  private async readState(runId: string): Promise<void> {
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
