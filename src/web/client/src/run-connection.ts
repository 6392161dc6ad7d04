import { fullJitter, halfJitter, sentAway } from './backoff.js';
import { clientId } from './client-id.js';
import { systemClock } from './clock.js';
import { Connector } from './connector.js';
import { CursorMoves } from './cursor-moves.js';
import { CollabError } from './errors.js';
import type { CollaborationEvent, PublishAck } from './event.js';
import { handled } from './handled.js';
import { FlightRecorder, type Flight } from './flight.js';
import { HealthMeter } from './health.js';
import { HttpApi } from './http-api.js';
import { Batch, Listeners } from './listeners.js';
import { baseAddress, defaultPollIntervalMs, type RunConnectionOptions } from './options.js';
import { Outbox } from './outbox.js';
import { isOwnName, type StateFailed } from './own-state.js';
import { currentPage, pageStorage } from './page.js';
import { PublishSigning } from './publish-signer.js';
import { publishable } from './publishable.js';
import { QueueShelf } from './queue-shelf.js';
import { RunView, type Origin } from './run-view.js';
import { globalFetch, Requests } from './requests.js';
import { seamsOf, type Clock, type Seams } from './seams.js';
import { SeenWaits, type WhenSeenOptions } from './seen.js';
import { signalRHub } from './signalr-hub.js';
import type { RunSnapshot } from './snapshot.js';
import { TokenSource } from './token.js';
import { newUuid } from './uuid.js';

const logStateFailed: StateFailed = (name, error) => {
  console.error(`The state '${name}' could not be folded, and stays as it was.`, error);
};

/**
 * A run as one client follows and steers it. It connects, keeps connected, falls back to polling and comes back; each event reaches the
 * application once, critical ones in order; what the application publishes waits until it can be sent, over reloads of the page too.
 */
export class RunConnection {
  readonly #options: RunConnectionOptions;
  readonly #seams: Partial<Seams>;
  readonly #clock: Clock;
  readonly #health = new HealthMeter();
  readonly #view: RunView;
  readonly #tokens: TokenSource;
  readonly #outbox: Outbox;
  readonly #cursorMoves: CursorMoves;
  readonly #seenWaits: SeenWaits;
  readonly #connector: Connector;
  readonly #flight: FlightRecorder;
  readonly #listeners = new Listeners<[RunSnapshot]>();
  readonly #eventListeners = new Listeners<[CollaborationEvent, Origin]>();
  readonly #batch = new Batch(() => {
    this.#outbox.save();
    const { snapshot } = this;
    this.#seenWaits.look(snapshot);
    if (snapshot.connection.kind === 'closed') this.#seenWaits.end(closedError());
    this.#listeners.call(snapshot);
  });
  #snapshot: RunSnapshot | null = null;

  /** Makes a connection that does nothing yet; see {@link connect}. */
  constructor(options: RunConnectionOptions) {
    this.#options = options;
    const {
      runId,
      fallbackAfter = 5,
      pollIntervalMs = defaultPollIntervalMs,
      pingIntervalMs = 10_000,
      maxQueued = 500,
      maxEvents = 1000,
    } = options;
    const { random = Math.random, hub = signalRHub, page = currentPage(), ...seams } = (this.#seams = seamsOf(options));
    for (const name of Object.keys(options.states ?? {})) if (!isOwnName(name)) throw new TypeError(`'${name}' is no name for a state.`);
    const clock = (this.#clock = seams.clock ?? systemClock);
    const changed = () => {
      this.#changed();
    };
    this.#view = new RunView(
      maxEvents,
      this.#health,
      (event, origin) => {
        this.#eventListeners.call(event, origin);
      },
      options.states,
      options.stateFailed ?? logStateFailed,
      options.signingKeys,
    );
    this.#tokens = new TokenSource({
      ask: options.token,
      userId: options.userId ?? null,
      clock,
      owner: {
        taken: () => {
          this.#changed();
          this.#outbox.belongsTo(this.#tokens.userId);
        },
        inUse: () => {
          this.#outbox.forgetRight();
          this.#outbox.sendsAs(this.#tokens.userInUse);
        },
      },
    });
    this.#outbox = new Outbox({
      maxQueued,
      clock,
      changed,
      pause: halfJitter(random),
      hasEnded: () => this.#view.hasEnded,
      unauthorized: () => {
        this.#connector.tokenRefused();
      },
      serverTime: (now) => {
        this.#tokens.serverTime(now, clock.monotonic());
      },
      shelfOf: (user) => this.#openShelf(user),
    });
    const { publishSigner } = options;
    const signing = publishSigner === undefined ? null : new PublishSigning(publishSigner, () => this.#tokens.serverNow);
    this.#cursorMoves = new CursorMoves(clock);
    this.#seenWaits = new SeenWaits(clock);
    const url = baseAddress(options.url);
    const traceId = clientId(this.#session);
    this.#flight = new FlightRecorder(traceId, clock);
    // The run is for a proxy that sends all that is about a run to one server.
    const hubUrl = `${url}/hubs/collaboration?run=${runId}&fingerprints=true&presence=full&clientId=${traceId}`;
    this.#connector = new Connector({
      runId,
      fallbackAfter,
      pollIntervalMs,
      pingIntervalMs,
      backoff: options.backoff ?? fullJitter(random),
      sentAwayPause: sentAway(random),
      joinPause: halfJitter(random),
      connectHub: (token, reconnects) => hub(`${hubUrl}&reconnects=${String(reconnects)}`, token, options.hubProtocol),
      tokens: this.#tokens,
      signing,
      api: new HttpApi(new Requests(url, this.#tokens, seams.fetch ?? globalFetch, clock), runId),
      view: this.#view,
      outbox: this.#outbox,
      cursorMoves: this.#cursorMoves,
      health: this.#health,
      clock,
      page,
      flight: this.#flight,
      isSeenAwaited: () => this.#seenWaits.any,
      changed,
    });
  }

  /** How things are now: immutable, and the same object until something changes. */
  get snapshot(): RunSnapshot {
    return (this.#snapshot ??= this.#takeSnapshot());
  }

  /** What became of the connection: the last 100 steps, each with its cause as far as it can be told. */
  get flight(): Flight {
    return this.#flight.flight;
  }

  // Functions, not methods, so that each can be handed on by itself: `useSyncExternalStore(run.subscribe, () => run.snapshot)`.

  /** Calls after changes, at most once per microtask turn and not at once. Returns what ends it. */
  readonly subscribe = (listener: (snapshot: RunSnapshot) => void): (() => void) => this.#listeners.add(listener);

  /**
   * Calls for each event once, critical ones in order. `replayed`: it is of the history that the first join brought, or of the new log
   * after the run was erased; what is fetched after an interruption is `live`. Returns what ends it.
   */
  readonly onEvent = (listener: (event: CollaborationEvent, origin: Origin) => void): (() => void) => this.#eventListeners.add(listener);

  /** Begins to connect, and goes on trying until {@link close}. Does nothing while it does so already. */
  readonly connect = (): void => {
    this.#connector.connect();
  };

  /** Tries now what would be tried later: the connection, a ping, a poll. */
  readonly retryNow = (): void => {
    this.#connector.retryNow();
  };

  /**
   * Disconnects, and rejects what waits to be published with `closed`; it is kept and sent by the next connection of this user. Resolves
   * when the connection has ended.
   */
  readonly close = (): Promise<void> => this.#connector.close(null, closedError());

  /**
   * Publishes an event, now or when it is its turn. Settles when it is acknowledged or refused for good, over any number of reconnects.
   * Nobody has to listen to the promise: what is refused stands in the snapshot, and `void run.publish(…)` never makes an unhandled
   * rejection.
   * @param messageId A UUID; a repeat with the same one is stored once. Default: a new one.
   * @param basedOnSequence The newest event that who publishes has seen, mostly the snapshot's `lastSequence`; 0: none. If another has
   * touched the same since (the step of a GRAFT, PRUNE or FLAG; of other types the value that they keep their newest events by, else the
   * whole run), it is refused `conflict` and waits among the snapshot's `conflicts` for a decision. Default: it is published whatever came
   * since.
   * @throws {CollabError} (as a rejection) With the server's code; `queue_full`; `closed`, also if another user signs in meanwhile;
   * `payload_too_large` for what no server would take; `run_ended` at once where the run is known to have ended and the id is new.
   */
  readonly publish = (
    eventType: string,
    data: Readonly<Record<string, unknown>>,
    messageId?: string,
    basedOnSequence: number | null = null,
  ): Promise<PublishAck> => {
    const copy = publishable(data);
    if (copy instanceof CollabError) return handled(Promise.reject(copy));
    if (basedOnSequence !== null && !(Number.isSafeInteger(basedOnSequence) && basedOnSequence >= 0))
      return handled(Promise.reject(new CollabError('invalid_event', 'basedOnSequence must be 0 or more, or null.')));
    return messageId === undefined
      ? this.#outbox.addNew(newUuid(this.#clock.now()), eventType, copy, basedOnSequence)
      : this.#outbox.add(messageId, eventType, copy, basedOnSequence);
  };

  /** Inserts an agent after a step. */
  readonly graft = (after: string, agentName: string, basedOnSequence: number | null = null): Promise<PublishAck> =>
    this.publish('GRAFT', { after, agentName }, undefined, basedOnSequence);

  /** Skips a step, or takes it back in. */
  readonly prune = (stepId: string, isPruned: boolean, basedOnSequence: number | null = null): Promise<PublishAck> =>
    this.publish('PRUNE', { stepId, isPruned }, undefined, basedOnSequence);

  /** Marks a step for review. */
  readonly flag = (stepId: string, note: string | null = null, basedOnSequence: number | null = null): Promise<PublishAck> =>
    this.publish('FLAG', { stepId, note }, undefined, basedOnSequence);

  /** Closes the run: this is its last event, and what is published after it is refused `run_ended`. `outcome`: what came of it. */
  readonly end = (outcome: string | null = null): Promise<PublishAck> => this.publish('RUN_END', { outcome });

  /**
   * Waits until users have applied the run up to a number, as their clients say with their pings (every ten seconds) or polls. While
   * something is waited for this client asks every two seconds.
   * @param users Whom to wait for, by user id; one who leaves before is waited for until they are back and have seen it. `all`: everybody
   * else who is there once this client has the event itself; who leaves is not waited for any more, who comes is.
   * @throws (as a rejection) The signal's reason; a `NoAnswer` after the time; a {@link CollabError} `closed` once the connection is
   * closed, or the run was erased.
   */
  readonly whenSeen = (sequence: number, users: readonly string[] | 'all' = 'all', options: WhenSeenOptions = {}): Promise<void> => {
    const { snapshot } = this;
    if (snapshot.connection.kind === 'closed') return handled(Promise.reject(closedError()));
    const seen = this.#seenWaits.add(sequence, users, options, snapshot);
    if (this.#seenWaits.any) this.#connector.pingNow();
    return handled(seen);
  };

  /** Tells the others where this user's focus is, null for nowhere. Never queued; the latest wins; at most 20 a second are sent. */
  readonly moveCursor = (nodeId: string | null): void => {
    this.#cursorMoves.move(nodeId);
  };

  /**
   * Sends a refused send again, after all that wait. One that was refused for what others have changed is applied all the same: it is based
   * on the newest of these changes from now on, so that only a later one can refuse it again. Nothing happens for another one.
   */
  readonly retry = (messageId: string): void => {
    this.#outbox.retry(messageId);
  };

  /**
   * Sends a refused send again as `retry` does, with other data. Nothing happens for another one.
   * @throws {CollabError} The data cannot be sent.
   */
  readonly edit = (messageId: string, data: Readonly<Record<string, unknown>>): void => {
    const copy = publishable(data);
    if (copy instanceof CollabError) throw copy;
    this.#outbox.retry(messageId, copy);
  };

  /** Forgets a refused send. Nothing happens for another one. */
  readonly discard = (messageId: string): void => {
    this.#outbox.discard(messageId);
  };

  /** What to call a user: the name that the server has told of them, else the id. Others' text: show it as such. */
  readonly displayName = (userId: string): string => this.#view.names.shown[userId] ?? userId;

  get #session() {
    return this.#seams.session === undefined ? pageStorage('sessionStorage') : this.#seams.session;
  }

  #openShelf(user: string): QueueShelf | null {
    const storage = this.#options.storage === undefined ? pageStorage('localStorage') : this.#options.storage;
    if (storage === null) return null;
    const name = `collab:${this.#options.runId.toLowerCase()}:${user}`;
    return new QueueShelf(storage, this.#session, name, newUuid(this.#clock.now()), this.#clock);
  }

  #changed(): void {
    this.#snapshot = null;
    this.#batch.request();
  }

  #takeSnapshot(): RunSnapshot {
    const connection = this.#connector.state;
    const isConnected = connection.kind === 'live' || (connection.kind === 'polling' && connection.reachable);
    const { cursor, branchedFrom, wrong, events, state, presence, names, hasEnded } = this.#view;
    const oldestSequence = events[0]?.sequenceNumber ?? 0;
    return Object.freeze({
      runId: this.#options.runId,
      userId: this.#tokens.userId,
      canWrite: this.#outbox.canWrite,
      connection,
      reason: this.#connector.reason,
      isConnected,
      usingFallback: connection.kind === 'polling',
      epoch: cursor.epoch,
      ended: hasEnded,
      outcome: hasEnded ? outcomeOf(events.at(-1)) : null,
      branchedFrom,
      wrong,
      events,
      lastSequence: cursor.last,
      oldestSequence,
      truncated: events.length < cursor.last,
      state,
      activeUsers: presence.users,
      userNames: names.shown,
      cursorPositions: presence.cursors,
      seen: presence.seen,
      agents: presence.agents,
      health: this.#health.health(isConnected),
      latencies: this.#health.latencies,
      pending: this.#outbox.pending,
      conflicts: this.#outbox.conflicts,
      queuedCount: this.#outbox.queuedCount,
    });
  }
}

function closedError(): CollabError {
  return new CollabError('closed', 'The connection was closed.');
}

function outcomeOf(last: CollaborationEvent | undefined): string | null {
  const outcome = last?.eventType === 'RUN_END' ? last.data['outcome'] : null;
  return typeof outcome === 'string' ? outcome : null;
}
