import { TestBed } from '@angular/core/testing';
import { CollabSentences } from '@collab/angular';
import { ListedRun } from '../shared/runs-api';
import { runName } from '../shared/names';
import { anEvent } from '@collab/angular/testing';
import { filtered, RunFilter, RunTexts } from './run-filter';

const now = 1_000_000_000;
const run = (n: number, part: Partial<ListedRun> = {}): ListedRun => ({
  runId: `550e8400-e29b-41d4-a716-44665544000${n}`,
  lastSequence: n,
  createdAt: 0,
  updatedAt: now - n * 3_600_000,
  lastEvent: anEvent(n),
  activeUsers: [],
  ...part,
});
const runs = [
  run(0, { activeUsers: ['ana', 'ben'] }),
  run(1, { lastEvent: anEvent(1, { eventType: 'FLAG', data: { stepId: 'SRE', note: 'Who is on call?' } }) }),
  run(2, { activeUsers: ['ben'] }),
  run(3, { lastEvent: null }),
];
const all: RunFilter = { query: '', person: null, within: null, ended: null };
const texts: RunTexts = {
  titleOf: () => null,
  sentenceOf: (event) => TestBed.inject(CollabSentences).sentence(event),
};
const found = (part: Partial<RunFilter>): number[] => filtered(runs, { ...all, ...part }, now, texts).map((each) => each.lastSequence);

describe('The list of runs', () => {
  it('is whole without a filter', () => {
    expect(found({})).toEqual([0, 1, 2, 3]);
  });

  it('is searched by name, id, what happened last, and who is there', () => {
    expect(found({ query: runName(runs[2]!.runId).toUpperCase() })).toContain(2);
    expect(found({ query: '440003' })).toEqual([3]);
    expect(found({ query: ' flagged  CALL ' })).toEqual([1]);
    expect(found({ query: 'ben' })).toEqual([0, 2]);
    expect(found({ query: 'nothing of the kind' })).toEqual([]);
  });

  it('is narrowed down to runs that have ended, or that go on', () => {
    const some = [run(0, { ended: true }), run(1), run(2, { ended: false })];
    const which = (ended: boolean | null): number[] => filtered(some, { ...all, ended }, now, texts).map((each) => each.lastSequence);
    expect([which(true), which(false), which(null)]).toEqual([[0], [1, 2], [0, 1, 2]]);
  });

  it('is searched by the titles that people gave', () => {
    const titleOf = (run: ListedRun): string | null => (run.lastSequence === 3 ? 'Checkout rework' : null);
    expect(filtered(runs, { ...all, query: 'checkout' }, now, { ...texts, titleOf })).toEqual([runs[3]]);
  });

  it('is narrowed down to people and to when something happened', () => {
    expect(found({ person: 'anybody' })).toEqual([0, 2]);
    expect(found({ person: { userId: 'ana' } })).toEqual([0]);
    expect(found({ within: 5_400_000 })).toEqual([0, 1]);
    expect(found({ within: 5_400_000, person: { userId: 'ben' }, query: 'grafted' })).toEqual([0]);
  });
});
