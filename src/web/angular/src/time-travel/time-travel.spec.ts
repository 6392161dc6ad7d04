import { TestBed } from '@angular/core/testing';
import { emptyState, PipelineState } from '@collab/client';
import { withSeams } from '@collab/client/testing';
import { COLLAB_OPTIONS } from '../options';
import { anEvent, events } from '../testing/events';
import { FakeStore } from '../testing/fake-store';
import { CollabTimeTravel } from './time-travel';

describe('CollabTimeTravel', () => {
  let store: FakeStore;
  let travel: CollabTimeTravel;
  const asked: number[] = [];
  let answer: (sequence: number) => Promise<PipelineState>;

  const pruned = (sequence: number, stepId: string): ReturnType<typeof anEvent> =>
    anEvent(sequence, { eventType: 'PRUNE', data: { stepId, isPruned: true } });

  beforeEach(() => {
    store = new FakeStore();
    asked.length = 0;
    answer = (asOfSequence) => Promise.resolve({ ...emptyState, asOfSequence, prunedSteps: ['SRE'] });
    const fetch = async (url: string): Promise<Response> => {
      const sequence = Number(new URL(url).searchParams.get('asOfSequence'));
      asked.push(sequence);
      return Response.json(await answer(sequence));
    };
    const options = withSeams({ url: 'http://collab.test', token: () => 'a.b.c' }, { fetch });
    TestBed.configureTestingModule({ providers: [...store.providers, { provide: COLLAB_OPTIONS, useValue: options }, CollabTimeTravel] });
    travel = TestBed.inject(CollabTimeTravel);
  });

  it('shows the pipeline as it was after each event, from nothing on', async () => {
    store.keep([pruned(1, 'PM'), pruned(2, 'SRE'), anEvent(3, { eventType: 'PRUNE', data: { stepId: 'PM', isPruned: false } })]);
    await travel.goTo(2);
    expect(travel.isPast()).toBe(true);
    expect([...travel.state().prunedSteps].sort()).toEqual(['PM', 'SRE']);
    expect(travel.event()?.sequenceNumber).toBe(2);
    await travel.goTo(1);
    expect(travel.state().prunedSteps).toEqual(['PM']);
    await travel.goTo(0);
    expect(travel.state()).toEqual(emptyState);
    expect(travel.event()).toBeNull();
    expect(asked).toEqual([]);
  });

  it('comes back to live at the newest event, and by choice', async () => {
    store.keep(events(1, 5));
    store.signals.state.set({ ...emptyState, asOfSequence: 5 });
    await travel.goTo(2);
    await travel.goTo(5);
    expect(travel.isPast()).toBe(false);
    await travel.goTo(2);
    travel.backToLive();
    expect(travel.state().asOfSequence).toBe(5);
    expect(travel.sequence()).toBe(5);
  });

  it('holds on to the past while the run goes on, and counts what is missed', async () => {
    store.keep(events(1, 3));
    await travel.goTo(1);
    store.keep(events(3, 8));
    expect(travel.range()).toEqual({ first: 0, last: 3 });
    expect(travel.missed()).toBe(5);
    expect(travel.events()).toHaveLength(3);
    await travel.goTo(2);
    expect(Object.values(travel.state().grafts).map((graft) => graft.agentName)).toEqual(['agent-2']);
  });

  it('asks the server for what lies before the kept events, once', async () => {
    store.keep([pruned(41, 'PM'), pruned(42, 'QUALIFIER'), pruned(43, 'ARCHITECT')]);
    expect(travel.range()).toEqual({ first: 40, last: 43 });
    await Promise.all([travel.goTo(41), travel.goTo(40)]);
    expect(travel.state().prunedSteps).toEqual(['SRE']);
    await travel.goTo(41);
    expect([...travel.state().prunedSteps].sort()).toEqual(['PM', 'SRE']);
    expect(asked).toEqual([40]);
  });

  it('begins later where the server has let go of the oldest events meanwhile', async () => {
    store.keep(events(101, 400));
    answer = (sequence) => (sequence < 120 ? Promise.reject(new Error('400')) : Promise.resolve({ ...emptyState, asOfSequence: sequence }));
    await travel.goTo(110);
    expect(asked).toEqual([100, 150]);
    expect(travel.range()).toEqual({ first: 150, last: 400 });
    expect(travel.sequence()).toBe(150);
  });

  it('stays live and says why where the server does not know the past', async () => {
    store.keep(events(11, 12));
    answer = () => Promise.resolve({ ...emptyState, asOfSequence: 12 });
    await travel.goTo(11);
    expect(travel.isPast()).toBe(false);
    expect(travel.problem()).toContain('cannot be shown');
    travel.backToLive();
    expect(travel.problem()).toBeNull();
  });

  it('does not set out any more after the user came back', async () => {
    store.keep(events(11, 12));
    const going = travel.goTo(11);
    travel.backToLive();
    await going;
    expect(travel.isPast()).toBe(false);
  });
});
