import { TestBed } from '@angular/core/testing';
import { emptyState, PipelineState } from '@collab/client';
import { anEvent, events } from '@collab/angular/testing';
import { readTitle, titleData, titleOf, titleType } from './run-title';
import { HttpError, SilentServer } from './request';
import { RunTitles } from './run-titles';
import { ListedRun, RunsApi } from './runs-api';

const runId = '550e8400-e29b-41d4-a716-446655440000';
const titled = (title: string, asOfSequence = 500): PipelineState => ({
  ...emptyState,
  asOfSequence,
  latest: { [titleType]: { run: { data: titleData(title), userId: 'ana', sequenceNumber: 1 } } },
  latestBy: { [titleType]: 'of' },
});
const naming = (sequence: number, title: string) => anEvent(sequence, { eventType: titleType, data: titleData(title) });

describe('The title of a run', () => {
  it('is text that can be seen, on one line, and no longer than a title', () => {
    expect(readTitle('  Checkout\n rework ')).toBe('Checkout rework');
    expect(readTitle('x'.repeat(500))).toHaveLength(80);
    expect([readTitle(' \u200b'), readTitle(''), readTitle(7), readTitle(undefined)]).toEqual([null, null, null, null]);
    expect(readTitle('\u202eevil')).toBe('evil');
  });

  it('is the newest that the state keeps', () => {
    expect(titleOf(titled('Checkout'))).toBe('Checkout');
    expect(titleOf(emptyState)).toBeNull();
  });
});

describe('RunTitles', () => {
  let states: string[];
  let titles: RunTitles;
  const run = (lastSequence: number): ListedRun => ({ runId, lastSequence, createdAt: 0, updatedAt: 0, lastEvent: null, activeUsers: [] });
  const create = (): RunTitles => {
    TestBed.resetTestingModule();
    const state = (id: string): Promise<PipelineState> => {
      states.push(id);
      return Promise.resolve(titled('Of the state'));
    };
    TestBed.configureTestingModule({ providers: [{ provide: RunsApi, useValue: { state } }] });
    return TestBed.inject(RunTitles);
  };

  beforeEach(() => {
    sessionStorage.clear();
    states = [];
    titles = create();
  });

  it('finds the newest title in the events that were read', async () => {
    await titles.learn(run(202), [...events(103, 200), naming(201, 'First'), naming(202, 'Second')]);
    expect([titles.of(runId), states]).toEqual(['Second', []]);
    await titles.learn(run(203), [...events(104, 202), naming(203, '')]);
    expect([titles.of(runId), states]).toEqual([null, []]);
  });

  it('knows that a run that was read from its beginning has none', async () => {
    await titles.learn(run(3), events(1, 3));
    expect([titles.of(runId), states]).toEqual([null, []]);
  });

  it('asks for the state where older events may have said it, once', async () => {
    await titles.learn(run(500), events(401, 500));
    expect([titles.of(runId), states]).toEqual(['Of the state', [runId]]);
    await titles.learn(run(550), events(451, 550));
    expect(states).toEqual([runId]);
    // More has happened than was read.
    await titles.learn(run(900), events(801, 900));
    expect(states).toEqual([runId, runId]);
  });

  it('finds those of many runs, each once, and goes on where one cannot be read', async () => {
    const ids = Array.from({ length: 10 }, (_, n) => `550e8400-e29b-41d4-a716-44665544000${n}`);
    await Promise.all([titles.find(ids), titles.find(ids)]);
    await titles.find(ids);
    expect(states.sort()).toEqual(ids);
    expect([titles.name(ids[9]!), titles.unknown(ids)]).toEqual(['Of the state', []]);
    expect(titles.name('00000000-0000-4000-8000-000000000001')).toMatch(/^\w+ \w+$/);
  });

  it('asks a server that kept silent again, and one that refused no more', async () => {
    const failing = (error: Error): void => {
      TestBed.inject(RunsApi).state = (id) => {
        states.push(id);
        return Promise.reject(error);
      };
    };
    failing(new SilentServer('gone'));
    await titles.find([runId]);
    failing(new HttpError(403));
    await titles.find([runId]);
    await titles.find([runId]);
    expect(states).toEqual([runId, runId]);
  });

  it('does not take a run that began anew for the old one', async () => {
    await titles.learn(run(500), events(401, 500));
    await titles.learn(run(2), events(1, 2));
    expect(titles.of(runId)).toBeNull();
  });

  it('has them again after a reload, whatever else lies there', () => {
    titles.know(runId, 'Checkout', 5);
    expect(create().of(runId)).toBe('Checkout');
    sessionStorage.setItem('collab.titles', '{"no": "list"}');
    expect(create().of(runId)).toBeNull();
  });
});
