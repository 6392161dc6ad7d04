import { CollabError } from './errors.js';
import type { CollaborationEvent, PublishAck } from './event.js';
import { emptyState } from './fold.js';
import { HealthMeter } from './health.js';
import type { RunConnectionOptions } from './options.js';
import type { RunSnapshot } from './snapshot.js';
import { next, type ConnectionState, type Signal } from './state.js';

type Data = Readonly<Record<string, unknown>>;

/** A run as one client follows and steers it. */
export class RunConnection {
  readonly #options: RunConnectionOptions;
  readonly #health = new HealthMeter();
  readonly #listeners = new Set<(snapshot: RunSnapshot) => void>();
  readonly #eventListeners = new Set<(event: CollaborationEvent, origin: 'live' | 'replayed') => void>();
  #state: ConnectionState = { kind: 'idle' };

  constructor(options: RunConnectionOptions) {
    this.#options = options;
  }

  /** How things are now. */
  get snapshot(): RunSnapshot {
    const isConnected = this.#state.kind === 'live' || (this.#state.kind === 'polling' && this.#state.reachable);
    return {
      runId: this.#options.runId,
      userId: null,
      canWrite: null,
      connection: this.#state,
      isConnected,
      usingFallback: this.#state.kind === 'polling',
      epoch: null,
      events: [],
      lastSequence: 0,
      oldestSequence: 0,
      truncated: false,
      state: emptyState,
      activeUsers: [],
      cursorPositions: {},
      health: this.#health.health(isConnected),
      latencies: this.#health.latencies,
      pending: [],
      queuedCount: 0,
    };
  }

  /** Calls after changes, at most once per microtask turn and not at once. Returns what ends it. */
  subscribe(listener: (snapshot: RunSnapshot) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Calls for each event once, critical ones in order. `replayed`: it is of the history that the first join brought. Returns what ends it. */
  onEvent(listener: (event: CollaborationEvent, origin: 'live' | 'replayed') => void): () => void {
    this.#eventListeners.add(listener);
    return () => this.#eventListeners.delete(listener);
  }

  /** Begins to connect, and goes on trying until {@link close}. Does nothing while it does so already. */
  connect(): void {
    this.#signal({ kind: 'connect' });
  }

  /** Tries the connection at once instead of when the backoff has it. */
  retryNow(): void {
    this.#signal({ kind: 'attempt' });
  }

  /** Disconnects. Resolves when nothing is under way any more. */
  close(): Promise<void> {
    this.#signal({ kind: 'close', error: null });
    return Promise.resolve();
  }

  /** Publishes an event, now or when it is its turn. Settles when it is acknowledged or refused for good, over any number of reconnects. */
  publish(eventType: string, _data: Data, _messageId?: string): Promise<PublishAck> {
    return Promise.reject(new CollabError('unavailable', `${eventType} cannot be published yet.`));
  }

  /** Inserts an agent after a step. */
  graft(after: string, agentName: string): Promise<PublishAck> {
    return this.publish('GRAFT', { after, agentName });
  }

  /** Skips a step, or takes it back in. */
  prune(stepId: string, isPruned: boolean): Promise<PublishAck> {
    return this.publish('PRUNE', { stepId, isPruned });
  }

  /** Marks a step for review. */
  flag(stepId: string, note: string | null = null): Promise<PublishAck> {
    return this.publish('FLAG', { stepId, note });
  }

  /** Tells the others where this user's focus is. Never queued; the latest wins. */
  moveCursor(_nodeId: string | null): void {
    this.#signal({ kind: 'attempt' });
  }

  /** Sends a refused send again, after all that wait. */
  retry(_messageId: string): void {
    this.#changed();
  }

  /** Forgets a refused send. */
  discard(_messageId: string): void {
    this.#changed();
  }

  #signal(signal: Signal): void {
    this.#state = next(this.#state, signal);
    this.#changed();
  }

  #changed(): void {
    for (const listener of this.#listeners) queueMicrotask(() => listener(this.snapshot));
  }
}
