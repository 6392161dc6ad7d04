import type { Carrier } from './carrier.js';
import { Timer } from './clock.js';
import { CollabError, NoAnswer, refusalOfHub } from './errors.js';
import type { CollaborationEvent, PublishAck } from './event.js';
import type { Clock, Hub } from './seams.js';
import type { PendingSend } from './snapshot.js';
import { readAck, readAnswer, readEvent, readPong, type RunAnswer } from './wire.js';

/** What a link tells. Nothing is told after its end. */
export interface HubLinkOwner {
  /** The position to join from. */
  position(): number | null;
  /** A join was answered. False: join again, from the new position. */
  joined(link: HubLink, answer: RunAnswer, asked: number | null): boolean;
  /** Events came. False: some before them are missing, join again. */
  received(events: readonly CollaborationEvent[]): boolean;
  /** The link was lost or never came to be. Told once. */
  ended(link: HubLink, error: unknown): void;
}

const attemptMs = 10_000;
const answerMs = 15_000;
const pingMs = 5000;
/** Events that may come before a join's answer; past it the rest is left to the next join. */
const maxHeld = 10_000;

/**
 * One attempt at a hub connection, and the connection that it becomes. A new attempt is a new link, so what an old one still has to say
 * finds nobody who listens.
 */
export class HubLink implements Carrier {
  readonly #owner: HubLinkOwner;
  readonly #runId: string;
  readonly #clock: Clock;
  readonly #deadline: Timer;
  readonly #waiting = new Set<(error: Error) => void>();
  readonly #ended = new AbortController();
  #hub: Hub | null = null;
  #token: string | null = null;
  #isOpen = false;
  /** Events that came while a join is under way; null while none is. */
  #held: CollaborationEvent[] | null = [];

  constructor(runId: string, clock: Clock, owner: HubLinkOwner) {
    this.#owner = owner;
    this.#runId = runId;
    this.#clock = clock;
    this.#deadline = new Timer(clock, () => {
      this.end(new NoAnswer('Connecting took too long.'));
    });
  }

  /** The token that it connects with; null while there is none. */
  get token(): string | null {
    return this.#token;
  }

  /** Connects and joins. How it went, the owner is told. */
  async open(askToken: (stop: AbortSignal) => Promise<string>, connect: (token: string) => Hub): Promise<void> {
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
      hub.onclose((error) => {
        this.end(error);
      });
      await hub.start();
      this.#isOpen = true;
      // Stopped while it connected: it may not have noticed.
      if (this.#isOver()) void hub.stop();
      else await this.#join();
    } catch (error) {
      this.end(error);
    }
  }

  /** Asks again for what comes after the position; live events wait until the answer is here. */
  rejoin(): void {
    if (this.#held === null) void this.#join();
  }

  async publish({ eventType, data, messageId }: PendingSend): Promise<PublishAck> {
    return readAck(await this.#call(answerMs, 'Publish', this.#runId, eventType, data, messageId));
  }

  moveCursor(nodeId: string | null): void {
    this.#hub?.send('MoveCursor', this.#runId, nodeId).catch(() => undefined);
  }

  /** Measures a round trip. Returns the newest event's number, null if this connection has not joined the run. */
  async ping(lastRoundTripMs: number | null): Promise<number | null> {
    return readPong(await this.#call(pingMs, 'Ping', this.#clock.now(), lastRoundTripMs), this.#runId);
  }

  /** Ends the link without telling the owner. Resolves when the connection is closed. */
  async stop(): Promise<void> {
    if (this.#isOver()) return;
    this.#ended.abort();
    this.#deadline.stop();
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
    this.#held ??= [];
    const asked = this.#owner.position();
    try {
      const answer = readAnswer(await this.#call(attemptMs, 'JoinRun', this.#runId, asked));
      if (this.#isOver()) return;
      this.#deadline.stop();
      if (!this.#owner.joined(this, answer, asked)) {
        void this.#join();
        return;
      }
    } catch (error) {
      this.end(error);
      return;
    }
    this.#release(this.#held, this.#owner.position() !== asked);
  }

  /** Hands on what waited for the answer. A join that brought nothing and leaves a gap open would be repeated for ever. */
  #release(held: readonly CollaborationEvent[] | null, hasMoved: boolean): void {
    this.#held = null;
    if (this.#isOver() || held === null || held.length === 0 || this.#owner.received(held)) return;
    if (hasMoved) void this.#join();
    else this.end(new NoAnswer('Joining again did not bring what was missing.'));
  }

  #receive(events: readonly CollaborationEvent[]): void {
    if (this.#isOver()) return;
    if (this.#held !== null) this.#held.push(...events.slice(0, maxHeld - this.#held.length));
    else if (!this.#owner.received(events)) void this.#join();
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
          fail(refusalOfHub(error) ?? uncoded(method, error));
        },
      );
    });
  }
}

/** The server failed in a way that it has no code for. */
function uncoded(method: string, error: unknown): CollabError {
  return new CollabError('unavailable', `${method} failed: ${error instanceof Error ? error.message : String(error)}`);
}
