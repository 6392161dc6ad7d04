import { Timer } from './clock.js';
import { NoAnswer } from './errors.js';
import type { FlightRecorder } from './flight.js';
import type { HealthMeter } from './health.js';
import type { HubLink } from './hub-link.js';
import type { RunView } from './run-view.js';
import type { Clock } from './seams.js';

/** What a heartbeat works with. */
export interface HeartbeatParts {
  readonly pingIntervalMs: number;
  readonly view: RunView;
  readonly health: HealthMeter;
  readonly flight: FlightRecorder;
  readonly clock: Clock;
  /** Whether it is waited for what others have seen: that is asked more often. */
  readonly isSeenAwaited: () => boolean;
  /** The server's clock, Unix milliseconds, at a moment of the monotonic one. */
  readonly serverTime: (time: number, at: number) => void;
  /** Something that applications see has changed. */
  readonly changed: () => void;
}

/** Between pings while it is waited for what others have seen, in milliseconds, at most. */
const awaitedIntervalMs = 2000;
/** A ping is waited for no longer once the browser says that it is offline, in milliseconds. */
const doubtMs = 1000;

/** Pings over a link: measures round trips, notices a dead connection, and events that were lost without a trace. */
export class Heartbeat {
  readonly #link: HubLink;
  readonly #parts: HeartbeatParts;
  readonly #next: Timer;
  readonly #doubt: Timer;
  #isUnderWay = false;
  #hasStopped = false;
  #lastRoundTripMs: number | null = null;
  /** Where the client has stood since a ping that found the run to be further. */
  #behind: { readonly last: number; readonly serverLast: number; readonly since: number } | null = null;

  constructor(link: HubLink, parts: HeartbeatParts) {
    this.#link = link;
    this.#parts = parts;
    this.#next = new Timer(parts.clock, () => {
      this.beat();
    });
    this.#doubt = new Timer(parts.clock, () => {
      this.#link.end(new NoAnswer('Ping was not answered in time.'));
    });
  }

  /** Pings now, and from then on at the interval. */
  beat(): void {
    if (!this.#isUnderWay && !this.#hasStopped) void this.#ping();
  }

  /** Pings now, and believes in the connection only if that is answered soon: a server on this device is there without a network. */
  doubt(): void {
    this.beat();
    if (this.#isUnderWay) this.#doubt.start(doubtMs);
  }

  stop(): void {
    this.#hasStopped = true;
    this.#next.stop();
    this.#doubt.stop();
  }

  async #ping(): Promise<void> {
    this.#isUnderWay = true;
    const { clock, health, flight, serverTime, view, pingIntervalMs, isSeenAwaited } = this.#parts;
    this.#next.start(isSeenAwaited() ? Math.min(awaitedIntervalMs, pingIntervalMs) : pingIntervalMs);
    const startedAt = clock.monotonic();
    flight.ran();
    try {
      const pong = await this.#link.ping(this.#lastRoundTripMs, view.presence.knowsMarks ? view.cursor.last : null);
      if (this.#hasStopped) return;
      flight.heard();
      this.#lastRoundTripMs = clock.monotonic() - startedAt;
      health.roundTrip(this.#lastRoundTripMs);
      if (pong.serverTime !== null) serverTime(pong.serverTime, startedAt + this.#lastRoundTripMs / 2);
      if (pong.seen !== null) view.presence.mark(pong.seen);
      this.#compareWith(pong.lastSequence);
      this.#parts.changed();
    } catch {
      // A link that is lost tells so itself; a server that has no answer now may have one at the next beat.
    } finally {
      this.#isUnderWay = false;
      this.#doubt.stop();
    }
  }

  /**
   * Events may be on their way for long over a slow link, so being behind says little. Whoever has not moved from one ping to the next, and
   * has still less than the run had at the first, has lost something.
   */
  #compareWith(serverLast: number | null): void {
    const { clock, view, health, pingIntervalMs } = this.#parts;
    const { last } = view.cursor;
    const before = this.#behind;
    if (serverLast === null) this.#link.rejoin();
    else if (serverLast <= last) this.#behind = null;
    else if (before?.last !== last) this.#behind = { last, serverLast, since: clock.monotonic() };
    // Not where pings follow each other at once, as when the page is seen again.
    else if (clock.monotonic() - before.since >= pingIntervalMs / 2) {
      this.#behind = null;
      if (this.#link.rejoin()) health.missed(before.serverLast - last);
    }
  }
}
