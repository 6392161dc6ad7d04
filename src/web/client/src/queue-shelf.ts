import { Timer } from './clock.js';
import type { Clock, QueueStorage } from './seams.js';

/** A send as it is kept over a reload. */
export interface KeptSend {
  readonly messageId: string;
  readonly eventType: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly createdAt: number;
  /** Why it was refused for good; null while it still waits. */
  readonly refused: { readonly code: string; readonly message: string; readonly events?: unknown } | null;
  /** The newest event that who publishes had seen; not there: that does not matter. */
  readonly basedOnSequence?: number;
}

/** Longer than the minute that browsers make timers of hidden pages wait. */
const leaseMs = 90_000;
const renewMs = 20_000;

/**
 * Keeps the sends of one page where the next page finds them. Pages of the same user and run share the storage but never a key: each writes
 * a queue of its own under a lease, so none can lose another's. A queue whose lease has ended is adopted by whichever page sees it: at once
 * after a reload, for a page that ends gives its lease back and the tab remembers whose page came before; after a crash within the time of
 * a lease. Two pages that adopt one queue, or one that adopts from a page which only slept, do no harm: both send the same message ids, and
 * the server stores each once.
 */
export class QueueShelf {
  readonly #storage: QueueStorage;
  readonly #clock: Clock;
  readonly #prefix: string;
  readonly #owner: string;
  readonly #renew: Timer;
  #sends: readonly KeptSend[] = [];
  /** Queues by owner that have been taken over, and are still there because what is left of them has not been saved yet. */
  readonly #taken = new Map<string, string | null>();
  /** Whether this page lives. From its end on others can have its queue, also what it may still write. */
  #isHeld = true;
  #predecessor: string | null = null;

  /**
   * @param session Lasts as long as the tab.
   * @param prefix Names run and user.
   * @param owner Names this page, and no other.
   */
  constructor(storage: QueueStorage, session: QueueStorage | null, prefix: string, owner: string, clock: Clock) {
    this.#storage = storage;
    this.#clock = clock;
    this.#prefix = prefix;
    this.#owner = owner;
    this.#renew = new Timer(clock, () => {
      this.save(this.#sends);
    });
    quietly(() => {
      this.#predecessor = session?.load(prefix) ?? null;
      session?.save(prefix, owner);
    });
  }

  /** Keeps these instead of what was kept before. */
  save(sends: readonly KeptSend[]): void {
    this.#sends = sends;
    if (sends.length === 0) {
      this.#renew.stop();
      quietly(() => {
        this.#forget(this.#owner);
        this.#forgetTaken();
      });
    } else if (this.#isHeld) {
      this.#renew.start(renewMs);
      this.#write(this.#clock.now() + leaseMs);
    } else this.#write(0);
  }

  /**
   * Takes over, once, what pages that have ended left behind. It is forgotten when the queue that it has become part of is saved, which has
   * no room at times before some of it has been sent.
   */
  adopt(take: (sends: readonly KeptSend[]) => void): void {
    quietly(() => {
      const orphans = this.#owners().filter((owner) => owner !== this.#owner && !this.#isTaken(owner) && this.#isOrphan(owner));
      this.#predecessor = null;
      const sends = orphans.flatMap((owner) => this.#takeFrom(owner));
      if (sends.length > 0) take(sends);
    });
  }

  /** This page may be about to end: the next one can have its queue at once. */
  release(): void {
    this.#isHeld = false;
    this.#renew.stop();
    if (this.#sends.length > 0) this.#write(0);
  }

  /** The page goes on after all. Somebody may have taken its queue meanwhile; both having it does no harm. */
  reclaim(): void {
    this.#isHeld = true;
    this.save(this.#sends);
  }

  #write(until: number): void {
    quietly(() => {
      this.#storage.save(this.#keyOf(this.#owner), JSON.stringify({ until, sends: this.#sends }));
      const owners = this.#owners();
      if (!owners.includes(this.#owner)) this.#storage.save(this.#prefix, JSON.stringify([...owners, this.#owner]));
      this.#forgetTaken();
    });
  }

  #isOrphan(owner: string): boolean {
    return owner === this.#predecessor || this.#read(owner).until <= this.#clock.now();
  }

  #owners(): readonly string[] {
    const owners = parse(this.#storage.load(this.#prefix));
    const known = Array.isArray(owners) ? owners.filter((owner) => typeof owner === 'string') : [];
    // The list is shared, and a page that writes it may overwrite what another wrote a moment ago. Whose page came before is known all the
    // same.
    return this.#predecessor === null || known.includes(this.#predecessor) ? known : [this.#predecessor, ...known];
  }

  #read(owner: string): { until: number; sends: readonly KeptSend[] } {
    const { until, sends } = (parse(this.#storage.load(this.#keyOf(owner))) ?? {}) as { until?: unknown; sends?: unknown };
    return { until: typeof until === 'number' ? until : 0, sends: Array.isArray(sends) ? sends.filter(isKeptSend) : [] };
  }

  #takeFrom(owner: string): readonly KeptSend[] {
    const { sends } = this.#read(owner);
    if (sends.length === 0) this.#forget(owner);
    else this.#taken.set(owner, this.#storage.load(this.#keyOf(owner)));
    return sends;
  }

  /** False also when its page, which only slept, has written it anew. */
  #isTaken(owner: string): boolean {
    return this.#taken.has(owner) && this.#taken.get(owner) === this.#storage.load(this.#keyOf(owner));
  }

  #forgetTaken(): void {
    for (const owner of this.#taken.keys()) if (this.#isTaken(owner)) this.#forget(owner);
    this.#taken.clear();
  }

  #forget(owner: string): void {
    this.#storage.save(this.#keyOf(owner), null);
    const owners = this.#owners();
    if (!owners.includes(owner)) return;
    const others = owners.filter((other) => other !== owner);
    this.#storage.save(this.#prefix, others.length === 0 ? null : JSON.stringify(others));
  }

  #keyOf(owner: string): string {
    return `${this.#prefix}:${owner}`;
  }
}

/** What another version of this page, or anything else of the same origin, may have written is none: it would fail where it is used. */
function isKeptSend(value: unknown): value is KeptSend {
  const { messageId, eventType, data, createdAt, refused, basedOnSequence } = (value ?? {}) as Partial<Record<keyof KeptSend, unknown>>;
  const isEvent = typeof messageId === 'string' && typeof eventType === 'string' && isRecord(data) && Number.isFinite(createdAt);
  if (basedOnSequence !== undefined && !(Number.isSafeInteger(basedOnSequence) && Number(basedOnSequence) >= 0)) return false;
  return (
    isEvent && (refused === null || (isRecord(refused) && typeof refused['code'] === 'string' && typeof refused['message'] === 'string'))
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function parse(text: string | null): unknown {
  try {
    return text === null ? null : (JSON.parse(text) as unknown);
  } catch {
    return null;
  }
}

/** A full or forbidden storage means that nothing is kept, not that nothing works. */
function quietly(action: () => void): void {
  try {
    action();
  } catch {
    // See above.
  }
}
