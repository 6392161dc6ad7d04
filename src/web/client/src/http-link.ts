import type { Carrier, PublishResult } from './carrier.js';
import { Timer } from './clock.js';
import { CollabError, NoAnswer } from './errors.js';
import type { HealthMeter } from './health.js';
import { toPublish, type HttpApi } from './http-api.js';
import type { PublishSigning } from './publish-signer.js';
import type { RunView } from './run-view.js';
import type { Clock } from './seams.js';
import type { PendingSend } from './snapshot.js';

/** From a publish to the poll that brings it back, in milliseconds. */
const soonMs = 200;

/** What a link over HTTP tells. Nothing is told after its end. */
export interface HttpLinkOwner {
  /** A poll was answered and applied. */
  polled(link: HttpLink): void;
  /** A poll failed; the next one comes all the same. */
  failed(error: unknown): void;
}

/** What a link over HTTP works with. */
export interface HttpLinkParts {
  readonly pollIntervalMs: number;
  readonly api: HttpApi;
  readonly runId: string;
  /** Signs what is published; null: nothing is signed. */
  readonly signing: PublishSigning | null;
  readonly view: RunView;
  readonly health: HealthMeter;
  readonly clock: Clock;
}

/**
 * The run over plain HTTP, for as long as WebSockets do not get through: a poll every interval, publishes one by one. The polls do not wait
 * for news: a proxy that breaks WebSockets is likely to hold back long answers too, a browser has but six connections to a server for all
 * its tabs, and a poll that is answered at once measures the round trip.
 */
export class HttpLink implements Carrier {
  readonly #parts: HttpLinkParts;
  readonly #owner: HttpLinkOwner;
  readonly #ended = new AbortController();
  readonly #next: Timer;
  #isPolling = false;
  #pollsAgain = false;
  #isDueSoon = false;

  constructor(parts: HttpLinkParts, owner: HttpLinkOwner) {
    this.#parts = parts;
    this.#owner = owner;
    this.#next = new Timer(parts.clock, () => {
      this.pollNow();
    });
  }

  /** Polls now, or as soon as the poll that is under way has ended; and from then on every interval. */
  pollNow(): void {
    if (this.#isPolling) this.#pollsAgain = true;
    else void this.#pollInTurn();
  }

  async publish(sends: readonly PendingSend[], userId: string | null): Promise<readonly PublishResult[]> {
    const { runId, signing } = this.#parts;
    const plain = sends.map(toPublish);
    const events = signing === null ? plain : await signing.sign(runId, userId, plain, this.#ended.signal);
    const results = await this.#parts.api.publish(events, this.#ended.signal, userId);
    this.#pollSoon();
    return results;
  }

  moveCursor(nodeId: string | null): void {
    this.#parts.api.publish([{ eventType: 'CURSOR_MOVE', data: { nodeId }, messageId: null }], this.#ended.signal).catch(() => undefined);
  }

  /** Ends it; what is under way is given up. */
  stop(): void {
    this.#next.stop();
    this.#ended.abort();
  }

  /** Who has published wants to see it; of many publishes in a row not each one brings a poll. */
  #pollSoon(): void {
    if (this.#isPolling || this.#isDueSoon || this.#hasEnded()) return;
    this.#isDueSoon = true;
    this.#next.start(soonMs);
  }

  #hasEnded(): boolean {
    return this.#ended.signal.aborted;
  }

  async #pollInTurn(): Promise<void> {
    this.#isPolling = true;
    this.#isDueSoon = false;
    this.#pollsAgain = false;
    this.#next.stop();
    let pauseMs = this.#parts.pollIntervalMs;
    try {
      await this.#poll();
    } catch (error) {
      if (this.#hasEnded()) return;
      if (error instanceof CollabError || error instanceof NoAnswer) pauseMs = Math.max(pauseMs, error.retryAfterMs ?? 0);
      this.#owner.failed(error);
    }
    this.#isPolling = false;
    this.#goOn(pauseMs);
  }

  #goOn(pauseMs: number): void {
    if (this.#hasEnded()) return;
    if (this.#pollsAgain) this.pollNow();
    else this.#next.start(pauseMs);
  }

  /** What an answer lacks is fetched before any of it is applied: a poll that fails half-way has changed nothing. */
  async #poll(): Promise<void> {
    const { api, view, health, clock } = this.#parts;
    const { signal } = this.#ended;
    const asked = view.position;
    const startedAt = clock.monotonic();
    const answer = await api.poll(asked ?? 0, view.presence.knowsMarks ? view.cursor.last : null, signal);
    const roundTripMs = clock.monotonic() - startedAt;
    const state = answer.truncated || view.wantsState ? await api.state(signal) : null;
    if (signal.aborted) return;
    health.roundTrip(roundTripMs);
    const isWhole = view.apply({ ...answer, state }, asked);
    // Whoever was told of an event may have ended it.
    if (this.#hasEnded()) return;
    // An answer that holds but a part of what there is goes on with the next one.
    const isPart = view.cursor.last > (asked ?? 0) && view.cursor.last < answer.lastSequence;
    if (!isWhole || isPart || (view.wantsState && state === null)) this.#pollsAgain = true;
    this.#owner.polled(this);
  }
}
