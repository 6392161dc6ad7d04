import { Timer } from './clock.js';
import type { HealthMeter } from './health.js';
import type { HubLink } from './hub-link.js';
import type { RunView } from './run-view.js';
import type { Clock } from './seams.js';

/** How long events may be on their way after a ping said that they exist, in milliseconds. */
const graceMs = 1000;

/** What a heartbeat works with. */
export interface HeartbeatParts {
  readonly pingIntervalMs: number;
  readonly view: RunView;
  readonly health: HealthMeter;
  readonly clock: Clock;
  /** Something that applications see has changed. */
  readonly changed: () => void;
}

/** Pings over a link: measures round trips, notices a dead connection, and events that were lost without a trace. */
export class Heartbeat {
  readonly #link: HubLink;
  readonly #parts: HeartbeatParts;
  readonly #next: Timer;
  readonly #grace: Timer;
  #isUnderWay = false;
  #hasStopped = false;
  #lastRoundTripMs: number | null = null;
  #serverLast = 0;

  constructor(link: HubLink, parts: HeartbeatParts) {
    this.#link = link;
    this.#parts = parts;
    const { clock } = parts;
    this.#next = new Timer(clock, () => {
      this.beat();
    });
    this.#grace = new Timer(clock, () => {
      this.#compare();
    });
  }

  /** Pings now, and from then on at the interval. */
  beat(): void {
    if (!this.#isUnderWay && !this.#hasStopped) void this.#ping();
  }

  stop(): void {
    this.#hasStopped = true;
    this.#next.stop();
    this.#grace.stop();
  }

  async #ping(): Promise<void> {
    this.#isUnderWay = true;
    this.#next.start(this.#parts.pingIntervalMs);
    const startedAt = this.#parts.clock.monotonic();
    try {
      const serverLast = await this.#link.ping(this.#lastRoundTripMs);
      if (this.#hasStopped) return;
      this.#lastRoundTripMs = this.#parts.clock.monotonic() - startedAt;
      this.#parts.health.roundTrip(this.#lastRoundTripMs);
      this.#compareWith(serverLast);
      this.#parts.changed();
    } catch {
      // A link that is lost tells so itself; a server that has no answer now may have one at the next beat.
    } finally {
      this.#isUnderWay = false;
    }
  }

  #compareWith(serverLast: number | null): void {
    if (serverLast === null) this.#link.rejoin();
    else if (serverLast > this.#parts.view.cursor.last) {
      this.#serverLast = serverLast;
      this.#grace.start(graceMs);
    }
  }

  /** Whoever is still behind what the server had a while ago has lost something. */
  #compare(): void {
    const missing = this.#serverLast - this.#parts.view.cursor.last;
    if (missing <= 0) return;
    this.#parts.health.missed(missing);
    this.#link.rejoin();
    this.#parts.changed();
  }
}
