import type { Carrier } from './carrier.js';
import { Timer } from './clock.js';
import type { Clock } from './seams.js';

/**
 * Where this user's focus is. Moves are never queued: of several within the interval only the last is sent, and those made while away are
 * not sent at all, but whoever comes back tells where the focus is now, or that it is nowhere any more: the server forgot it with the last
 * connection, or still has an old one where that was not this user's only one.
 */
export class CursorMoves {
  readonly #pause: Timer;
  #carrier: Carrier | null = null;
  #intervalMs = 0;
  #nodeId: string | null = null;
  #isNews = false;
  /** Whether the server was told of a focus. */
  #hasTold = false;

  constructor(clock: Clock) {
    this.#pause = new Timer(clock, () => {
      if (this.#isNews) this.#send();
    });
  }

  move(nodeId: string | null): void {
    this.#nodeId = nodeId;
    this.#isNews = true;
    if (this.#carrier !== null && !this.#pause.isRunning) this.#send();
  }

  /** Moves go this way from now on, at most one per interval; null: no way at all. */
  use(carrier: Carrier | null, intervalMs = 0): void {
    if (carrier === this.#carrier) return;
    this.#pause.stop();
    this.#carrier = carrier;
    this.#intervalMs = intervalMs;
    if (carrier !== null && (this.#nodeId !== null || this.#hasTold)) this.#send();
    else this.#isNews = false;
  }

  #send(): void {
    this.#isNews = false;
    this.#hasTold ||= this.#nodeId !== null;
    this.#carrier?.moveCursor(this.#nodeId);
    this.#pause.start(this.#intervalMs);
  }
}
