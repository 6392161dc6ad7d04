import { describe, expect, test } from 'vitest';
import { claimsOf } from '../src/claims.js';
import { TokenSource } from '../src/token.js';
import { FakeClock } from './kit/fake-clock.js';
import { tokenOf } from './kit/token.js';

const { signal } = new AbortController();

function source(lifeMs: number | null, next = (asked: number) => asked) {
  const clock = new FakeClock();
  let asked = 0;
  const told: string[] = [];
  const ask = () => tokenOf('zoë', lifeMs === null ? null : clock.now() + lifeMs, next(++asked));
  const owner = { taken: () => told.push('taken'), inUse: () => told.push('in use') };
  const tokens = new TokenSource({ ask, userId: null, clock, owner });
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
  expect(tokens.leftMs).toBe(60_000);
  await clock.advance(10_000);
  expect(tokens.leftMs).toBe(50_000);
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
  const ask = () => new Promise<string>((resolve) => (give = resolve));
  const owner = { taken: () => told.push('taken'), inUse: () => told.push('in use') };
  const tokens = new TokenSource({ ask, userId: null, clock: new FakeClock(), owner });
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
  const owner = { taken: () => undefined, inUse: () => undefined };
  const tokens = new TokenSource({ ask: () => Promise.resolve(text), userId: null, clock: new FakeClock(), owner });
  expect(await tokens.current(signal)).toBe(text);
  expect([tokens.userId, tokens.leftMs]).toEqual([null, null]);
});

test('The claims of a token are what its owner wrote, in any script and of any shape', () => {
  const claims = { sub: 'zoë', exp: 1_760_000_000, run_access: ['*:read', 'r:write'] };
  expect(claimsOf(`e30.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.unsigned`)).toEqual(claims);
  for (const text of ['', 'opaque', 'a.b.c', 'x.bnVsbA.y', 'x.NQ.y']) expect(claimsOf(text)).toEqual({});
});

describe('How long a token lives', () => {
  const hour = 3_600_000;
  const now = new FakeClock().now();
  /** @param skew What this machine's clock is ahead of the issuer's. */
  const taken = async (skew: number, { iat = 0, exp = hour, isIssuedSaid = true } = {}) => {
    const clock = new FakeClock();
    const claims = { sub: 'a', exp: (now - skew + exp) / 1000, ...(isIssuedSaid && { iat: (now - skew + iat) / 1000 }) };
    let asked = 0;
    const ask = () => {
      asked++;
      return `e30.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.${String(asked)}`;
    };
    const tokens = new TokenSource({ ask, userId: null, clock, owner: { taken: () => undefined, inUse: () => undefined } });
    await tokens.current(signal);
    return { clock, tokens, asked: () => asked };
  };

  test.each([-2, -1, 0, 1, 2])('does not depend on a clock that is %i hours ahead', async (hours) => {
    const { clock, tokens, asked } = await taken(hours * hour);
    expect(tokens.leftMs).toBe(hour);
    await clock.advance(hour / 2);
    await tokens.current(signal);
    expect([tokens.leftMs, asked()]).toEqual([hour / 2, 1]);
    await clock.advance(hour / 2);
    await tokens.current(signal);
    expect(asked()).toBe(2);
  });

  test('is known by the right clock where the token is not new', async () => {
    expect((await taken(0, { iat: -hour / 2, exp: hour / 2 })).tokens.leftMs).toBe(hour / 2);
  });

  test('is not known where the clock says that it has ended and nothing says when it began: it is used until it is refused', async () => {
    const { clock, tokens, asked } = await taken(2 * hour, { isIssuedSaid: false });
    expect(tokens.leftMs).toBeNull();
    await clock.advance(hour);
    await tokens.current(signal);
    expect(asked()).toBe(1);
  });

  test('is known exactly once the server has told its time, whatever becomes of the wall clock', async () => {
    const { clock, tokens } = await taken(5 * hour, { iat: -hour, exp: hour / 4 });
    await clock.advance(1000);
    expect(tokens.serverTime(now - 5 * hour + 500, clock.monotonic() - 500)).toBe(true);
    expect(tokens.leftMs).toBe(hour / 4 - 1000);
    expect(tokens.serverTime(now - 5 * hour + 900, clock.monotonic() - 500)).toBe(false);
  });
});
