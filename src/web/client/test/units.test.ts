import { describe, expect, test } from 'vitest';
import { fullJitter, halfJitter } from '../src/backoff.js';
import { clientId } from '../src/client-id.js';
import { place } from '../src/cursor.js';
import { EndedByServer } from '../src/ending.js';
import { CollabError, failureOfHttp, reasonOfClose, refusalOfCall } from '../src/errors.js';
import { EventList } from '../src/event-list.js';
import { Batch, Listeners } from '../src/listeners.js';
import { publishable } from '../src/publishable.js';
import { newUuid } from '../src/uuid.js';
import { settle } from './kit/fake-clock.js';
import { MemoryStorage } from './kit/stores.js';

describe('A cursor', () => {
  test.each([
    [0, 1, 'next'],
    [0, 2, 'gap'],
    [5, 5, 'duplicate'],
    [5, 1, 'duplicate'],
    [5, 6, 'next'],
    [5, 7, 'gap'],
  ])('at %i finds event %i to be %s', (last, sequence, expected) => {
    expect(place({ epoch: 'e', last }, sequence)).toBe(expected);
  });
});

describe('Backoff', () => {
  test('with full jitter is anything up to a bound that doubles up to its cap', () => {
    const [least, most] = [fullJitter(() => 0), fullJitter(() => 1)];
    expect([1, 2, 3, 6, 7, 60].map(most)).toEqual([500, 1000, 2000, 15_000, 15_000, 15_000]);
    expect([1, 2, 60].map(least)).toEqual([0, 0, 0]);
    expect(most(0)).toBe(500);
  });

  test('after a refusal is never less than half of its bound', () => {
    expect([1, 2, 3, 60].map(halfJitter(() => 0))).toEqual([500, 1000, 2000, 7500]);
    expect([1, 2, 3, 60].map(halfJitter(() => 1))).toEqual([1000, 2000, 4000, 15_000]);
  });
});

describe('A UUID', () => {
  test('is of version 7, and later ones sort later', () => {
    const ids = [1_000, 1_760_000_000_000, 1_760_000_000_001].map((now) => newUuid(now));
    for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect([...ids].sort()).toEqual(ids);
    expect(new Set(Array.from({ length: 1000 }, () => newUuid(5))).size).toBe(1000);
  });
});

describe('Errors', () => {
  test.each(['unauthorized', 'forbidden', 'invalid_event', 'payload_too_large', 'rate_limited', 'overloaded', 'unavailable'])(
    'of the hub carry %s in brackets',
    (code) => {
      const text = `[${code}] Text with\na line.`;
      const wanted = { code, message: 'Text with\na line.' };
      for (const before of ['', "An unexpected error occurred invoking 'Publish' on the server. HubException: "])
        expect(refusalOfCall(new Error(before + text))).toMatchObject(wanted);
      for (const before of ['', 'Server returned an error on close: ', 'Server returned handshake error: '])
        expect(reasonOfClose(new Error(before + text))).toMatchObject(wanted);
    },
  );

  test.each([
    'Connection lost.',
    '[no_such_code] Text.',
    '[queue_full] Text.',
    '[toString] Text.',
    'The server answered with status 502: <h1>[forbidden]</h1>',
    'Bad gateway [forbidden] No.',
  ])('of the hub without a code of ours at its place are no refusals: %s', (text) => {
    const error = new Error(text);
    expect(refusalOfCall(error)).toBeNull();
    expect(refusalOfCall(text)).toBeNull();
    expect(reasonOfClose(error)).toBe(error);
  });

  test('of the hub say when to try again', () => {
    expect(refusalOfCall(new Error('[rate_limited] Too many joins. Try again in 1.2 s.'))).toMatchObject({ retryAfterMs: 1200 });
    expect(refusalOfCall(new Error('[overloaded] Later.'))).toMatchObject({ retryAfterMs: null });
  });

  test.each([
    ['slow', true],
    ['expired', true],
    ['revoked', false],
    ['kicked', true],
    ['replaced', true],
    ['shutdown', true],
    ['too_many', true],
    ['idle', true],
    ['protocol', false],
  ])('of a close say why the server ended it, and whether to come back: %s', (code, comesBack) => {
    const close = new Error(`Server returned an error on close: [${code}] A sentence.`);
    const reason = reasonOfClose(close);
    expect(reason).toBeInstanceOf(EndedByServer);
    expect(reason).toMatchObject({ code, message: 'A sentence.', allowReconnect: comesBack });
    for (const said of [true, false]) expect(reasonOfClose(close, said)).toMatchObject({ code, allowReconnect: said });
  });

  test('of HTTP have their code in the body, and say when to come back', () => {
    expect(failureOfHttp(503, { code: 'overloaded', detail: 'Full.' }, '2')).toMatchObject({
      code: 'overloaded',
      message: 'Full.',
      retryAfterMs: 2000,
    });
    expect(failureOfHttp(503, { code: 'unavailable' }, null)).toMatchObject({ code: 'unavailable', retryAfterMs: null });
    expect(failureOfHttp(429, { code: 'rate_limited' }, 'Wed, 21 Oct 2026 07:28:00 GMT').retryAfterMs).toBeNull();
  });

  test('of HTTP say why the server ended what was asked for', () => {
    const ended = failureOfHttp(403, { code: 'forbidden', detail: 'Gone.', ending: 'revoked' }, null);
    expect(ended).toMatchObject({ code: 'forbidden', ending: 'revoked' });
    expect(failureOfHttp(403, { code: 'forbidden', ending: 'toString' }, null)).toMatchObject({ ending: null });
  });

  test.each([
    [401, 'unauthorized'],
    [403, 'unavailable'],
    [400, 'unavailable'],
    [404, 'unavailable'],
    [413, 'payload_too_large'],
    [429, 'rate_limited'],
    [500, 'unavailable'],
  ])('of HTTP without our code: %i is %s, so a proxy cannot end a connection for good', (status, code) => {
    expect(failureOfHttp(status, null, null)).toMatchObject({ code });
    expect(failureOfHttp(status, { code: 'else' }, null)).toMatchObject({ code });
  });

  test.each([502, 503, 504, 520])('of a gateway are no refusals: %i without our code', (status) => {
    const words = { code: 'forbidden', detail: '[forbidden] No.' };
    expect(failureOfHttp(status, words, null)).toMatchObject({ name: 'NoAnswer' });
    expect(failureOfHttp(status, null, '3')).toMatchObject({ name: 'NoAnswer', retryAfterMs: 3000 });
    expect(failureOfHttp(status, { code: 'unavailable' }, null)).toMatchObject({ name: 'CollabError', code: 'unavailable' });
  });

  test('know whether trying again can help', () => {
    const codes = ['rate_limited', 'overloaded', 'unavailable', 'queue_full'] as const;
    expect(codes.every((code) => new CollabError(code, '').retryable)).toBe(true);
    expect(
      (['unauthorized', 'forbidden', 'invalid_event', 'payload_too_large', 'closed'] as const).some(
        (code) => new CollabError(code, '').retryable,
      ),
    ).toBe(false);
  });
});

describe('The list of events', () => {
  const event = (sequenceNumber: number) => ({
    runId: '',
    sequenceNumber,
    eventType: 'FLAG',
    userId: '',
    timestamp: 0,
    data: {},
    isCritical: true,
    messageId: null,
  });

  test('shows the newest ones, in an array that never changes', () => {
    const list = new EventList(3);
    const before = list.shown;
    for (let i = 1; i <= 2; i++) list.add(event(i));
    const two = list.shown;
    expect(list.shown).toBe(two);
    for (let i = 3; i <= 100; i++) list.add(event(i));
    expect(before).toEqual([]);
    expect(two.map((e) => e.sequenceNumber)).toEqual([1, 2]);
    expect(list.shown.map((e) => e.sequenceNumber)).toEqual([98, 99, 100]);
    expect(() => (list.shown as unknown[]).push(1)).toThrow();
  });
});

describe('Listeners', () => {
  test('one that throws keeps nothing from the others', async () => {
    const surfaced: unknown[] = [];
    const handler = (error: unknown) => surfaced.push(error);
    const others = process.listeners('uncaughtException');
    process.removeAllListeners('uncaughtException').on('uncaughtException', handler);
    try {
      const listeners = new Listeners<[number]>();
      const seen: number[] = [];
      listeners.add(() => {
        throw new Error('mine');
      });
      listeners.add((n) => seen.push(n));
      listeners.call(7);
      await settle();
      expect(seen).toEqual([7]);
      expect(surfaced).toEqual([new Error('mine')]);
    } finally {
      process.removeListener('uncaughtException', handler);
      for (const other of others) process.on('uncaughtException', other);
    }
  });

  test('one that is removed while others are called is not called any more', () => {
    const listeners = new Listeners<[]>();
    const seen: string[] = [];
    listeners.add(() => {
      seen.push('first');
      remove();
    });
    const remove = listeners.add(() => seen.push('second'));
    listeners.call();
    listeners.call();
    expect(seen).toEqual(['first', 'first']);
  });

  test('the same function can listen twice, and stop once', () => {
    const listeners = new Listeners<[]>();
    let calls = 0;
    const listener = () => calls++;
    listeners.add(listener);
    listeners.add(listener)();
    listeners.call();
    expect(calls).toBe(1);
  });

  test('a batch happens once for all that a turn asks for', async () => {
    let times = 0;
    const batch = new Batch(() => times++);
    batch.request();
    batch.request();
    expect(times).toBe(0);
    await settle();
    batch.request();
    await settle();
    expect(times).toBe(2);
  });
});

describe('What is published', () => {
  test('is a copy as it goes over the wire', () => {
    const data = { stepId: 'S', when: new Date(0), nothing: undefined };
    const copy = publishable(data);
    data.stepId = 'changed';
    expect(copy).toEqual({ stepId: 'S', when: '1970-01-01T00:00:00.000Z' });
  });

  test.each([[null], [undefined], ['text'], [[1]], [{ n: 1n }]])('must be a JSON object, unlike %s', (data) => {
    expect(publishable(data as never)).toMatchObject({ code: 'invalid_event' });
  });

  test('must fit into a frame, by bytes and not by characters', () => {
    expect(publishable({ note: 'x'.repeat(59_000) })).not.toBeInstanceOf(CollabError);
    expect(publishable({ note: 'ü'.repeat(31_000) })).toMatchObject({ code: 'payload_too_large' });
  });
});

describe('The client id', () => {
  test('is the same as long as the tab lives', () => {
    const session = new MemoryStorage();
    expect(clientId(session)).toBe(clientId(session));
    expect(clientId(new MemoryStorage())).not.toBe(clientId(session));
  });

  test('is there even where nothing can be kept', () => {
    const forbidden = {
      load: () => null,
      save: () => {
        throw new Error('forbidden');
      },
    };
    expect(clientId(forbidden)).toMatch(/^[0-9a-f-]{36}$/);
    expect(clientId(null)).toMatch(/^[0-9a-f-]{36}$/);
  });
});
