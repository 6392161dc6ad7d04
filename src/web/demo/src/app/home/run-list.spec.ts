import { ListedRun, RunsPage } from '../shared/runs-api';
import { extended, refreshed, RunList, runsOf } from './run-list';

/** `c7`: run c with its newest activity at 7. */
function runs(text: string): ListedRun[] {
  return text
    .split(' ')
    .filter(Boolean)
    .map((each) => ({
      runId: each[0] ?? '',
      updatedAt: Number(each.slice(1)),
      createdAt: 0,
      lastSequence: 1,
      lastEvent: null,
      activeUsers: [],
    }));
}

function page(text: string, nextCursor: string | null = 'next'): RunsPage {
  return { runs: runs(text), nextCursor };
}

function shown(list: RunList): string {
  return runsOf(list)
    .map((run) => `${run.runId}${run.updatedAt}`)
    .join(' ');
}

describe('The list of runs', () => {
  const two = extended(refreshed(null, page('a9 b8')), page('c7 d6', 'last'));

  it('is the newest page, and then what it was extended by', () => {
    expect(shown(two)).toBe('a9 b8 c7 d6');
    expect(two.cursor).toBe('last');
  });

  it('keeps the run that a new one pushes out of the newest page', () => {
    expect(shown(refreshed(two, page('e10 a9')))).toBe('e10 a9 b8 c7 d6');
  });

  it('has a run that moved up once, as it is now, also after it was pushed out again', () => {
    const moved = refreshed(two, page('d10 a9'));
    expect(shown(moved)).toBe('d10 a9 b8 c7');
    expect(shown(refreshed(moved, page('f12 e11')))).toBe('f12 e11');
    expect(shown(refreshed(refreshed(moved, page('e11 d10')), page('f12 e11')))).toBe('f12 e11 d10 a9 b8 c7');
  });

  it('begins anew where more has happened than one page tells, and can be extended from there', () => {
    const list = refreshed(two, page('g13 f12', 'gap'));
    expect([shown(list), list.cursor]).toEqual(['g13 f12', 'gap']);
  });

  it('lets go of a run that was erased', () => {
    expect(shown(refreshed(two, page('b8 c7')))).toBe('b8 c7 d6');
    expect(shown(refreshed(two, page('a9', null)))).toBe('a9');
  });

  it('has no run twice when a page comes twice', () => {
    expect(shown(extended(two, page('c7 d6', 'last')))).toBe('a9 b8 c7 d6');
  });

  it('is as short as its newest page until somebody asks for more', () => {
    const list = refreshed(refreshed(null, page('a9 b8', 'one')), page('e10 a9', 'two'));
    expect([shown(list), list.cursor]).toEqual(['e10 a9', 'two']);
  });
});
