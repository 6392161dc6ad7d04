import { describe, expect, test } from 'vitest';
import { QueueShelf, type KeptSend } from '../src/queue-shelf.js';
import { FakeClock } from './kit/fake-clock.js';
import { MemoryStorage } from './kit/stores.js';

const send = (messageId: string): KeptSend => ({ messageId, eventType: 'FLAG', data: { stepId: 'S' }, createdAt: 1, refused: null });

/** Pages of one browser: they share the storage, each tab has a session of its own. */
function browser() {
  const storage = new MemoryStorage();
  let pages = 0;
  const open = (session = new MemoryStorage(), clock = new FakeClock()) => {
    const shelf = new QueueShelf(storage, session, 'collab:run:alice', `page-${String(++pages)}`, clock);
    const adopt = () => {
      const adopted: string[] = [];
      shelf.adopt((sends) => {
        adopted.push(...sends.map((s) => s.messageId));
        shelf.save([...sends]);
      });
      return adopted;
    };
    return { shelf, session, clock, adopt };
  };
  return { storage, open };
}

describe('The shelf of a page', () => {
  test('does not touch the queue of another page that lives', () => {
    const { open } = browser();
    const [a, b] = [open(), open()];
    a.shelf.save([send('a1')]);
    b.shelf.save([send('b1')]);
    expect(b.adopt()).toEqual([]);
    a.shelf.save([send('a1'), send('a2')]);
    a.shelf.release();
    expect(b.adopt()).toEqual(['a1', 'a2']);
  });

  test('is found by the next page of the tab at once, however the page ended', () => {
    for (const end of ['orderly', 'crash']) {
      const { open } = browser();
      const page = open();
      page.shelf.save([send('m1'), send('m2')]);
      if (end === 'orderly') page.shelf.release();
      expect(open(page.session, page.clock).adopt()).toEqual(['m1', 'm2']);
    }
  });

  test('is found by another tab at once after an orderly end, and after its lease when the page crashed', async () => {
    const { open } = browser();
    const crashed = open();
    crashed.shelf.save([send('m1')]);
    const clock = new FakeClock();
    const other = open(undefined, clock);
    await clock.advance(89_999);
    expect(other.adopt()).toEqual([]);
    await clock.advance(1);
    expect(other.adopt()).toEqual(['m1']);
    expect(other.adopt()).toEqual([]);
  });

  test('renews its lease as long as the page lives', async () => {
    const { open } = browser();
    const clock = new FakeClock();
    open(undefined, clock).shelf.save([send('m1')]);
    const other = open(undefined, clock);
    await clock.advance(1_000_000);
    expect(other.adopt()).toEqual([]);
    expect(clock.pending).toBe(1);
  });

  test('that may be about to end does not take its queue back with what it still writes, until it goes on', () => {
    const { open } = browser();
    const [page, other] = [open(), open()];
    page.shelf.save([send('m1'), send('m2')]);
    page.shelf.release();
    page.shelf.save([send('m2')]);
    expect(page.clock.pending).toBe(0);
    page.shelf.reclaim();
    expect(page.clock.pending).toBe(1);
    expect(other.adopt()).toEqual([]);
    page.shelf.release();
    expect(other.adopt()).toEqual(['m2']);
  });

  test('leaves nothing behind when its queue is empty', () => {
    const { storage, open } = browser();
    const { shelf, clock } = open();
    shelf.save([send('m1')]);
    expect(storage.texts.size).toBe(2);
    shelf.save([]);
    expect(storage.texts.size).toBe(0);
    expect(clock.pending).toBe(0);
  });

  test('leaves nothing of the queues that it adopted', () => {
    const { storage, open } = browser();
    const first = open();
    first.shelf.save([send('m1')]);
    first.shelf.release();
    const second = open();
    expect(second.adopt()).toEqual(['m1']);
    second.shelf.save([]);
    expect(storage.texts.size).toBe(0);
  });

  test('takes an orphan that there is no room to copy once, and leaves it where it is until what is left of it is saved', () => {
    const { storage, open } = browser();
    const [first, second] = [open(), open()];
    first.shelf.save([send('m1'), send('m2')]);
    first.shelf.release();
    storage.room = storage.used;
    expect(second.adopt()).toEqual(['m1', 'm2']);
    expect(second.adopt()).toEqual([]);
    expect(storage.texts.has('collab:run:alice:page-1')).toBe(true);
    expect(open().adopt()).toEqual(['m1', 'm2']);
    second.shelf.save([]);
    expect(storage.texts.size).toBe(0);
  });

  test('does not forget what a page that only slept has written since its queue was taken', () => {
    const { storage, open } = browser();
    const [slept, other] = [open(), open()];
    slept.shelf.save([send('m1'), send('m2')]);
    slept.shelf.release();
    storage.room = storage.used;
    expect(other.adopt()).toEqual(['m1', 'm2']);
    slept.shelf.reclaim();
    slept.shelf.save([send('m3')]);
    slept.shelf.release();
    other.shelf.save([]);
    expect(other.adopt()).toEqual(['m3']);
  });

  test('survives that another page overwrites the list of pages, for the page that comes next in the tab', () => {
    const { storage, open } = browser();
    const page = open();
    page.shelf.save([send('m1')]);
    storage.texts.set('collab:run:alice', JSON.stringify(['page-of-somebody-else']));
    expect(open(page.session).adopt()).toEqual(['m1']);
  });

  test('is back on the list with the next renewal when another page overwrote it', async () => {
    const { storage, open } = browser();
    const { shelf, clock } = open();
    shelf.save([send('m1')]);
    storage.texts.set('collab:run:alice', '[]');
    await clock.advance(20_000);
    expect(storage.texts.get('collab:run:alice')).toBe('["page-1"]');
  });

  test('a tab that was duplicated takes the same sends, and takes nothing away', () => {
    const { open } = browser();
    const original = open();
    original.shelf.save([send('m1')]);
    const copiedSession = new MemoryStorage();
    for (const [key, text] of original.session.texts) copiedSession.save(key, text);
    const copy = open(copiedSession);
    expect(copy.adopt()).toEqual(['m1']);
    original.shelf.save([send('m1'), send('m2')]);
    original.shelf.release();
    expect(copy.adopt()).toEqual(['m1', 'm2']);
  });

  test.each(['not JSON', '{"sends":7}', '{"until":0,"sends":[null,{"messageId":1},{"messageId":"m1"}]}', '"text"', 'null'])(
    'makes nothing of what is none: %s',
    (text) => {
      const { storage, open } = browser();
      storage.texts.set('collab:run:alice', '["old"]');
      storage.texts.set('collab:run:alice:old', text);
      expect(open().adopt()).toEqual([]);
      storage.texts.set('collab:run:alice', text);
      expect(open().adopt()).toEqual([]);
    },
  );

  test('works without a storage that works', () => {
    const broken = {
      load: (): string => {
        throw new Error('forbidden');
      },
      save: () => {
        throw new Error('full');
      },
    };
    const shelf = new QueueShelf(broken, broken, 'p', 'o', new FakeClock());
    shelf.save([send('m1')]);
    shelf.adopt(() => {
      throw new Error('there is nothing to adopt');
    });
    shelf.release();
  });
});
