import { batchOf, maxBatch } from './batch.js';
import type { Carrier, PublishResult } from './carrier.js';
import { Timer } from './clock.js';
import { readConflicts } from './conflicts.js';
import { CollabError, type CollabErrorCode } from './errors.js';
import type { PublishAck } from './event.js';
import { handled } from './handled.js';
import { OwnSends } from './own-sends.js';
import type { KeptSend, QueueShelf } from './queue-shelf.js';
import type { Clock } from './seams.js';
import type { PendingSend } from './snapshot.js';

const maxRetries = 3;
/** Refused sends that wait for the user's decision; older ones are forgotten, their callers know. */
const maxRefused = 50;
/** How often a page looks for sends that others have left behind, in milliseconds. */
const lookMs = 20_000;

/** How an outbox is made. */
export interface OutboxOptions {
  readonly maxQueued: number;
  readonly clock: Clock;
  /** Milliseconds to wait after the n-th refusal of a send in a row. */
  readonly pause: (refusals: number) => number;
  /** Something that applications see has changed. */
  readonly changed: () => void;
  /** Whether the run takes no more events. */
  readonly hasEnded: () => boolean;
  /** The server does not take the token any more. */
  readonly unauthorized: () => void;
  /** What the server's clock says, Unix milliseconds: something was signed by another. */
  readonly serverTime: (now: number) => void;
  /** Where the sends of a user are kept; null: in memory only. */
  readonly shelfOf: (user: string) => QueueShelf | null;
}

type EventData = PendingSend['data'];

/** Who a send is by. null: nobody can say, the token does not; undefined: no token has come yet. */
type User = string | null | undefined;

interface Entry {
  send: PendingSend;
  user: User;
  refusals: number;
  /** Whether it was refused as `unauthorized` before. */
  isSuspect: boolean;
  /** Whether it was signed with another time than the server's before. */
  wasOfWrongTime: boolean;
  /** Who waits for it; null: nobody yet. */
  settle: Settle | null;
}

const none: readonly Entry[] = [];

interface Settle {
  readonly promise: Promise<PublishAck>;
  readonly resolve: (ack: PublishAck) => void;
  readonly reject: (error: CollabError) => void;
}

/**
 * What this client has to say, in its order. One batch is under way at a time: the server may refuse a send for the moment
 * (`rate_limited`, `overloaded`, `unavailable`) and accept the one after it a millisecond later, so a client that sends ahead cannot keep
 * the order. Within a batch the server takes nothing behind such a refusal. Sends whose answer was lost are repeated under the same ids,
 * before all others.
 *
 * What waits belongs to the user who has said it. When another one signs in it stays, and is sent when the first one is back.
 */
export class Outbox {
  readonly #options: OutboxOptions;
  readonly #entries = new Map<string, Entry>();
  readonly #pause: Timer;
  readonly #look: Timer;
  readonly #shelves = new Map<string, QueueShelf | null>();
  #shelf: QueueShelf | null = null;
  /** Of the newest token: who speaks here now. */
  #user: User;
  /** Of the token in use: as whom the server takes what is sent. */
  #sender: User;
  #carrier: Carrier | null = null;
  /** The sends that are under way. */
  #current: readonly Entry[] = none;
  /** How many go together at most: as many as the server had room for last, and more from then on. */
  #most = maxBatch;
  #closed: CollabError | null = null;
  #canWrite: boolean | null = null;
  #pending: readonly PendingSend[] | null = [];
  #isSaved = true;
  readonly #own = new OwnSends();

  constructor(options: OutboxOptions) {
    this.#options = options;
    this.#pause = new Timer(options.clock, () => {
      this.#pump();
    });
    this.#look = new Timer(options.clock, () => {
      this.#lookOut();
    });
  }

  /** This user's, in order of sending; an array that never changes. */
  get pending(): readonly PendingSend[] {
    return (this.#pending ??= Object.freeze(this.#mine().map((entry) => entry.send)));
  }

  get conflicts(): readonly PendingSend[] {
    return this.pending.filter((send) => send.error?.code === 'conflict' && send.status === 'refused');
  }

  get queuedCount(): number {
    return this.pending.filter((send) => send.status !== 'refused').length;
  }

  /** What the last publishes say of the right to write; null: nothing yet. */
  get canWrite(): boolean | null {
    return this.#canWrite;
  }

  /** As {@link add} under an id that is new; for a run that has ended nothing new is queued. */
  addNew(messageId: string, eventType: string, data: EventData, basedOnSequence: number | null = null): Promise<PublishAck> {
    if (this.#closed === null && this.#options.hasEnded()) return handled(Promise.reject(runEnded()));
    return this.add(messageId, eventType, data, basedOnSequence);
  }

  /** Queues a publish. The promise settles when it is acknowledged or refused for good. */
  add(messageId: string, eventType: string, data: EventData, basedOnSequence: number | null = null): Promise<PublishAck> {
    if (this.#closed !== null) return handled(Promise.reject(this.#closed));
    const known = this.#entries.get(messageId);
    if (known !== undefined) return promiseOf(known);
    const { maxQueued, clock } = this.#options;
    if (this.queuedCount >= maxQueued) {
      return handled(Promise.reject(new CollabError('queue_full', `${String(maxQueued)} events wait to be sent already.`)));
    }
    const entry = newEntry(newSend(messageId, eventType, data, clock.now(), basedOnSequence), this.#user);
    this.#entries.set(messageId, entry);
    this.#changed();
    this.#pump();
    return promiseOf(entry);
  }

  /** Sends go this way from now on; null: they wait. What is under way another way is sent again, under the same id. */
  use(carrier: Carrier | null): void {
    if (carrier === this.#carrier) return;
    this.#carrier = carrier;
    this.#takeBack();
    this.#pump();
  }

  /** Sends a refused send again, after all that wait. What stood against it is known now: only what comes after that does again. */
  retry(messageId: string, data?: EventData): void {
    const entry = this.#entries.get(messageId);
    if (entry?.send.status !== 'refused') return;
    const { error } = entry.send;
    const basedOnSequence = error?.code === 'conflict' ? newestOf(error) : entry.send.basedOnSequence;
    this.#entries.delete(messageId);
    const send = { ...entry.send, status: 'queued', error: null, basedOnSequence, data: data ?? entry.send.data } as const;
    this.#entries.set(messageId, newEntry(send, entry.user));
    this.#changed();
    this.#pump();
  }

  /** Forgets a refused send. */
  discard(messageId: string): void {
    if (this.#entries.get(messageId)?.send.status !== 'refused') return;
    this.#entries.delete(messageId);
    this.#changed();
  }

  /** Who speaks here from now on: what was said before anybody was known is theirs, and what another one has said waits for that one. */
  belongsTo(user: string | null): void {
    if (user === this.#user) return;
    const before = this.#user;
    if (before === undefined) for (const entry of this.#entries.values()) entry.user ??= user;
    else this.#park();
    this.#user = user;
    this.#shelf = user === null ? null : this.#shelfOf(user);
    this.#changed();
    if (this.#shelf === null) this.#look.stop();
    else this.reclaim();
    this.#pump();
  }

  /** As whom the server takes what is sent from now on. */
  sendsAs(user: string | null): void {
    if (user === this.#sender) return;
    this.#sender = user;
    this.#takeBack();
    this.#pump();
  }

  /** Takes over sends that pages which have ended left behind. */
  adopt(): void {
    this.#shelf?.adopt((sends) => {
      const waiting = [...this.#entries];
      this.#entries.clear();
      for (const kept of sends) this.#entries.set(kept.messageId, fromKept(kept, this.#user));
      // They are older than what waits here, but nothing overtakes a send that is under way.
      for (const [messageId, entry] of waiting) this.#entries.set(messageId, entry);
      this.#changed();
      this.save();
      this.#pump();
    });
  }

  /** Keeps what has changed. */
  save(): void {
    if (this.#shelf === null || this.#isSaved) return;
    this.#isSaved = true;
    this.#shelf.save(this.pending.map(toKept));
  }

  /** The page may be about to end. */
  release(): void {
    this.#look.stop();
    this.save();
    this.#shelf?.release();
  }

  /** The page goes on after all. */
  reclaim(): void {
    if (this.#shelf === null) return;
    this.#shelf.reclaim();
    this.#lookOut();
  }

  /** Another token is in use: what the server said of the last one's right to write is void. */
  forgetRight(): void {
    if (this.#canWrite === null) return;
    this.#canWrite = null;
    this.#options.changed();
  }

  open(): void {
    this.#closed = null;
    this.reclaim();
  }

  /** Nothing is sent any more; what waits stays, and whoever waits for it is told. */
  close(error: CollabError): void {
    this.#closed = error;
    this.use(null);
    this.#pause.stop();
    for (const entry of this.#entries.values()) {
      entry.settle?.reject(error);
      entry.settle = null;
    }
    this.release();
  }

  /** Other pages end at any time, and no one tells. */
  #lookOut(): void {
    this.#look.start(lookMs);
    this.adopt();
  }

  #pump(): void {
    if (this.#carrier === null || this.#current !== none || this.#pause.isRunning || this.#user !== this.#sender) return;
    const queued = this.#mine().filter((entry) => entry.send.status === 'queued');
    for (const entry of queued) {
      const { send } = entry;
      const basedOn = send.basedOnSequence === null ? null : this.#own.withOwn(send.basedOnSequence);
      if (basedOn !== send.basedOnSequence) this.#update(entry, { basedOnSequence: basedOn });
    }
    const batch = batchOf(queued, this.#most, ({ send }) => send.basedOnSequence !== null && this.#own.mayClash(send.basedOnSequence));
    if (batch !== null) void this.#send(batch, this.#carrier);
  }

  #mine(): readonly Entry[] {
    return [...this.#entries.values()].filter((entry) => entry.user === this.#user);
  }

  /** Another user is there: what this one has said stays for them, and who waits for it is told. */
  #park(): void {
    this.#takeBack();
    this.#isSaved = false;
    this.save();
    this.#shelf?.release();
    const error = new CollabError('closed', 'Another user has signed in. What waits is kept for the one who sent it.');
    for (const entry of this.#mine()) {
      entry.settle?.reject(error);
      entry.settle = null;
    }
  }

  #shelfOf(user: string): QueueShelf | null {
    const known = this.#shelves.get(user);
    if (known !== undefined) return known;
    const shelf = this.#options.shelfOf(user);
    this.#shelves.set(user, shelf);
    return shelf;
  }

  async #send(batch: readonly [Entry, ...Entry[]], carrier: Carrier): Promise<void> {
    this.#current = batch;
    for (const entry of batch) this.#update(entry, { status: 'sending', attempts: entry.send.attempts + 1 });
    const [first, ...others] = batch;
    const isCurrent = () => this.#current === batch && this.#carrier === carrier;
    try {
      const sends = batch.map((entry) => entry.send);
      const results = await carrier.publish(sends, first.user ?? null);
      if (isCurrent()) this.#answered(batch, results);
    } catch (error) {
      if (isCurrent()) {
        // The first one goes alone next: each is refused for what it is.
        if (error instanceof CollabError) this.#most = 1;
        this.#requeue(others);
        this.#failed(first, error);
      }
    }
    this.#pump();
  }

  /** Takes each answer in its turn, up to a refusal for the moment: what is behind that was not taken, and waits with it. */
  #answered(batch: readonly Entry[], results: readonly PublishResult[]): void {
    const end = results.findIndex((result) => result instanceof CollabError && result.retryable);
    const taken = end < 0 ? batch.length : end;
    this.#most = end < 0 ? Math.min(maxBatch, 2 * this.#most) : Math.max(1, taken);
    this.#requeue(batch.slice(taken + 1));
    batch.slice(0, taken + 1).forEach((entry, index) => {
      const result = results[index];
      if (result instanceof CollabError) this.#failed(entry, result);
      else if (result !== undefined) this.#acknowledged(entry, result);
    });
    this.#current = none;
  }

  #requeue(entries: readonly Entry[]): void {
    for (const entry of entries) this.#update(entry, { status: 'queued' });
  }

  #acknowledged(entry: Entry, ack: PublishAck): void {
    this.#current = none;
    this.#canWrite = true;
    if (ack.sequenceNumber !== null) this.#own.add(entry.send.messageId, ack.sequenceNumber);
    this.#entries.delete(entry.send.messageId);
    this.#changed();
    entry.settle?.resolve(ack);
  }

  #failed(entry: Entry, error: unknown): void {
    this.#current = none;
    if (!(error instanceof CollabError)) {
      // Nobody knows what became of it. It waits until there is a way again.
      this.#carrier = null;
      this.#update(entry, { status: 'queued' });
    } else if (error.code === 'unauthorized' && !entry.isSuspect) {
      entry.isSuspect = true;
      this.#carrier = null;
      this.#update(entry, { status: 'queued', error });
      this.#options.unauthorized();
    } else if (error.serverTime !== null && !entry.wasOfWrongTime) {
      // This machine's clock is wrong, and the server says by how much: it is signed anew, with the right time.
      entry.wasOfWrongTime = true;
      this.#options.serverTime(error.serverTime);
      this.#update(entry, { status: 'queued', error });
    } else if (error.code === 'conflict' && this.#own.areAll(error.events) && (newestOf(error) ?? 0) > (entry.send.basedOnSequence ?? 0)) {
      this.#update(entry, { status: 'queued', basedOnSequence: newestOf(error) });
    } else if (error.retryable && entry.refusals < maxRetries) {
      entry.refusals++;
      this.#pause.start(Math.max(error.retryAfterMs ?? 0, this.#options.pause(entry.refusals)));
      this.#update(entry, { status: 'queued', error });
    } else this.#refused(entry, error);
  }

  #refused(entry: Entry, error: CollabError): void {
    if (error.code === 'forbidden') this.#canWrite = false;
    this.#update(entry, { status: 'refused', error });
    entry.settle?.reject(error);
    entry.settle = null;
    const refused = this.pending.filter((send) => send.status === 'refused');
    for (const send of refused.slice(0, -maxRefused)) this.#entries.delete(send.messageId);
    this.#changed();
  }

  #takeBack(): void {
    const batch = this.#current;
    this.#current = none;
    this.#requeue(batch);
  }

  #update(entry: Entry, change: Partial<PendingSend>): void {
    entry.send = { ...entry.send, ...change };
    this.#changed(change.status === 'refused');
  }

  /** @param inStorage Whether what is kept has changed too, and not only how far it is. */
  #changed(inStorage = true): void {
    this.#pending = null;
    if (inStorage) this.#isSaved = false;
    this.#options.changed();
  }
}

/** What is told who publishes to a run that has ended. */
export function runEnded(): CollabError {
  return new CollabError('run_ended', 'The run has ended and takes no more events.');
}

function newEntry(send: PendingSend, user: User): Entry {
  return { send, user, refusals: 0, isSuspect: false, wasOfWrongTime: false, settle: null };
}

function promiseOf(entry: Entry): Promise<PublishAck> {
  if (entry.send.status === 'refused' && entry.send.error !== null) return handled(Promise.reject(entry.send.error));
  return (entry.settle ??= newSettle()).promise;
}

function newSettle(): Settle {
  let resolve: Settle['resolve'] = () => undefined;
  let reject: Settle['reject'] = () => undefined;
  const promise = new Promise<PublishAck>((onAck, onError) => {
    resolve = onAck;
    reject = onError;
  });
  // Whoever does not wait finds the refusal in the snapshot.
  return { promise: handled(promise), resolve, reject };
}

function newSend(messageId: string, eventType: string, data: EventData, createdAt: number, basedOnSequence: number | null): PendingSend {
  return { messageId, eventType, data, createdAt, status: 'queued', attempts: 0, error: null, basedOnSequence };
}

/** The newest event that stood against a send; null where that is not known. */
function newestOf({ events }: CollabError): number | null {
  return events.at(-1)?.sequenceNumber ?? null;
}

function toKept({ messageId, eventType, data, createdAt, status, error, basedOnSequence }: PendingSend): KeptSend {
  const refused = status === 'refused' && error !== null ? { code: error.code, message: error.message, events: error.events } : null;
  return { messageId, eventType, data, createdAt, refused, ...(basedOnSequence !== null && { basedOnSequence }) };
}

function fromKept({ messageId, eventType, data, createdAt, refused, basedOnSequence }: KeptSend, user: User): Entry {
  const send = newSend(messageId, eventType, data, createdAt, basedOnSequence ?? null);
  if (refused === null) return newEntry(send, user);
  const error = new CollabError(refused.code as CollabErrorCode, refused.message, null, null, readConflicts(refused.events));
  return newEntry({ ...send, status: 'refused', error }, user);
}
