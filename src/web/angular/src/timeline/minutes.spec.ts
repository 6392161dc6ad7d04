import { anEvent, events } from '../testing/events';
import { byMinute, newest } from './minutes';

const any = (): boolean => true;

describe('newest', () => {
  it('are the last ones, the newest first, and tell whether there are more', () => {
    const { shown, more } = newest(events(1, 10), any, 3);
    expect(shown.map((e) => e.sequenceNumber)).toEqual([10, 9, 8]);
    expect(more).toBe(true);
    expect(newest(events(1, 3), any, 3).more).toBe(false);
  });

  it('look for the limit among those that pass', () => {
    const mixed = events(1, 6).map((e, i) => (i % 2 === 0 ? e : { ...e, eventType: 'FLAG', userId: 'bo' }));
    expect(newest(mixed, (e) => e.eventType === 'FLAG', 2).shown.map((e) => e.sequenceNumber)).toEqual([6, 4]);
    expect(newest(mixed, (e) => e.userId === 'ana', 9).shown.map((e) => e.sequenceNumber)).toEqual([5, 3, 1]);
  });
});

describe('byMinute', () => {
  it('puts the events of a minute together and keeps their order', () => {
    const at = (sequence: number, timestamp: number) => anEvent(sequence, { timestamp });
    const minutes = byMinute([at(4, 120_001), at(3, 119_999), at(2, 60_000), at(1, 59_999)]);
    expect(minutes.map((m) => [m.at, m.events.map((e) => e.sequenceNumber)])).toEqual([
      [120_000, [4]],
      [60_000, [3, 2]],
      [0, [1]],
    ]);
  });
});
