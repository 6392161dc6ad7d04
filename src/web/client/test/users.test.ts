import { describe, expect, test } from 'vitest';
import type { Seams } from '../src/testing.js';
import { UserNames } from '../src/user-names.js';
import { settle } from './kit/fake-clock.js';
import { MemoryStorage } from './kit/stores.js';
import { tokenOf } from './kit/token.js';
import { world } from './kit/world.js';

describe('What users are called', () => {
  test('comes with answers and events, is remembered, and the last word counts', async () => {
    const { run, live, receive } = world();
    await live({ events: [{ sequenceNumber: 1, eventType: 'FLAG', userId: 'u1', userName: 'Ada', data: {} }], userNames: { u2: 'Ben' } });
    expect(['u1', 'u2', 'u3'].map(run.displayName)).toEqual(['Ada', 'Ben', 'u3']);
    const { userNames } = run.snapshot;
    receive({ eventType: 'USER_JOIN', userId: 'u3', userName: 'Cem', data: {} });
    receive({ eventType: 'CURSOR_MOVE', userId: 'u1', userName: 'Ada L.', data: {} });
    expect(run.snapshot.userNames).toEqual({ u1: 'Ada L.', u2: 'Ben', u3: 'Cem' });
    expect(userNames).toEqual({ u1: 'Ada', u2: 'Ben' });
    expect(run.snapshot.events[0]?.userName).toBe('Ada');
  });

  test('is left out where it is none, and cut where it is too long', async () => {
    const { run, live } = world();
    await live({ userNames: { u1: '  ', u2: 5 as never, u3: '😀'.repeat(200) } });
    expect(run.snapshot.userNames).toEqual({ u3: '😀'.repeat(128) });
  });

  test('is the same object until something changes, and bounded', () => {
    const names = new UserNames();
    for (let i = 0; i <= 2000; i++) names.remember(`u${String(i)}`, 'N');
    const { shown } = names;
    names.remember('u5', 'N');
    expect(names.shown).toBe(shown);
    expect(Object.keys(shown)).toHaveLength(2000);
    expect(shown['u0']).toBeUndefined();
  });
});

describe('A queue', () => {
  const two = (storage: MemoryStorage | null) => {
    let user = 'alice';
    const there = world({ storage, token: () => tokenOf(user, null, 1) });
    const signIn = async (other: string) => {
      user = other;
      there.server.hubs.at(-1)?.drop();
      await there.clock.advance(1000);
      await there.live();
    };
    const sent = () => there.server.asked.filter(({ name }) => name === 'Publish').map(({ token, details }) => [token, details[0]]);
    return { ...there, signIn, sent };
  };

  test.each([
    ['kept over a reload', new MemoryStorage()],
    ['in memory', null],
  ])('belongs to its user: %s', async (_, storage) => {
    const { run, server, signIn, sent, live, reply } = two(storage);
    await live();
    server.hubs[0]?.drop();
    const ends: unknown[] = [];
    run.flag('PM').catch((error: unknown) => ends.push(error));
    await signIn('bob');
    expect(run.snapshot).toMatchObject({ userId: 'bob', pending: [], queuedCount: 0 });
    expect(ends).toMatchObject([{ code: 'closed' }]);
    expect(sent()).toEqual([]);
    void run.graft('PM', 'scanner');
    await reply('Publish', { messageId: 'm', sequenceNumber: 1, timestamp: 0, duplicate: false });
    expect(sent()).toEqual([[tokenOf('bob', null, 1), 'GRAFT']]);
    await signIn('alice');
    expect(sent().slice(1)).toEqual([[tokenOf('alice', null, 1), 'FLAG']]);
  });

  test('of a user who is gone can be had by their next page at once', async () => {
    const storage = new MemoryStorage();
    const { run, server, signIn, live } = two(storage);
    await live();
    server.hubs[0]?.drop();
    void run.flag('PM');
    await settle();
    await signIn('bob');
    const next = world({ storage });
    await next.live();
    expect(next.run.snapshot.pending).toMatchObject([{ eventType: 'FLAG' }]);
  });

  test('that was filled before anybody was known is of the first one who is', async () => {
    const { run, sent, live } = two(null);
    void run.flag('PM');
    await live();
    expect(sent()).toEqual([[tokenOf('alice', null, 1), 'FLAG']]);
  });

  test('of somebody whose tokens do not say who it is, is kept in memory only, and with a user id over a reload', async () => {
    for (const userId of [undefined, 'ada']) {
      const storage = new MemoryStorage();
      const options = { storage, token: () => 'opaque', ...(userId !== undefined && { userId }) };
      const { run, live } = world(options);
      await live();
      void run.flag('PM');
      await settle();
      expect(run.snapshot).toMatchObject({ userId: userId ?? null, queuedCount: 1 });
      expect(storage.texts.size > 0).toBe(userId !== undefined);
    }
  });
});

describe('Without a token', () => {
  test('nothing is said of one, on the hub and over HTTP: the browser sends its cookie', async () => {
    const { run, server, live } = world({ token: undefined as never, userId: 'ada' });
    await live();
    expect([server.hubs[0]?.token, run.snapshot.userId]).toEqual(['', 'ada']);
    void run.flag('PM');
    await settle();
    expect(server.asked.filter(({ name }) => name === 'Publish')).toHaveLength(1);
  });

  test('polls carry no header of authorization', async () => {
    const headers: Headers[] = [];
    const seams: Partial<Seams> = {
      hub: () => {
        throw new Error('no WebSockets here');
      },
      fetch: (_, init) => {
        headers.push(new Headers(init.headers));
        return Promise.resolve(new Response('{}'));
      },
    };
    const { run } = world({ token: undefined as never, fallbackAfter: 1 }, seams);
    run.connect();
    await settle();
    expect(headers.map((one) => one.has('Authorization'))).toEqual([false]);
    await run.close();
  });
});
