import { Timer } from './clock.js';
import type { CursorMoves } from './cursor-moves.js';
import { EndedByServer, type Ending, type EndingCode } from './ending.js';
import { CollabError } from './errors.js';
import type { CollaborationEvent } from './event.js';
import type { StateFingerprint } from './fingerprint.js';
import type { FlightRecorder } from './flight.js';
import { Heartbeat, type HeartbeatParts } from './heartbeat.js';
import { HttpLink, type HttpLinkOwner, type HttpLinkParts } from './http-link.js';
import { HubLink, type HubLinkOwner, type HubLinkParts } from './hub-link.js';
import { runEnded, type Outbox } from './outbox.js';
import { Renewal } from './renewal.js';
import type { Hub, Page } from './seams.js';
import { next, type ConnectionState, type Signal } from './state.js';
import type { TokenSource } from './token.js';
import type { RunAnswer } from './wire.js';

/** A connection that ends sooner does not count as one that worked, in milliseconds. */
const stableMs = 5000;
/** Between attempts while the browser believes that it is offline, in milliseconds, at least. */
const offlineRetryMs = 10_000;
const cursorIntervalMs = 50;

/** What a connector works with. */
export interface ConnectorParts extends Omit<HeartbeatParts, 'serverTime'>, HttpLinkParts, HubLinkParts {
  readonly fallbackAfter: number;
  readonly backoff: (attempt: number) => number;
  /** Milliseconds to wait after the server has sent this client elsewhere. */
  readonly sentAwayPause: () => number;
  /** @param reconnects How often this client has come back if this connection succeeds. */
  readonly connectHub: (token: string | null, reconnects: number) => Hub;
  readonly tokens: TokenSource;
  readonly outbox: Outbox;
  readonly cursorMoves: CursorMoves;
  readonly page: Page;
  readonly flight: FlightRecorder;
}

/** Decides which transport carries the run, and when the WebSocket is tried. */
export class Connector implements HubLinkOwner, HttpLinkOwner {
  readonly #parts: ConnectorParts;
  readonly #retry: Timer;
  readonly #renewal: Renewal;
  #state: ConnectionState = { kind: 'idle' };
  /** The attempt that is under way. */
  #candidate: HubLink | null = null;
  #live: HubLink | null = null;
  #liveSince = 0;
  #heartbeat: Heartbeat | null = null;
  #http: HttpLink | null = null;
  #hasBeenLive = false;
  /** Attempts that failed since a connection last worked. */
  #failures = 0;
  /** Tokens that were refused since one was taken. */
  #refusedTokens = 0;
  #reason: Ending | null = null;
  #leavePage: () => void = () => undefined;

  constructor(parts: ConnectorParts) {
    this.#parts = parts;
    this.#retry = new Timer(parts.clock, () => {
      this.#attempt();
    });
    this.#renewal = new Renewal(parts.tokens, parts.clock, (token) => {
      if (this.#live !== null && this.#candidate === null) this.#open(() => Promise.resolve(token));
    });
  }

  get state(): ConnectionState {
    return this.#state;
  }

  /** Why the server ended the connection last. */
  get reason(): Ending | null {
    return this.#reason;
  }

  connect(): void {
    if (this.#state.kind !== 'idle' && this.#state.kind !== 'closed') return;
    this.#reason = null;
    this.#failures = 0;
    this.#refusedTokens = 0;
    this.#parts.flight.add('connecting');
    this.#signal({ kind: 'connect' });
    this.#parts.outbox.open();
    this.#leavePage = this.#parts.page.subscribe((signal) => {
      if (signal === 'hide') this.#parts.outbox.release();
      else if (signal === 'offline') this.#wentOffline();
      else this.resume();
    });
    this.#attempt();
  }

  #wentOffline(): void {
    this.#parts.flight.add('offline');
    this.#heartbeat?.doubt();
    this.#http?.pollNow();
  }

  /** The page is seen again, or online again: whatever was waited for may work now. */
  resume(): void {
    this.#parts.outbox.reclaim();
    this.retryNow();
  }

  /** Asks now how things are. */
  pingNow(): void {
    this.#heartbeat?.beat();
    this.#http?.pollNow();
  }

  retryNow(): void {
    this.pingNow();
    if (this.#retry.isRunning) this.#attempt();
  }

  async close(error: CollabError | null, told: CollabError): Promise<void> {
    if (this.#state.kind === 'closed') return;
    const links = [this.#live, this.#candidate].filter((link) => link !== null);
    this.#parts.flight.add('closed', error?.message ?? null);
    this.#signal({ kind: 'close', error });
    this.#leavePage();
    this.#retry.stop();
    this.#candidate = null;
    this.#dropLive();
    this.#dropHttp();
    this.#parts.outbox.close(told);
    await Promise.all(links.map((link) => link.stop()));
  }

  /** The server does not take the token: a connection with a new one may fare better. */
  tokenRefused(): void {
    this.#parts.tokens.forget();
    this.#http?.pollNow();
    const live = this.#live;
    if (live !== null) {
      live.end(new Error('The token was refused.'));
      this.retryNow();
    }
  }

  // What a hub link tells

  position(): number | null {
    return this.#parts.view.position;
  }

  joined(link: HubLink, answer: RunAnswer, asked: number | null): boolean {
    const isWhole = this.#parts.view.apply(answer, asked);
    if (isWhole && link === this.#candidate) this.#adopt(link);
    else this.#restIfOver();
    this.#parts.changed();
    return isWhole;
  }

  received(events: readonly CollaborationEvent[]): boolean {
    this.#parts.flight.heard();
    const isWhole = this.#parts.view.receive(events);
    // A gap makes it join all the same.
    if (isWhole && this.#parts.view.takeQuestion()) this.#live?.rejoin();
    this.#restIfOver();
    this.#parts.changed();
    return isWhole;
  }

  told(fingerprint: StateFingerprint): void {
    this.#parts.view.expect(fingerprint);
    if (this.#parts.view.takeQuestion()) this.#live?.rejoin();
    this.#parts.changed();
  }

  ended(link: HubLink, error: unknown): void {
    const wasLive = link === this.#live;
    if (wasLive) this.#parts.flight.lost(error, this.#parts.page.online);
    else this.#parts.flight.failed('failed', error, this.#parts.page.online);
    if (wasLive) this.#dropLive();
    else this.#candidate = null;
    // An attempt to renew the token that failed costs nothing: the connection goes on until the server ends it.
    if (this.#live !== null) return;
    if (this.#isOver(error)) return;
    // No event is left to come, unless the run was erased and has another log now.
    if (wasLive && this.#isAllThere() && codeOf(error) !== 'replaced') {
      void this.close(null, runEnded());
      return;
    }

    const isStable = wasLive && this.#parts.clock.monotonic() - this.#liveSince >= stableMs;
    // A server that drains sends its clients elsewhere: nothing has failed.
    const isSentAway = codeOf(error) === 'shutdown';
    if (isStable) this.#failures = 0;
    else if (!isSentAway) this.#failures++;
    const lacksToken = codeOf(error) === 'unauthorized' || (isStable && codeOf(error) === 'expired');
    const fixedMs = lacksToken ? 0 : isSentAway ? this.#parts.sentAwayPause() : null;
    const fallback = !isSentAway && this.#failures >= this.#parts.fallbackAfter;
    this.#waitForRetry(fixedMs, error instanceof CollabError ? (error.retryAfterMs ?? 0) : 0, fallback);
  }

  // What a link over HTTP tells

  polled(link: HttpLink): void {
    this.#refusedTokens = 0;
    if (this.#state.kind === 'polling' && !this.#state.reachable) this.#parts.flight.add('reachable');
    else this.#parts.flight.ran();
    this.#signal({ kind: 'polled', reachable: true });
    this.#parts.outbox.use(link);
    this.#parts.cursorMoves.use(link, this.#parts.pollIntervalMs);
    this.#parts.changed();
    if (this.#isAllThere()) void this.close(null, runEnded());
  }

  failed(error: unknown): void {
    if (this.#isOver(error)) return;
    // A server that has no time for this poll is there all the same.
    const isBusy = error instanceof CollabError && (error.code === 'rate_limited' || error.code === 'overloaded');
    if (isBusy) return;
    this.#parts.flight.failed('unreachable', error, this.#parts.page.online);
    this.#signal({ kind: 'polled', reachable: false });
  }

  /** Whether what the server says ends it for good. One token that is refused may just be old; a second one is not. */
  #isOver(error: unknown): boolean {
    if (error instanceof EndedByServer) {
      this.#tell(error.code, error.message);
      if (error.allowReconnect) return false;
      // The codes of a refusal that comes to the same.
      const refusal = new CollabError(error.code === 'protocol' ? 'invalid_event' : 'forbidden', error.message);
      void this.close(refusal, refusal);
      return true;
    }
    if (!(error instanceof CollabError)) return false;
    if (error.ending !== null) this.#tell(error.ending, error.message);
    if (error.code === 'unauthorized') {
      this.#parts.tokens.forget();
      this.#refusedTokens++;
      if (this.#refusedTokens === 1) this.#http?.pollNow();
    }
    // Who was only told to go, and still may read, can come back.
    const isForbidden = error.code === 'forbidden' && error.ending !== 'kicked';
    const isFinal = isForbidden || error.code === 'invalid_event' || this.#refusedTokens > 1;
    if (isFinal) void this.close(error, error);
    return isFinal;
  }

  #tell(code: EndingCode, message: string): void {
    this.#reason = { code, message, at: this.#parts.clock.now() };
    this.#parts.changed();
  }

  #attempt(): void {
    if (this.#candidate !== null) return;
    this.#retry.stop();
    this.#signal({ kind: 'attempt' });
    this.#open((stop) => this.#parts.tokens.fresh(stop));
  }

  #open(askToken: (stop: AbortSignal) => Promise<string | null>): void {
    this.#candidate = new HubLink(this.#parts, this);
    void this.#candidate.open(askToken, (token) => this.#parts.connectHub(token, this.#reconnects()));
  }

  /** Only this client knows a loss from a planned change of its connection, so it tells the server. */
  #reconnects(): number {
    return this.#parts.health.reconnections + (this.#hasBeenLive && this.#live === null ? 1 : 0);
  }

  /**
   * @param fixedMs The wait where nothing has failed but that this one lacked a new token, or was sent away; null: the usual wait.
   * @param leastMs What the server asked for.
   * @param fallback Whether to poll from now on.
   */
  #waitForRetry(fixedMs: number | null, leastMs: number, fallback: boolean): void {
    const { backoff, clock, page } = this.#parts;
    const waitMs = fixedMs ?? Math.max(backoff(Math.max(1, this.#failures)), page.online ? 0 : offlineRetryMs, leastMs);
    this.#signal({ kind: 'failed', failures: this.#failures, fallback, retryAt: clock.now() + waitMs });
    if (this.#candidate === null) this.#retry.start(waitMs);
    else this.#signal({ kind: 'attempt' });
    if (this.#state.kind === 'polling') this.#startHttp();
  }

  /** The attempt has become the connection. */
  #adopt(link: HubLink): void {
    const { health, clock, tokens, outbox, cursorMoves, flight } = this.#parts;
    const isRenewed = this.#live !== null;
    flight.connected(isRenewed);
    void this.#live?.stop();
    this.#candidate = null;
    this.#dropLive();
    this.#dropHttp();
    this.#retry.stop();
    this.#live = link;
    this.#liveSince = clock.monotonic();
    if (this.#hasBeenLive && !isRenewed) health.reconnected();
    this.#hasBeenLive = true;
    this.#refusedTokens = 0;
    tokens.use(link.token);
    this.#signal({ kind: 'joined' });
    const serverTime = (time: number, at: number) => {
      if (tokens.serverTime(time, at)) this.#renewal.schedule();
    };
    this.#heartbeat = new Heartbeat(link, { ...this.#parts, serverTime });
    if (!this.#parts.view.isOver) this.#heartbeat.beat();
    outbox.use(link);
    cursorMoves.use(link, cursorIntervalMs);
    outbox.adopt();
    this.#renewal.schedule();
    this.#restIfOver();
  }

  /** Of a run that has ended nothing can be missed, and a connection to it need not outlive its token. */
  #restIfOver(): void {
    if (!this.#parts.view.isOver) return;
    this.#heartbeat?.stop();
    this.#renewal.stop();
  }

  /** The run has ended, and there is nothing left to get or to send. */
  #isAllThere(): boolean {
    return this.#parts.view.isOver && this.#parts.outbox.queuedCount === 0;
  }

  #dropLive(): void {
    this.#live = null;
    this.#heartbeat?.stop();
    this.#heartbeat = null;
    this.#renewal.stop();
    this.#parts.outbox.use(null);
    this.#parts.cursorMoves.use(null);
  }

  #startHttp(): void {
    if (this.#http !== null) return;
    this.#parts.flight.add('polling');
    this.#http = new HttpLink(this.#parts, this);
    this.#http.pollNow();
  }

  #dropHttp(): void {
    this.#http?.stop();
    this.#http = null;
  }

  #signal(signal: Signal): void {
    this.#state = next(this.#state, signal);
    this.#parts.changed();
  }
}

function codeOf(error: unknown): string | null {
  return error instanceof CollabError || error instanceof EndedByServer ? error.code : null;
}
