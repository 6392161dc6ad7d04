import { keep, maxSamples, percentile, Sample, sampleOf, span } from './samples';
import { Reading, Server } from './admin-contract';
import { aConnection, aReading, answers, aServer } from './readings.testing';

function sampleAt(at: number): Sample {
  return { at, connections: 1, streams: 0, messagesIn: null, messagesOut: null, latencyP50: null, latencyP95: null };
}

describe('sampleOf', () => {
  it('makes rates of two readings, by the time between them', () => {
    const before = aReading(10, [aConnection('s1', { messagesSent: 100 })], { messagesProcessed: 40 });
    const now = aReading(14, [aConnection('s1', { messagesSent: 180 })], { messagesProcessed: 50 });
    expect(sampleOf(now, before)).toMatchObject({ connections: 1, messagesIn: 2.5, messagesOut: 20 });
  });

  it('knows no rate at first, nor over a pause', () => {
    const before = aReading(10, [aConnection('s1')]);
    const now = aReading(40, [aConnection('s1', { messagesSent: 90 })], { messagesProcessed: 90 });
    for (const earlier of [null, before]) expect(sampleOf(now, earlier)).toMatchObject({ messagesIn: null, messagesOut: null });
  });

  it('counts from zero when the server was started anew', () => {
    const before = aReading(10, [aConnection('old', { messagesSent: 5000, connectedAt: 9000 })], { messagesProcessed: 900 });
    const anew = { id: 'another', name: 'one:2', messagesProcessed: 6, uptimeSeconds: 1 };
    const now = aReading(12, [aConnection('new', { messagesSent: 8, connectedAt: 100, server: 'one:2' })], anew);
    expect(sampleOf(now, before)).toMatchObject({ messagesIn: 3, messagesOut: 4 });
  });

  it('does not fall when the server forgets a connection that ended', () => {
    const before = aReading(10, [aConnection('s1', { messagesSent: 10 }), aConnection('s2', { messagesSent: 5000, disconnectedAt: 1 })]);
    const now = aReading(12, [aConnection('s1', { messagesSent: 16 })]);
    expect(sampleOf(now, before).messagesOut).toBe(3);
  });

  it('counts all of a new connection, and nothing of an old one that has moved into the list', () => {
    const before = aReading(10, [aConnection('s1', { connectedAt: 500 })]);
    const now = aReading(12, [
      aConnection('new', { connectedAt: 600, messagesSent: 10 }),
      aConnection('s1', { connectedAt: 500 }),
      aConnection('old', { connectedAt: 400, messagesSent: 7000 }),
    ]);
    expect(sampleOf(now, before).messagesOut).toBe(5);
  });

  it('adds up servers, and leaves out what was not known of one that did not answer', () => {
    const two = (at: number, sent: number, other: Partial<Server>): Reading => {
      const connections = [aConnection('s1', { messagesSent: sent }), aConnection('far', { server: 'two:1', messagesSent: 10 * sent })];
      const servers = [aServer('one:1', { messagesProcessed: sent }), aServer('two:1', { messagesProcessed: 100, ...other })];
      return { ...aReading(at, connections), ...answers(connections, servers) };
    };
    const silent = { ...two(12, 20, { hasAnswered: false }), connections: [aConnection('s1', { messagesSent: 20 })] };
    expect(sampleOf(two(12, 20, { messagesProcessed: 106 }), two(10, 10, {}))).toMatchObject({ messagesIn: 8, messagesOut: 55 });
    expect(sampleOf(two(14, 24, { messagesProcessed: 900 }), silent)).toMatchObject({ messagesIn: 2, messagesOut: 2 });
  });

  it('takes the latencies of open connections that reported one', () => {
    const latencies = [10, 20, 30, 40, null].map((averageLatencyMs, i) => aConnection(`s${i}`, { averageLatencyMs }));
    const ended = aConnection('ended', { averageLatencyMs: 9000, disconnectedAt: 1 });
    expect(sampleOf(aReading(0, [...latencies, ended]), null)).toMatchObject({ latencyP50: 20, latencyP95: 40 });
    expect(sampleOf(aReading(0, [ended]), null)).toMatchObject({ latencyP50: null, latencyP95: null });
  });
});

describe('percentile', () => {
  const hundred = Array.from({ length: 100 }, (_, i) => 100 - i);

  it.each([
    [50, 50],
    [95, 95],
    [100, 100],
    [0, 1],
  ])('%i of 1 to 100 is %i', (percent, value) => expect(percentile(hundred, percent)).toBe(value));

  it('of nothing is null', () => expect(percentile([], 95)).toBeNull());
});

describe('keep', () => {
  it('forgets what is older than a quarter of an hour', () => {
    const samples = [0, 1000, 2000].map(sampleAt);
    expect(keep(samples, sampleAt(span + 1000)).map(({ at }) => at)).toEqual([1000, 2000, span + 1000]);
  });

  it('keeps so many at most, however fast they come', () => {
    let samples: readonly Sample[] = [];
    for (let i = 0; i < 2000; i++) samples = keep(samples, sampleAt(i));
    expect(samples).toHaveLength(maxSamples);
    expect(samples.at(-1)?.at).toBe(1999);
  });
});
