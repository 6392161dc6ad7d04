import { describe, expect, test } from 'vitest';
import { answer } from './conformance/shorthand.js';
import { settle } from './kit/fake-clock.js';
import { world } from './kit/world.js';

const close = (code: string) => `Server returned an error on close: [${code}] A sentence.`;
const noWebSockets = () => {
  throw new Error('no WebSockets here');
};

describe('A connection that the server ends', () => {
  test('tells the reason with its sentence and the time, until connect() is called again', async () => {
    const { run, server, clock, live } = world();
    expect(run.snapshot.reason).toBeNull();
    await live();
    await clock.advance(6000);
    const at = clock.now();
    server.hubs[0]?.drop(close('kicked'), true);
    const reason = { code: 'kicked', message: 'A sentence.', at };
    expect(run.snapshot).toMatchObject({ connection: { kind: 'reconnecting' }, reason });
    await clock.advance(500);
    await live();
    expect(run.snapshot).toMatchObject({ connection: { kind: 'live' }, reason });
    await run.close();
    expect(run.snapshot.reason).toEqual(reason);
    run.connect();
    expect(run.snapshot.reason).toBeNull();
  });

  test.each([
    ['revoked', true, 'reconnecting', undefined],
    ['revoked', false, 'closed', 'forbidden'],
    ['protocol', false, 'closed', 'invalid_event'],
    ['shutdown', false, 'closed', 'forbidden'],
  ])('comes back or not as the close message says: %s, %s', async (code, allowReconnect, kind, error) => {
    const { run, server, live } = world();
    await live();
    server.hubs[0]?.drop(close(code), allowReconnect);
    expect(run.snapshot).toMatchObject({ connection: { kind, ...(error !== undefined && { error: { code: error } }) }, reason: { code } });
  });

  test('by words that are no ending has no reason', async () => {
    const { run, server, live } = world();
    await live();
    server.hubs[0]?.drop('Some proxy says [revoked] No.');
    expect(run.snapshot).toMatchObject({ connection: { kind: 'reconnecting' }, reason: null });
  });

  test.each([
    [403, { code: 'forbidden', ending: 'revoked' }, 'closed'],
    [403, { code: 'forbidden', ending: 'kicked' }, 'polling'],
    [401, { code: 'unauthorized', ending: 'expired' }, 'polling'],
    [429, { code: 'rate_limited', ending: 'too_many' }, 'polling'],
  ])('is known from a poll too: %i %o', async (status, problem, kind) => {
    const { run, reply } = world({ fallbackAfter: 1 }, { hub: noWebSockets });
    run.connect();
    await settle();
    await reply('poll', { status, body: { ...problem, detail: 'A sentence.' } });
    expect(run.snapshot).toMatchObject({ connection: { kind }, reason: { code: problem.ending, message: 'A sentence.' } });
    await run.close();
  });
});

describe('A server that has no time', () => {
  test('for a poll is there all the same, and is asked again when it said', async () => {
    const { run, server, clock, reply } = world({ fallbackAfter: 1, backoff: () => 1_000_000 }, { hub: noWebSockets });
    run.connect();
    await settle();
    await reply('poll', { status: 200, body: answer({}) });
    await clock.advance(2000);
    await reply('poll', { status: 429, body: { code: 'rate_limited', detail: 'Later.' }, retryAfter: 7 });
    expect(run.snapshot).toMatchObject({ isConnected: true, connection: { kind: 'polling', reachable: true } });
    server.asked = [];
    await clock.advance(6999);
    expect(server.asked).toEqual([]);
    await clock.advance(1);
    expect(server.asked.map(({ name }) => name)).toEqual(['poll']);
    await run.close();
  });
});

describe('A poll that holds a part of what there is', () => {
  test('goes on at once', async () => {
    const { run, server, reply } = world({ fallbackAfter: 1, backoff: () => 1_000_000 }, { hub: noWebSockets });
    run.connect();
    await settle();
    await reply('poll', { status: 200, body: answer({ events: ['1-3'], lastSequence: 5 }) });
    await reply('poll', { status: 200, body: answer({ events: ['4-5'] }) });
    expect(server.asked.map(({ name, details: [after] }) => [name, after])).toEqual([
      ['poll', 0],
      ['poll', 3],
    ]);
    expect(run.snapshot.lastSequence).toBe(5);
    await run.close();
  });
});
