import { expect, test } from 'vitest';
import { claimsOf } from '../src/claims.js';
import { TokenSource } from '../src/token.js';
import { FakeClock } from './kit/fake-clock.js';
import { tokenOf } from './kit/token.js';

const { signal } = new AbortController();

function source(lifeMs: number | null, next = (asked: number) => asked) {
  const clock = new FakeClock();
  let asked = 0;
  const told: string[] = [];
  const tokens = new TokenSource(() => tokenOf('zoë', lifeMs === null ? null : clock.now() + lifeMs, next(++asked)), clock, {
    taken: () => told.push('taken'),
    inUse: () => told.push('in use'),
  });
  return { clock, tokens, told, asked: () => asked };
}

test('A token is used until it is about to end', async () => {
  const { clock, tokens, asked } = source(60_000);
  const first = await tokens.current(signal);
  await clock.advance(54_000);
  expect(await tokens.current(signal)).toBe(first);
  await clock.advance(1000);
  expect(await tokens.current(signal)).not.toBe(first);
  expect(asked()).toBe(2);
});

test('A token that does not say when it ends is used until it is refused', async () => {
  const { clock, tokens, asked } = source(null);
  await tokens.current(signal);
  await clock.advance(1_000_000_000);
  await tokens.current(signal);
  expect(asked()).toBe(1);
  tokens.forget();
  await tokens.current(signal);
  expect(asked()).toBe(2);
});

test('A fresh token is always asked for, and tells who the user is', async () => {
  const { clock, tokens, asked, told } = source(60_000);
  expect(tokens.userId).toBeNull();
  await tokens.fresh(signal);
  await tokens.fresh(signal);
  expect(asked()).toBe(2);
  expect(told).toEqual(['taken', 'taken']);
  expect(tokens.userId).toBe('zoë');
  expect(tokens.expiresAt).toBe(clock.now() + 60_000);
});

test('A token is in use from when a connection or a request works with it, and the same one again is no news', async () => {
  const { tokens, told } = source(null, (asked) => Math.min(asked, 2));
  const first = await tokens.fresh(signal);
  tokens.use(first);
  await tokens.current(signal);
  const second = await tokens.fresh(signal);
  expect(told).toEqual(['taken', 'in use', 'taken']);
  tokens.forget();
  expect(await tokens.current(signal)).toBe(second);
  tokens.forget();
  expect(await tokens.current(signal)).toBe(second);
  expect(told).toEqual(['taken', 'in use', 'taken', 'taken', 'in use', 'taken']);
});

test('A token for which nobody waits any more is not taken, not even in the very moment in which it comes', async () => {
  let give: (token: string) => void = () => undefined;
  const told: string[] = [];
  const tokens = new TokenSource(() => new Promise((resolve) => (give = resolve)), new FakeClock(), {
    taken: () => told.push('taken'),
    inUse: () => told.push('in use'),
  });
  for (const moment of ['before', 'with']) {
    const ended = new AbortController();
    const token = tokens.fresh(ended.signal);
    if (moment === 'before') ended.abort();
    give('late');
    void Promise.resolve().then(() => {
      ended.abort();
    });
    await expect(token).rejects.toThrow();
  }
  expect(told).toEqual([]);
});

test.each(['opaque', 'a.b.c', '..', 'x.bnVsbA.y'])('A token that is no JWT says nothing, and is used all the same: %s', async (text) => {
  const tokens = new TokenSource(() => Promise.resolve(text), new FakeClock(), { taken: () => undefined, inUse: () => undefined });
  expect(await tokens.current(signal)).toBe(text);
  expect([tokens.userId, tokens.expiresAt]).toEqual([null, null]);
});

test('The claims of a token are what its owner wrote, in any script and of any shape', () => {
  const claims = { sub: 'zoë', exp: 1_760_000_000, run_access: ['*:read', 'r:write'] };
  expect(claimsOf(`e30.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.unsigned`)).toEqual(claims);
  for (const text of ['', 'opaque', 'a.b.c', 'x.bnVsbA.y', 'x.NQ.y']) expect(claimsOf(text)).toEqual({});
});
