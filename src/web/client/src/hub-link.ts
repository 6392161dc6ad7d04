import type { Carrier, PublishResult } from './carrier.js';
import { Timer } from './clock.js';
import { CollabError, NoAnswer, reasonOfClose, refusalOfCall, textOf } from './errors.js';
import type { CollaborationEvent } from './event.js';
import type { StateFingerprint } from './fingerprint.js';
import { toPublish } from './http-api.js';
import type { PublishSigning } from './publish-signer.js';
import type { Clock, Hub } from './seams.js';
import type { PendingSend } from './snapshot.js';
import { readAck, readAnswer, readEvent, readFingerprint, readPong, readResults, type Pong, type RunAnswer } from './wire.js';

/** What a link tells. Nothing is told after its end. */
export interface HubLinkOwner {
  /** The position to join from. */
  position(): number | null;
  /** A join was answered. False: join again, from the new position. */
  joined(link: HubLink, answer: RunAnswer, asked: number | null): boolean;
  /** Events came. False: some before them are missing, join again. */
  received(events: readonly CollaborationEvent[]): boolean;
  /** The server says what the state comes to after an event that is yet to come, or has just. */
  told(fingerprint: StateFingerprint): void;
  /** The link was lost or never came to be. Told once; the error is an `EndedByServer` or a `CollabError` where the server said why. */
  ended(link: HubLink, error: unknown): void;
}

const attemptMs = 10_000;
const answerMs = 15_000;
const pingMs = 5000;
/** Events that may come before their turn; past it the rest is left to the next join. */
const maxHeld = 10_000;

/** What a link works with. */
export interface HubLinkParts {
  readonly runId: string;
  readonly clock: Clock;
  /** Signs what is published; null: nothing is signed. */
  readonly signing: PublishSigning | null;
  /** Milliseconds to wait after the n-th time in a row that the server has no time for a join. */
  readonly joinPause: (refusals: number) => number;
}

/**
 * One attempt at a hub connection, and the connection that it becomes. A new attempt is a new link, so what an old one still has to say
 * finds nobody who listens.
 */
export class HubLink implements Carrier {
  readonly #owner: HubLinkOwner;
  readonly #runId: string;
  readonly #clock: Clock;
  readonly #joinPause: (refusals: number) => number;
  readonly #signing: PublishSigning | null;
  readonly #deadline: Timer;
  readonly #joinAgain: Timer;
  readonly #waiting = new Set<(error: Error) => void>();
  readonly #ended = new AbortController();
  #hub: Hub | null = null;
  #token: string | null = null;
  #isOpen = false;
  /** Events that came while a join is under way; null while none is. */
  #held: CollaborationEvent[] | null = [];
  /** The last join's answer ended before this number: the rest follows, in order. */
  #follows = 0;
  /** Events that came before the rest that is still to follow. */
  #ahead: CollaborationEvent[] = [];
  /** Joins in a row that the server had no time for. */
  #refusals = 0;

  constructor({ runId, clock, joinPause, signing }: HubLinkParts, owner: HubLinkOwner) {
    this.#owner = owner;
    this.#runId = runId;
    this.#clock = clock;
    this.#joinPause = joinPause;
    this.#signing = signing;
    this.#deadline = new Timer(clock, () => {
      this.end(new NoAnswer('Connecting took too long.'));
    });
    this.#joinAgain = new Timer(clock, () => void this.#join());
  }

  /** The token that it connects with; null while there is none. */
  get token(): string | null {
    return this.#token;
  }

  /** Connects and joins. How it went, the owner is told. */
  async open(askToken: (stop: AbortSignal) => Promise<string | null>, connect: (token: string | null) => Hub): Promise<void> {
    this.#deadline.start(attemptMs);
    try {
      const token = await askToken(this.#ended.signal);
      if (this.#isOver()) return;
      const hub = connect(token);
      this.#token = token;
      this.#hub = hub;
      hub.on('ReceiveEvents', (runId, events) => {
        if (String(runId).toLowerCase() === this.#runId.toLowerCase() && Array.isArray(events)) this.#receive(events.map(readEvent));
      });
      hub.on('ReceiveFingerprint', (runId, value) => {
        const fingerprint = readFingerprint(value);
        if (String(runId).toLowerCase() === this.#runId.toLowerCase() && fingerprint !== null && !this.#isOver())
          this.#owner.told(fingerprint);
      });
      hub.onclose((error, allowReconnect) => {
        this.end(reasonOfClose(error, allowReconnect ?? null));
      });
      await hub.start().catch((error: unknown) => {
        throw reasonOfClose(error);
      });
      this.#isOpen = true;
      // Stopped while it connected: it may not have noticed.
      if (this.#isOver()) void hub.stop();
      else await this.#join();
    } catch (error) {
      this.end(error);
    }
  }

  /** Asks again for what comes after the position; live events wait until the answer is here. False: that is under way already. */
  rejoin(): boolean {
    if (this.#held !== null) return false;
    void this.#join();
    return true;
  }

  async publish(sends: readonly PendingSend[], userId: string | null): Promise<readonly PublishResult[]> {
    const events = sends.map(toPublish);
    const [first, ...others] = this.#signing === null ? events : await this.#signing.sign(this.#runId, userId, events, this.#ended.signal);
    if (first === undefined) return [];
    // What an event is based on, and what it is signed with, have a place in a batch only.
    if (others.length > 0 || first.basedOnSequence !== undefined || first.signature !== undefined)
      return readResults(await this.#call(answerMs, 'PublishBatch', this.#runId, [first, ...others], false), sends.length);
    return [readAck(await this.#call(answerMs, 'Publish', this.#runId, first.eventType, first.data, first.messageId))];
  }

  moveCursor(nodeId: string | null): void {
    this.#hub?.send('MoveCursor', this.#runId, nodeId).catch(() => undefined);
  }

  /**
   * Measures a round trip.
   * @param seen Up to which number the run is applied; null: the server does not take it.
   */
  async ping(lastRoundTripMs: number | null, seen: number | null = null): Promise<Pong> {
    const marks = seen === null ? [] : [{ [this.#runId.toLowerCase()]: seen }];
    return readPong(await this.#call(pingMs, 'Ping', this.#clock.now(), lastRoundTripMs, ...marks), this.#runId);
  }

  /** Ends the link without telling the owner. Resolves when the connection is closed. */
  async stop(): Promise<void> {
    if (this.#isOver()) return;
    this.#ended.abort();
    this.#deadline.stop();
    this.#joinAgain.stop();
    for (const fail of [...this.#waiting]) fail(new NoAnswer('The connection has ended.'));
    const stopped = this.#hub?.stop();
    // One that still connects may take as long to stop as it would to connect.
    if (this.#isOpen) await stopped;
  }

  /** Ends the link and tells the owner. */
  end(error: unknown): void {
    if (this.#isOver()) return;
    void this.stop();
    this.#owner.ended(this, error);
  }

  /** A method, for what it says may change during any await. */
  #isOver(): boolean {
    return this.#ended.signal.aborted;
  }

  async #join(): Promise<void> {
    this.#held ??= this.#ahead;
    this.#ahead = [];
    this.#follows = 0;
    const asked = this.#owner.position();
    try {
      const answer = readAnswer(await this.#call(attemptMs, 'JoinRun', this.#runId, asked));
      if (this.#isOver()) return;
      this.#deadline.stop();
      this.#refusals = 0;
      if (!this.#owner.joined(this, answer, asked)) {
        void this.#join();
        return;
      }
      this.#follows = answer.lastSequence;
    } catch (error) {
      if (!isForTheMoment(error)) this.end(error);
      else this.#joinLater(error.retryAfterMs ?? 0);
      return;
    }
    this.#release(this.#held, this.#owner.position() !== asked);
  }

  /** The connection is good, and the server has no time for this now: it costs less to wait than to connect again. */
  #joinLater(leastMs: number): void {
    if (this.#isOver()) return;
    this.#deadline.stop();
    this.#joinAgain.start(Math.max(leastMs, this.#joinPause(++this.#refusals)));
  }

  /** Hands on what waited for the answer. A join that brought nothing and leaves a gap open would be repeated for ever. */
  #release(held: readonly CollaborationEvent[] | null, hasMoved: boolean): void {
    this.#held = null;
    if (this.#isOver() || held === null || held.length === 0) return;
    if (this.#isIncomplete()) this.#takeInTurn(held);
    else if (!this.#owner.received(held)) {
      if (hasMoved) void this.#join();
      else this.end(new NoAnswer('Joining again did not bring what was missing.'));
    }
  }

  #receive(events: readonly CollaborationEvent[]): void {
    if (this.#isOver()) return;
    if (this.#held !== null) hold(this.#held, events);
    else if (this.#isIncomplete()) this.#takeInTurn(events);
    else if (!this.#owner.received(events)) void this.#join();
  }

  /** Whether a part of what was joined is still to follow. */
  #isIncomplete(): boolean {
    return (this.#owner.position() ?? 0) < this.#follows;
  }

  /** What comes ahead of the rest that follows is no sign of a loss: it waits until that is there. */
  #takeInTurn(events: readonly CollaborationEvent[]): void {
    let last = this.#owner.position() ?? 0;
    const isInTurn = ({ sequenceNumber }: CollaborationEvent) => {
      if (sequenceNumber === null || sequenceNumber <= last) return true;
      if (sequenceNumber > last + 1) return false;
      last++;
      return true;
    };
    const [inTurn, ahead]: [CollaborationEvent[], CollaborationEvent[]] = [[], []];
    for (const event of events) (isInTurn(event) ? inTurn : ahead).push(event);
    hold(this.#ahead, ahead);
    this.#owner.received(inTurn);
    if (this.#isOver() || this.#isIncomplete()) return;
    const waited = this.#ahead;
    this.#ahead = [];
    this.#receive(waited);
  }

  /** Calls the hub; a call that is not answered in time means that the connection is dead, whatever TCP believes. */
  #call(timeoutMs: number, method: string, ...args: readonly unknown[]): Promise<unknown> {
    const hub = this.#hub;
    if (hub === null || this.#isOver()) return Promise.reject(new NoAnswer('There is no connection.'));
    return new Promise((resolve, reject) => {
      const timer = new Timer(this.#clock, () => {
        this.end(new NoAnswer(`${method} was not answered in time.`));
      });
      const fail = (error: Error) => {
        timer.stop();
        this.#waiting.delete(fail);
        reject(error);
      };
      this.#waiting.add(fail);
      timer.start(timeoutMs);
      hub.invoke(method, ...args).then(
        (result) => {
          timer.stop();
          this.#waiting.delete(fail);
          resolve(result);
        },
        (error: unknown) => {
          fail(refusalOfCall(error) ?? uncoded(method, error));
        },
      );
    });
  }
}

/** The server failed in a way that it has no code for. */
function uncoded(method: string, error: unknown): CollabError {
  return new CollabError('unavailable', `${method} failed: ${textOf(error)}`);
}

/** Whether the server only has too much to do now, in all or for this user. */
function isForTheMoment(error: unknown): error is CollabError {
  return error instanceof CollabError && (error.code === 'rate_limited' || error.code === 'overloaded');
}

function hold(list: CollaborationEvent[], events: readonly CollaborationEvent[]): void {
  list.push(...events.slice(0, Math.max(0, maxHeld - list.length)));
}
