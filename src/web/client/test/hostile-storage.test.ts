import { describe, expect, test } from 'vitest';
import { Outbox } from '../src/outbox.js';
import { QueueShelf, type KeptSend } from '../src/queue-shelf.js';
import { FakeClock, settle } from './kit/fake-clock.js';
import { MemoryStorage } from './kit/stores.js';

/** Inputs by seed: HOSTILE_STORAGE=50000 tries more of them, HOSTILE_SEED=7 others. */
const count = Number(process.env['HOSTILE_STORAGE'] ?? 1_000);
const seed = Number(process.env['HOSTILE_SEED'] ?? 1);

const prefix = 'collab:run:alice';

const corpus = [
  '["page-0"]',
  '["page-0","page-1","page-0"]',
  '{"until":0,"sends":[{"messageId":"m1","eventType":"FLAG","data":{"stepId":"S"},"createdAt":1,"refused":null}]}',
  '{"until":0,"sends":[{"messageId":"m2","eventType":"FLAG","data":{"stepId":"S"},"createdAt":1,' +
    '"refused":{"code":"forbidden","message":"No."}}]}',
  '{"until":9e15,"sends":[]}',
];

const values = [
  'null', 'true', '0', '-1', '1e999', '"x"', '""', '"\\ud800"', '"__proto__"', '[]', '{}', '[null]', '{"a":1}', '{"__proto__":{"x":1}}',
  '[[[[[]]]]]', '"page-0"', '"m1"', '{"code":1}', '{"code":"nope","message":null}', '{"code":"forbidden"}',
]; // prettier-ignore

/** Mulberry32: the same numbers for the same seed. */
function numbers(from: number): (below: number) => number {
  let state = from >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}

/** One of the corpus, with some of its values, names and characters exchanged. */
function mutated(below: (n: number) => number): string {
  let text = corpus[below(corpus.length)] ?? '';
  do {
    const at = below(text.length + 1);
    const places = [...text.matchAll(/"(?:[^"\\]|\\.)*"|-?\d[\d.e+]*|true|false|null|\[\]|\{\}/g)];
    const place = places[below(places.length || 1)];
    if (below(4) > 0 && place !== undefined) {
      text = text.slice(0, place.index) + (values[below(values.length)] ?? '') + text.slice(place.index + place[0].length);
    } else if (below(2) === 0) text = text.slice(0, at) + text.slice(at + 1 + below(8));
    else text = text.slice(0, at) + String.fromCharCode(below(0x10000)) + text.slice(at);
  } while (below(2) === 0);
  return text;
}

describe('A storage that holds anything', () => {
  test(`does not keep the client from sending, nor from keeping what it has to send (${String(count)} inputs)`, async () => {
    for (let n = 0; n < count; n++) {
      const below = numbers(seed * 1_000_003 + n);
      const storage = new MemoryStorage();
      const texts = [mutated(below), mutated(below), mutated(below)] as const;
      storage.texts.set(prefix, below(2) === 0 ? texts[0] : '["page-0"]');
      storage.texts.set(`${prefix}:page-0`, texts[1]);
      const session = new MemoryStorage();
      session.texts.set(prefix, below(2) === 0 ? texts[2] : 'page-0');
      try {
        await use(storage, session);
      } catch (error) {
        throw new Error(`Of seed ${String(seed)} input ${String(n)}: ${JSON.stringify([...storage.texts])}`, { cause: error });
      }
    }
  });
});

async function use(storage: MemoryStorage, session: MemoryStorage): Promise<void> {
  const clock = new FakeClock();
  const sent: string[] = [];
  const outbox = new Outbox({
    maxQueued: 100,
    clock,
    pause: () => 1,
    changed: () => undefined,
    hasEnded: () => false,
    unauthorized: () => undefined,
    serverTime: () => undefined,
    shelfOf: () => new QueueShelf(storage, session, prefix, 'page-9', clock),
  });
  // It waits already when what others left behind is taken over.
  void outbox.add('mine', 'FLAG', { stepId: 'S' });
  outbox.belongsTo('alice');
  outbox.sendsAs('alice');
  // What is pending can be shown, sent, and kept again.
  for (const { messageId, eventType, data, createdAt, error } of outbox.pending) {
    expect([typeof messageId, typeof eventType, typeof data, Array.isArray(data)]).toEqual(['string', 'string', 'object', false]);
    expect(Number.isFinite(createdAt)).toBe(true);
    if (error !== null) expect([typeof error.code, typeof error.message]).toEqual(['string', 'string']);
  }
  outbox.use({
    publish: (sends) => {
      sent.push(...sends.map((send) => JSON.stringify(send.data) + send.messageId));
      return Promise.resolve(sends.map(({ messageId }, i) => ({ messageId, sequenceNumber: i + 1, timestamp: 0, duplicate: false })));
    },
    moveCursor: () => undefined,
  });
  await settle();
  await clock.advance(1_000);
  expect(sent.some((text) => text.endsWith('mine'))).toBe(true);
  expect(outbox.queuedCount).toBe(0);

  const next: KeptSend[] = [];
  const shelf = new QueueShelf(storage, session, prefix, 'page-10', clock);
  shelf.save([{ messageId: 'kept', eventType: 'FLAG', data: {}, createdAt: 1, refused: null }]);
  shelf.release();
  new QueueShelf(storage, session, prefix, 'page-11', clock).adopt((sends) => next.push(...sends));
  expect(next.some((send) => send.messageId === 'kept')).toBe(true);
}
