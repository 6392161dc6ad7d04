import type { PublishResult } from './carrier.js';
import { systemClock } from './clock.js';
import { CollabError } from './errors.js';
import type { PipelineState } from './fold.js';
import { HttpApi, pathOf, type BatchEvent, type EventToPublish } from './http-api.js';
import { baseAddress, type CollabClientOptions } from './options.js';
import { PublishSigning } from './publish-signer.js';
import type { Branch, ReplayPage, RunPage, RunsQuery } from './reads.js';
import { globalFetch, Requests } from './requests.js';
import { RunConnection } from './run-connection.js';
import { seamsOf, type Clock } from './seams.js';
import { TokenSource } from './token.js';
import { newUuid } from './uuid.js';
import { readBranch, readReplay, readRuns, readState } from './wire.js';

/**
 * A server and a user of it: opens runs to follow, and reads without following, so that nobody sees this user come. Reads reject with a
 * `CollabError` where the server refused them, with `NoAnswer` where none of its answers came within 10 s, and with the signal's reason
 * where the caller gave up. A token that is refused is asked for once more.
 */
export class CollabClient {
  readonly #options: CollabClientOptions;
  readonly #tokens: TokenSource;
  readonly #requests: Requests;
  readonly #clock: Clock;
  readonly #signing: PublishSigning | null;

  constructor(options: CollabClientOptions = {}) {
    const { clock = systemClock, fetch = globalFetch } = seamsOf(options);
    const owner = { taken: () => undefined, inUse: () => undefined };
    this.#options = options;
    this.#tokens = new TokenSource({ ask: options.token, userId: options.userId ?? null, clock, owner });
    const { publishSigner } = options;
    this.#clock = clock;
    this.#signing = publishSigner === undefined ? null : new PublishSigning(publishSigner, () => this.#tokens.serverNow);
    this.#requests = new Requests(baseAddress(options.url), this.#tokens, fetch, clock);
  }

  /** A connection to a run, which does nothing before its `connect()`. */
  open(runId: string): RunConnection {
    return new RunConnection({ ...this.#options, runId });
  }

  /** Kept events of a run. `after` leaves out those up to a number, default 0; `limit` is 1 to 1000, default 100. */
  replay(
    runId: string,
    { after = 0, limit = 100, signal }: { after?: number; limit?: number; signal?: AbortSignal } = {},
  ): Promise<ReplayPage> {
    return this.#get(`${pathOf(runId)}/replay?afterSequence=${String(after)}&limit=${String(limit)}`, readReplay, signal);
  }

  /**
   * What the events of a run add up to: as it is, or as it was after the event `asOf`, which may be as old as the one before the oldest
   * kept.
   */
  state(runId: string, { asOf, signal }: { asOf?: number; signal?: AbortSignal } = {}): Promise<PipelineState> {
    const query = asOf === undefined ? '' : `?asOfSequence=${String(asOf)}`;
    return this.#get(`${pathOf(runId)}/state${query}`, readState, signal);
  }

  /**
   * The runs that the user may read, newest activity first. `cursor` is the `nextCursor` of the page before; `limit` is 1 to 100,
   * default 20; `ended`: only those that have ended, or only those that go on.
   */
  runs({ cursor, limit = 20, ended, signal }: RunsQuery = {}): Promise<RunPage> {
    const from = cursor === undefined || cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`;
    const which = ended === undefined ? '' : `&ended=${String(ended)}`;
    return this.#get(`/api/runs?limit=${String(limit)}${which}${from}`, readRuns, signal);
  }

  /**
   * Begins a new run as a copy of another as it was after the event `at`, one that is kept: the same kept events up to there, with their
   * numbers and ids, and the state that they and all before them add up to. The first event that is published to it has the next number.
   * It takes the right to read the one and to write to the other. Rejects with `conflict` where another run has the new one's id.
   * @param options `as`: what to call the new run, which nothing may have been written to; a repeat with the same values finds it as it
   * was made. Default: a new id. With `NoAnswer`, and where the signal gave up, the run may be made all the same.
   */
  branch(runId: string, at: number, { as = newUuid(), signal }: { as?: string; signal?: AbortSignal } = {}): Promise<Branch> {
    const body = JSON.stringify({ from: runId, atSequence: at, runId: as });
    const init = { method: 'POST', headers: { 'Content-Type': 'application/json' }, body };
    return this.#ask((stop) => this.#requests.send('/api/runs', init, stop, readBranch), signal);
  }

  /**
   * Publishes several events in one request, without following the run: nobody sees this user come. Resolves with what became of each, in
   * their order: a `PublishAck`, or the `CollabError` that it was refused with.
   * @param events 1 to 100, of 64 KiB together. One without a `messageId` gets one; give it one to be able to send it again.
   * @param options `atomic`: all are stored with numbers in a row, or none, and then it rejects. Default false: each stands for itself,
   * but behind the first refusal that is `retryable` none is taken, so that trying again keeps the order. With `NoAnswer`, and where the
   * signal gave up, they may be stored all the same.
   */
  publishBatch(
    runId: string,
    events: readonly BatchEvent[],
    { atomic = false, signal }: { atomic?: boolean; signal?: AbortSignal } = {},
  ): Promise<readonly PublishResult[]> {
    const named = events.map((event) => ({ ...event, messageId: event.messageId ?? newUuid() }));
    return this.#ask((stop) => this.#publish(runId, named, atomic, stop), signal);
  }

  /** Once more where it was signed with another time than the server's: by the same ids what was stored is answered as a repeat. */
  async #publish(runId: string, events: readonly EventToPublish[], atomic: boolean, stop: AbortSignal): Promise<readonly PublishResult[]> {
    const api = new HttpApi(this.#requests, runId);
    const signing = this.#signing;
    if (signing === null) return api.publishBatch(events, atomic, stop);
    const once = async () => {
      const userId = this.#tokens.userOf(await this.#tokens.current(stop));
      return api.publishBatch(await signing.sign(runId, userId, events, stop), atomic, stop, userId);
    };
    const results = await once().catch((error: unknown) => {
      if (error instanceof CollabError && error.serverTime !== null) return [error];
      throw error;
    });
    const late = results.find((result) => result instanceof CollabError && result.serverTime !== null);
    if (!(late instanceof CollabError) || late.serverTime === null) return results;
    this.#tokens.serverTime(late.serverTime, this.#clock.monotonic());
    return once();
  }

  #get<T>(path: string, read: (body: unknown) => T, signal?: AbortSignal): Promise<T> {
    return this.#ask((stop) => this.#requests.send(path, {}, stop, read), signal);
  }

  async #ask<T>(once: (stop: AbortSignal) => Promise<T>, signal: AbortSignal = new AbortController().signal): Promise<T> {
    const ask = () => once(signal);
    try {
      return await ask().catch((error: unknown) => {
        if (!(error instanceof CollabError) || error.code !== 'unauthorized') throw error;
        this.#tokens.forget();
        return ask();
      });
    } catch (error) {
      signal.throwIfAborted();
      throw error;
    }
  }
}
