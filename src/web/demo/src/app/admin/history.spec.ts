import { endingsOf, filled, pollRate, samplesOf } from './history';
import { aHistory } from './readings.testing';
import { Sample, span } from './samples';

const taken = (at: number): Sample => ({
  at,
  connections: 1,
  streams: 0,
  messagesIn: null,
  messagesOut: null,
  latencyP50: null,
  latencyP95: null,
});

describe('What servers remember', () => {
  it('becomes points by the page’s clock, with rates', () => {
    const [first, , last] = samplesOf(aHistory(), 100_000);
    expect([first?.at, last?.at]).toEqual([70_000, 90_000]);
    expect(last).toMatchObject({ connections: 7, streams: 2, messagesIn: 3, messagesOut: 12, latencyP50: 12, latencyP95: 40 });
  });

  it('stands before what the page has seen itself, and where it was not looking', () => {
    const remembered = [10, 20, 30, 40, 50, 60].map((second) => taken(second * 1000));
    const own = [taken(31_000), taken(33_000), taken(64_000)];
    expect(filled(own, remembered, 10_000).map(({ at }) => at)).toEqual([10_000, 20_000, 31_000, 33_000, 50_000, 64_000]);
    expect(filled(own, [], 10_000)).toBe(own);
  });

  it('is forgotten after a quarter of an hour', () => {
    expect(filled([taken(span + 20_000)], [taken(10_000), taken(40_000)], 10_000).map(({ at }) => at)).toEqual([40_000, span + 20_000]);
  });

  it('says why connections were ended, the most frequent reason first', () => {
    expect(endingsOf(aHistory())).toEqual([
      { why: 'too slow', count: 2 },
      { why: 'silent', count: 1 },
    ]);
    const unknown = { ...aHistory(), samples: [{ ...aHistory().samples[0]!, endings: { constructor: 1 } }] };
    expect(endingsOf(unknown)).toEqual([{ why: 'constructor', count: 1 }]);
  });

  it('says how many polls there are a second', () => {
    expect(pollRate(aHistory())).toBe(0.5);
    expect(pollRate({ ...aHistory(), samples: [] })).toBeNull();
  });
});
