import { isPlatformBrowser } from '@angular/common';
import { computed, DestroyRef, inject, Injectable, PLATFORM_ID, Signal, signal, untracked } from '@angular/core';
import {
  CollabError,
  CollaborationEvent,
  Flight,
  Listeners,
  PublishAck,
  RunConnection,
  RunSnapshot,
  WhenSeenOptions,
} from '@collab/client';
import { idleSnapshot } from './idle-snapshot';
import { nextFrame } from './next-frame';
import { COLLAB_OPTIONS } from './options';

/** Hears of each event once, critical ones in order; `replayed` are those from before this page came to the run. */
export type EventListener = (event: CollaborationEvent, origin: 'live' | 'replayed') => void;

const noFlight: Flight = { traceId: '', entries: [] };

/**
 * A run as signals. Everything that arrives within a frame changes the signals once, before the next paint, so that no amount of
 * traffic makes a page draw more often than it can show.
 */
@Injectable()
export class CollaborationStore {
  private readonly options = inject(COLLAB_OPTIONS);
  /** A page that is rendered on the server shows what there is before `connect`, and opens nothing. */
  private readonly isInBrowser = isPlatformBrowser(inject(PLATFORM_ID));
  private readonly snapshot = signal<RunSnapshot>(idleSnapshot);
  private readonly listeners = new Listeners<Parameters<EventListener>>();
  private open: { readonly connection: RunConnection; readonly release: () => void } | null = null;

  /** The run that is shown; an empty string before the first `connect`. */
  readonly runId = this.select((s) => s.runId);
  /** The user of the token, once known. */
  readonly userId = this.select((s) => s.userId);
  /** Whether the user may change the run; null while that is not known. */
  readonly canWrite = this.select((s) => s.canWrite);
  /** The connection's state, as one union. */
  readonly connection = this.select((s) => s.connection);
  /** Why the server ended the connection last, also once it is back; null while it never did. */
  readonly reason = this.select((s) => s.reason);
  /** Whether what happens elsewhere arrives here: live, or by polls that succeed. */
  readonly isConnected = this.select((s) => s.isConnected);
  /** Whether HTTP polling stands in for the live connection. */
  readonly usingFallback = this.select((s) => s.usingFallback);
  /** Latency, reconnections, delivery rate, and the score they make. */
  readonly connectionHealth = this.select((s) => s.health);
  /** The last 60 round trips in ms, oldest first. */
  readonly latencies = this.select((s) => s.latencies);
  /** The newest critical events, ascending; at most `maxEvents` of them. */
  readonly events = this.select((s) => s.events);
  /** What all events since the first add up to, those no longer in `events` included. */
  readonly state = this.select((s) => s.state);
  /** The sequence number of the newest event; 0 without one. */
  readonly lastSequence = this.select((s) => s.lastSequence);
  /** The sequence number of the oldest of `events`; 0 without one. */
  readonly oldestSequence = this.select((s) => s.oldestSequence);
  /** Whether there were events before the oldest of `events`. They are in `state` all the same. */
  readonly truncated = this.select((s) => s.truncated);
  /** The identity of the run's log; another one means that the run began anew. */
  readonly epoch = this.select((s) => s.epoch);
  /** Whether the run has ended: nothing more will come, and what is published is refused. */
  readonly ended = this.select((s) => s.ended);
  /** What came of the run, as the one who ended it put it; null while it goes on, or if nothing was said. Others' text. */
  readonly outcome = this.select((s) => s.outcome);
  /** What the run began as a copy of; null: of nothing, or that is not known yet. */
  readonly branchedFrom = this.select((s) => s.branchedFrom);
  /** The first event that is not as the server signed it, with `signingKeys`; null: none is, or no key is given. */
  readonly wrong = this.select((s) => s.wrong);
  /** Who is there, oneself included. */
  readonly activeUsers = this.select((s) => s.activeUsers);
  /** What to call users, by user id; see `displayName`. It has no prototype. */
  readonly userNames = this.select((s) => s.userNames);
  /** The step that each user's cursor is on. It has no prototype. */
  readonly cursorPositions = this.select((s) => s.cursorPositions);
  /**
   * Up to which number each user who is there has applied the run, as their clients have said with their last ping or poll; who is not in
   * it has not said. It has no prototype.
   */
  readonly seen = this.select((s) => s.seen);
  /** The users who are agents and not people, as far as is known, also such as have left; sorted. */
  readonly agents = this.select((s) => s.agents);
  /** What was sent and is not yet acknowledged, in order; refused sends stay until retried or discarded. */
  readonly pending = this.select((s) => s.pending);
  /** Those of `pending` that were refused for what others have changed (`error.events`): the list that a person reviews. */
  readonly conflicts = this.select((s) => s.conflicts);
  /** How many of `pending` are still on their way. */
  readonly queuedMessageCount = this.select((s) => s.queuedCount);

  /** What became of the connection: the last 100 steps, each with its cause as far as it can be told. */
  readonly flight = computed<Flight>(() => {
    // It changes where that does.
    this.snapshot();
    return this.open?.connection.flight ?? noFlight;
  });

  constructor() {
    inject(DestroyRef).onDestroy(() => this.disconnect());
  }

  /**
   * Follows a run, and leaves the one before. Nothing happens if that run is followed already, and nothing on a server that renders the
   * page.
   * An effect that calls it depends on nothing here.
   */
  connect(runId: string): void {
    untracked(() => this.follow(runId));
  }

  /** Leaves the run. What it showed last stays, with a `closed` connection; sends that are queued are kept for the next time. */
  disconnect(): void {
    untracked(() => this.leave());
  }

  /**
   * Inserts an agent after a step. Completes once the server has stored it, over any number of reconnects; fails with a `CollabError`.
   * @param basedOnSequence What the person had seen, mostly `lastSequence()` when they began: if another has touched the step since, it is
   * refused `conflict` and stands in `conflicts`. Default: it is published whatever came since.
   */
  graft(after: string, agentName: string, basedOnSequence: number | null = null): Promise<PublishAck> {
    return this.send((connection) => connection.graft(after, agentName, basedOnSequence));
  }

  /** Skips a step, or takes it back in. Completes and fails as `graft` does. */
  prune(stepId: string, isPruned: boolean, basedOnSequence: number | null = null): Promise<PublishAck> {
    return this.send((connection) => connection.prune(stepId, isPruned, basedOnSequence));
  }

  /** Marks a step for review. Completes and fails as `graft` does. */
  flag(stepId: string, note: string | null = null, basedOnSequence: number | null = null): Promise<PublishAck> {
    return this.send((connection) => connection.flag(stepId, note, basedOnSequence));
  }

  /** Closes the run: this is its last event. `outcome`: what came of it. Completes and fails as `graft` does. */
  end(outcome: string | null = null): Promise<PublishAck> {
    return this.send((connection) => connection.end(outcome));
  }

  /** Publishes an event of any type that the server knows. Completes and fails as `graft` does. */
  publish(eventType: string, data: Readonly<Record<string, unknown>>, basedOnSequence: number | null = null): Promise<PublishAck> {
    return this.send((connection) => connection.publish(eventType, data, undefined, basedOnSequence));
  }

  /** Shows others where the user is; null: nowhere. Never queued, and thinned out to 20 a second. */
  moveCursor(nodeId: string | null): void {
    this.open?.connection.moveCursor(nodeId);
  }

  /** Sends a refused message once more. One of `conflicts` is applied all the same: only a change after `error.events` refuses it. */
  retry(messageId: string): void {
    this.open?.connection.retry(messageId);
  }

  /** Sends a refused message once more as `retry` does, with other data. Throws a `CollabError` for what cannot be sent. */
  edit(messageId: string, data: Readonly<Record<string, unknown>>): void {
    this.open?.connection.edit(messageId, data);
  }

  /** Forgets a refused message. */
  discard(messageId: string): void {
    this.open?.connection.discard(messageId);
  }

  /** Tries to connect now instead of at the time planned. */
  retryNow(): void {
    this.open?.connection.retryNow();
  }

  /**
   * Waits until users have applied the run up to a number: those named, or everybody else who is there. Rejects with the signal's reason,
   * after `timeoutMs`, or `closed`; see `RunConnection.whenSeen`.
   */
  whenSeen(sequence: number, users: readonly string[] | 'all' = 'all', options: WhenSeenOptions = {}): Promise<void> {
    return this.send((connection) => connection.whenSeen(sequence, users, options));
  }

  /** What to call a user: the name that the server has told of them, else the id. In a template or a computed it follows changes. */
  displayName(userId: string): string {
    return this.userNames()[userId] ?? userId;
  }

  /** Calls a listener for each event, whichever run is followed. Returns how to end that. */
  onEvent(listener: EventListener): () => void {
    return this.listeners.add(listener);
  }

  private select<T>(part: (snapshot: RunSnapshot) => T): Signal<T> {
    return computed(() => part(this.snapshot()));
  }

  private follow(runId: string): void {
    if (!this.isInBrowser) return;
    if (this.open && this.snapshot().runId === runId && this.snapshot().connection.kind !== 'closed') return;
    this.leave();
    const connection = new RunConnection({ ...this.options, runId });
    this.open = { connection, release: this.listen(connection) };
    this.snapshot.set(connection.snapshot);
    connection.connect();
  }

  private leave(): void {
    if (!this.open) return;
    const { connection, release } = this.open;
    this.open = null;
    release();
    // It ends by itself: nobody has to wait, and it cannot fail.
    void connection.close();
    this.snapshot.update((last) => ({ ...last, connection: { kind: 'closed', error: null }, isConnected: false, usingFallback: false }));
  }

  private listen(connection: RunConnection): () => void {
    let cancelFrame: (() => void) | null = null;
    const stopSnapshots = connection.subscribe(() => {
      cancelFrame ??= nextFrame(() => {
        cancelFrame = null;
        this.snapshot.set(connection.snapshot);
      });
    });
    const stopEvents = connection.onEvent((event, origin) => this.listeners.call(event, origin));
    return () => {
      cancelFrame?.();
      stopSnapshots();
      stopEvents();
    };
  }

  private send<T>(action: (connection: RunConnection) => Promise<T>): Promise<T> {
    if (this.open) return action(this.open.connection);
    const refused = Promise.reject<T>(new CollabError('closed', 'Not connected to a run.'));
    // As in the client: nobody has to listen.
    refused.catch(() => undefined);
    return refused;
  }
}
