import { describe, expect, test } from 'vitest';
import type { Carrier, PublishResult } from '../src/carrier.js';
import { CollabError, NoAnswer } from '../src/errors.js';
import type { PendingSend } from '../src/index.js';
import { Outbox } from '../src/outbox.js';
import { QueueShelf } from '../src/queue-shelf.js';
import { FakeClock, settle } from './kit/fake-clock.js';
import { MemoryStorage } from './kit/stores.js';

/** A way to the server on which a test answers. */
class Way implements Carrier {
  readonly sent: string[] = [];
  #answer: { resolve: (results: readonly PublishResult[]) => void; reject: (error: unknown) => void } | null = null;

  publish(sends: readonly PendingSend[]): Promise<readonly PublishResult[]> {
    this.sent.push(sends.map(({ messageId }) => messageId).join('+'));
    return new Promise((resolve, reject) => (this.#answer = { resolve, reject }));
  }

  moveCursor(): void {
    throw new Error('not in these tests');
  }

  async accept(sequenceNumber: number): Promise<void> {
    const ids = this.sent.at(-1)?.split('+') ?? [];
    const acks = ids.map((messageId, i) => ({ messageId, sequenceNumber: sequenceNumber + i, timestamp: 0, duplicate: false }));
    this.#answer?.resolve(acks);
    await settle();
  }

  /** Takes so many of a batch, and has no time for the others. Answers which it took. */
  async acceptUpTo(room: number): Promise<readonly string[]> {
    const ids = this.sent.at(-1)?.split('+') ?? [];
    const ack = (messageId: string) => ({ messageId, sequenceNumber: 1, timestamp: 0, duplicate: false });
    this.#answer?.resolve(ids.map((messageId, i) => (i < room ? ack(messageId) : later())));
    await settle();
    return ids.slice(0, room);
  }

  async refuse(error: unknown): Promise<void> {
    this.#answer?.reject(error);
    await settle();
  }
}

function outbox(maxQueued = 100, clock = new FakeClock()) {
  let unauthorized = 0;
  let shelf: QueueShelf | null = null;
  const told: number[] = [];
  const box = new Outbox({
    maxQueued,
    clock,
    pause: (n) => n * 1000,
    changed: () => undefined,
    hasEnded: () => false,
    unauthorized: () => unauthorized++,
    serverTime: (now) => told.push(now),
    shelfOf: () => shelf,
  });
  const keepOn = (kept: QueueShelf) => {
    shelf = kept;
    box.belongsTo('alice');
    box.sendsAs('alice');
  };
  return { box, clock, keepOn, unauthorized: () => unauthorized };
}

const later = (retryAfterMs: number | null = null) => new CollabError('rate_limited', 'Later.', retryAfterMs);

describe('The outbox', () => {
  test('sends what has come together while one was under way', async () => {
    const { box } = outbox();
    const way = new Way();
    box.use(way);
    const acks = ['a', 'b', 'c'].map((id) => box.add(id, 'FLAG', {}));
    expect(way.sent).toEqual(['a']);
    await way.accept(1);
    expect(way.sent).toEqual(['a', 'b+c']);
    await way.accept(2);
    expect((await Promise.all(acks)).map((ack) => ack.sequenceNumber)).toEqual([1, 2, 3]);
    expect(box.pending).toEqual([]);
  });

  test('shows arrays and sends that never change', async () => {
    const { box } = outbox();
    void box.add('a', 'FLAG', { stepId: 'S' });
    const before = box.pending;
    expect(box.pending).toBe(before);
    const way = new Way();
    box.use(way);
    await way.refuse(later());
    expect(before).toMatchObject([{ messageId: 'a', status: 'queued', attempts: 0, error: null }]);
    expect(box.pending).toMatchObject([{ messageId: 'a', status: 'queued', attempts: 1, error: { code: 'rate_limited' } }]);
  });

  test('goes on over another way from the send that is under way', async () => {
    const { box } = outbox();
    const [first, second] = [new Way(), new Way()];
    box.use(first);
    const ack = box.add('a', 'FLAG', {});
    box.use(second);
    await first.accept(99);
    expect(box.pending).toMatchObject([{ status: 'sending', attempts: 2 }]);
    await second.accept(1);
    expect((await ack).sequenceNumber).toBe(1);
    expect([first.sent, second.sent]).toEqual([['a'], ['a']]);
  });

  test('says again why a send was refused to whoever publishes it again, until it is retried or discarded', async () => {
    const { box } = outbox();
    const way = new Way();
    box.use(way);
    const first = box.add('a', 'FLAG', {});
    await way.refuse(new CollabError('invalid_event', 'No.'));
    await expect(first).rejects.toMatchObject({ code: 'invalid_event' });

    await expect(box.add('a', 'FLAG', {})).rejects.toMatchObject({ code: 'invalid_event' });
    expect(way.sent).toEqual(['a']);

    box.retry('a');
    const again = box.add('a', 'FLAG', {});
    await way.accept(1);
    expect((await again).sequenceNumber).toBe(1);
    expect(way.sent).toEqual(['a', 'a']);
  });

  test('waits for a way after one that gave no answer, and does not count that as a refusal', async () => {
    const { box, clock } = outbox();
    void box.add('a', 'FLAG', {});
    for (let i = 0; i < 20; i++) {
      const way = new Way();
      box.use(way);
      await way.refuse(new NoAnswer('lost'));
      await clock.advance(100_000);
      expect(way.sent).toEqual(['a']);
    }
    expect(box.pending).toMatchObject([{ status: 'queued', attempts: 20, error: null }]);
  });

  test('drains a long queue through a server that takes a few and then asks to wait, however often', async () => {
    const { box, clock } = outbox(500);
    const refused: unknown[] = [];
    for (let i = 0; i < 500; i++) box.add(String(i), 'FLAG', {}).catch((error: unknown) => refused.push(error));
    const way = new Way();
    box.use(way);
    const taken: string[] = [];
    while (box.pending.length > 0) {
      const before = taken.length;
      for (let room = 7; room > 0 && box.pending.length > 0; room = 7 - (taken.length - before))
        taken.push(...(await way.acceptUpTo(room)));
      if (box.pending.length === 0) break;
      if (box.pending[0]?.status === 'sending') await way.acceptUpTo(0);
      expect(box.pending[0]?.status).toBe('queued');
      await clock.advance(1000);
    }
    expect(refused).toEqual([]);
    expect(taken).toEqual(Array.from({ length: 500 }, (_, i) => String(i)));
    // Of each seven that the server takes at a time most go together.
    expect(way.sent.length).toBeLessThan(4 * Math.ceil(500 / 7));
  });

  test('sends as many together as a frame has room for, and a large one alone', async () => {
    const { box } = outbox(500);
    void box.add('large', 'FLAG', { note: 'ü'.repeat(29_000) });
    for (let i = 0; i < 250; i++) void box.add(String(i), 'FLAG', { note: 'x'.repeat(500) });
    const way = new Way();
    box.use(way);
    while (box.pending.length > 0) await way.accept(1);
    const sizes = way.sent.map((ids) => ids.split('+').length);
    expect(sizes).toEqual([1, 64, 64, 64, 58]);
  });

  test('pauses as long as the server asks, if that is longer than it would', async () => {
    const { box, clock } = outbox();
    const way = new Way();
    box.use(way);
    void box.add('a', 'FLAG', {});
    await way.refuse(later(5000));
    await clock.advance(4999);
    expect(way.sent).toEqual(['a']);
    await clock.advance(1);
    await way.refuse(later(10));
    await clock.advance(1999);
    expect(way.sent).toEqual(['a', 'a']);
    await clock.advance(1);
    expect(way.sent).toEqual(['a', 'a', 'a']);
  });

  test('goes on pausing over another way', async () => {
    const { box, clock } = outbox();
    const [first, second] = [new Way(), new Way()];
    box.use(first);
    void box.add('a', 'FLAG', {});
    await first.refuse(later(5000));
    box.use(second);
    await clock.advance(4999);
    expect(second.sent).toEqual([]);
    await clock.advance(1);
    expect(second.sent).toEqual(['a']);
  });

  test('asks for another token once, and reports a second refusal', async () => {
    const { box, unauthorized } = outbox();
    const [first, second] = [new Way(), new Way()];
    box.use(first);
    const ack = box.add('a', 'FLAG', {});
    await first.refuse(new CollabError('unauthorized', 'Old.'));
    expect([unauthorized(), box.pending[0]?.status]).toEqual([1, 'queued']);
    box.use(second);
    await second.refuse(new CollabError('unauthorized', 'No.'));
    await expect(ack).rejects.toMatchObject({ code: 'unauthorized' });
    expect(unauthorized()).toBe(1);
  });

  test('keeps only so many refused sends', async () => {
    const { box } = outbox(200);
    const way = new Way();
    box.use(way);
    for (let i = 0; i < 70; i++) {
      void box.add(String(i), 'FLAG', {});
      await way.refuse(new CollabError('invalid_event', 'No.'));
    }
    expect(box.pending.map((send) => send.messageId)).toEqual(Array.from({ length: 50 }, (_, i) => String(i + 20)));
    expect(box.queuedCount).toBe(0);
  });

  test('retries and discards refused sends only', async () => {
    const { box } = outbox();
    const way = new Way();
    box.use(way);
    void box.add('a', 'FLAG', {});
    void box.add('b', 'FLAG', {});
    box.retry('a');
    box.discard('b');
    box.discard('unknown');
    expect(box.pending.map((send) => [send.messageId, send.status])).toEqual([
      ['a', 'sending'],
      ['b', 'queued'],
    ]);
    await way.refuse(new CollabError('forbidden', 'No.'));
    box.retry('a');
    expect(box.pending.map((send) => [send.messageId, send.status])).toEqual([
      ['b', 'sending'],
      ['a', 'queued'],
    ]);
    expect(box.pending[1]?.error).toBeNull();
  });

  test('a refusal that nobody waits for is no unhandled error', async () => {
    const seen: unknown[] = [];
    const handler = (error: unknown) => seen.push(error);
    process.on('unhandledRejection', handler);
    const { box } = outbox();
    void box.add('a', 'FLAG', {});
    box.close(new CollabError('closed', 'Closed.'));
    await settle();
    await settle();
    process.removeListener('unhandledRejection', handler);
    expect(seen).toEqual([]);
  });

  test('keeps sends, not what is happening to them', async () => {
    const storage = new MemoryStorage();
    const saves: string[] = [];
    const watched = {
      load: (key: string) => storage.load(key),
      save: (key: string, value: string | null) => {
        saves.push(key);
        storage.save(key, value);
      },
    };
    const { box, clock, keepOn } = outbox();
    keepOn(new QueueShelf(watched, null, 'p', 'page', clock));
    void box.add('a', 'FLAG', { stepId: 'S' });
    box.save();
    const before = saves.length;
    const way = new Way();
    box.use(way);
    box.save();
    await way.refuse(later());
    box.save();
    expect(saves.length).toBe(before);
    expect(JSON.parse(storage.load('p:page') ?? '')).toMatchObject({
      sends: [{ messageId: 'a', eventType: 'FLAG', data: { stepId: 'S' }, refused: null }],
    });
    await clock.advance(1000);
    await way.accept(1);
    box.save();
    expect(storage.texts.size).toBe(0);
  });

  test('sends a queue that there is no room to copy once', async () => {
    const storage = new MemoryStorage();
    const { box, clock, keepOn } = outbox();
    const old = new QueueShelf(storage, null, 'p', 'old', clock);
    old.save([{ messageId: 'a', eventType: 'FLAG', data: { note: 'x'.repeat(100) }, createdAt: 1, refused: null }]);
    old.release();
    storage.room = storage.used;
    const way = new Way();
    box.use(way);
    keepOn(new QueueShelf(storage, null, 'p', 'new', clock));
    expect(storage.texts.has('p:old')).toBe(true);
    await way.accept(1);
    box.save();
    await clock.advance(100_000);
    expect(way.sent).toEqual(['a']);
    expect(storage.texts.size).toBe(0);
  });

  test('loses nothing of its own to a kept send that makes no sense', () => {
    const sound = { messageId: 'old', eventType: 'FLAG', data: {}, createdAt: 1, refused: null };
    for (const wrong of [{ refused: undefined }, { refused: { code: 7 } }, { data: [] }, { createdAt: 'then' }]) {
      const storage = new MemoryStorage();
      storage.save('p', '["dead"]');
      storage.save('p:dead', JSON.stringify({ until: 0, sends: [{ ...sound, messageId: 'senseless', ...wrong }, sound] }));
      const { box, clock, keepOn } = outbox();
      void box.add('mine', 'FLAG', {});
      keepOn(new QueueShelf(storage, null, 'p', 'page', clock));
      expect(box.pending.map((send) => send.messageId)).toEqual(['old', 'mine']);
    }
  });

  test('two pages with the same queue send the same ids, and neither takes a send away from the other', async () => {
    const storage = new MemoryStorage();
    const clock = new FakeClock();
    const [pageA, pageB] = [outbox(100, clock), outbox(100, clock)];
    const [a, b] = [pageA.box, pageB.box];
    pageA.keepOn(new QueueShelf(storage, null, 'p', 'a', clock));
    pageB.keepOn(new QueueShelf(storage, null, 'p', 'b', clock));
    void a.add('a1', 'FLAG', {});
    void b.add('b1', 'FLAG', {});
    a.save();
    b.save();
    a.release();
    b.adopt();
    a.reclaim();
    const [wayA, wayB] = [new Way(), new Way()];
    a.use(wayA);
    b.use(wayB);
    await wayB.accept(1);
    b.save();
    await wayA.accept(1);
    a.save();
    expect([wayA.sent, wayB.sent]).toEqual([['a1'], ['a1+b1']]);
    expect(storage.texts.size).toBe(0);
  });
});
