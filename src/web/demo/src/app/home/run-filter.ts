import { CollaborationEvent } from '@collab/client';
import { folded } from '../shared/folded';
import { runName } from '../shared/names';
import { ListedRun } from '../shared/runs-api';

/** What the list of runs is narrowed down to. */
export interface RunFilter {
  /** Words of the name, the id, what happened last, or who is there; empty: all. */
  readonly query: string;
  /** A user who is there now, `anybody`: somebody is; null: it does not matter. */
  readonly person: { readonly userId: string } | 'anybody' | null;
  /** Something has happened within so many ms; null: it does not matter. */
  readonly within: number | null;
  /** true: only runs that have ended; false: only those that go on; null: it does not matter. */
  readonly ended: boolean | null;
}

/** What a filter looks at beside the run itself. */
export interface RunTexts {
  /** What somebody has called a run. */
  readonly titleOf: (run: ListedRun) => string | null;
  /** An event as a sentence. */
  readonly sentenceOf: (event: CollaborationEvent) => string;
}

/** The runs that pass, in their order. */
export function filtered(
  runs: readonly ListedRun[],
  { query, person, within, ended }: RunFilter,
  now: number,
  { titleOf, sentenceOf }: RunTexts,
): readonly ListedRun[] {
  const words = folded(query).split(/\s+/u).filter(Boolean);
  return runs.filter((run) => {
    if (ended !== null && (run.ended ?? false) !== ended) return false;
    if (within !== null && run.updatedAt < now - within) return false;
    if (person === 'anybody' ? run.activeUsers.length === 0 : person !== null && !run.activeUsers.includes(person.userId)) return false;
    if (words.length === 0) return true;
    const { lastEvent } = run;
    const said = lastEvent ? sentenceOf(lastEvent) : '';
    const text = [titleOf(run) ?? '', runName(run.runId), run.runId, said, ...run.activeUsers].join('\n');
    const searched = folded(text);
    return words.every((word) => searched.includes(word));
  });
}
