import { ListedRun, RunsPage } from '../shared/runs-api';

/** The list of runs, newest activity first, as far as it was read: the newest page, which is read again and again, and what follows it. */
export interface RunList {
  readonly newest: readonly ListedRun[];
  readonly older: readonly ListedRun[];
  /** Asks for what comes after both; null: that is all. */
  readonly cursor: string | null;
}

/** All runs of the list, each once. */
export function runsOf({ newest, older }: RunList): readonly ListedRun[] {
  return [...newest, ...without(older, newest)];
}

/** The list after its newest page was read again. */
export function refreshed(list: RunList | null, page: RunsPage): RunList {
  const { runs, nextCursor } = page;
  // A page on which everything is newer than what was known leaves a gap between itself and the rest.
  const isApart = oldest(runs) > (list?.newest[0]?.updatedAt ?? 0);
  if (!list || list.older.length === 0 || nextCursor === null || isApart) return { newest: runs, older: [], cursor: nextCursor };
  // What the page has no room for any more goes on with the older ones. What would have had room was erased.
  const pushedOut = without(list.newest, runs).filter((run) => run.updatedAt <= oldest(runs));
  return { newest: runs, older: [...pushedOut, ...without(list.older, pushedOut)], cursor: list.cursor };
}

/** The list with the page that its cursor led to. */
export function extended(list: RunList, page: RunsPage): RunList {
  return { ...list, older: [...list.older, ...without(page.runs, list.older)], cursor: page.nextCursor };
}

function oldest(runs: readonly ListedRun[]): number {
  return runs.at(-1)?.updatedAt ?? 0;
}

function without(runs: readonly ListedRun[], others: readonly ListedRun[]): readonly ListedRun[] {
  const ids = new Set(others.map((run) => run.runId));
  return runs.filter((run) => !ids.has(run.runId));
}
