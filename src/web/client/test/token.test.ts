import { expect, test } from 'vitest';
import { TokenSource } from '../src/token.js';
import { FakeClock } from './kit/fake-clock.js';
import { tokenOf } from './kit/token.js';

function source(lifeMs: number | null) {
  const clock = new FakeClock();
  let asked = 0;
  let told = 0;
  const tokens = new TokenSource(
    () => tokenOf('zoë', lifeMs === null ? null : clock.now() + lifeMs, ++asked),
    clock,
    () => told++,
  );
  return { clock, tokens, asked: () => asked, told: () => told };
}

test('A token is used until it is about to end', async () => {
  const { clock, tokens, asked } = source(60_000);
  const first = await tokens.current();
  await clock.advance(54_000);
  expect(await tokens.current()).toBe(first);
  await clock.advance(1000);
  expect(await tokens.current()).not.toBe(first);
  expect(asked()).toBe(2);
});

test('A token that does not say when it ends is used until it is refused', async () => {
  const { clock, tokens, asked } = source(null);
  await tokens.current();
  await clock.advance(1_000_000_000);
  await tokens.current();
  expect(asked()).toBe(1);
  tokens.forget();
  await tokens.current();
  expect(asked()).toBe(2);
});

test('A fresh token is always asked for, and tells who the user is', async () => {
  const { clock, tokens, asked, told } = source(60_000);
  expect(tokens.userId).toBeNull();
  await tokens.fresh();
  await tokens.fresh();
  expect([asked(), told()]).toEqual([2, 2]);
  expect(tokens.userId).toBe('zoë');
  expect(tokens.expiresAt).toBe(clock.now() + 60_000);
});

test.each(['opaque', 'a.b.c', '..', 'x.bnVsbA.y'])('A token that is no JWT says nothing, and is used all the same: %s', async (text) => {
  const tokens = new TokenSource(
    () => Promise.resolve(text),
    new FakeClock(),
    () => undefined,
  );
  expect(await tokens.current()).toBe(text);
  expect([tokens.userId, tokens.expiresAt]).toEqual([null, null]);
});
