import { Provider, signal, WritableSignal } from '@angular/core';
import {
  BranchOrigin,
  CollaborationEvent,
  ConnectionHealth,
  ConnectionState,
  emptyState,
  Ending,
  Flight,
  PendingSend,
  WrongEvent,
} from '@collab/client';
import { CollaborationStore, EventListener } from '../collaboration-store';
import { COLLAB_OPTIONS } from '../options';

type Signals = { [K in keyof typeof initial]: WritableSignal<(typeof initial)[K]> };

const initial = {
  runId: '550e8400-e29b-41d4-a716-446655440000',
  userId: 'ana' as string | null,
  canWrite: null as boolean | null,
  connection: { kind: 'live' } as ConnectionState,
  isConnected: true,
  usingFallback: false,
  connectionHealth: {
    latencyMs: 20,
    reconnectionCount: 0,
    messageDeliveryRate: 1,
    qualityScore: 100,
    status: 'HEALTHY',
    isHealthy: true,
  } as ConnectionHealth,
  latencies: [] as readonly number[],
  epoch: 'epoch-1' as string | null,
  ended: false,
  outcome: null as string | null,
  branchedFrom: null as BranchOrigin | null,
  wrong: null as WrongEvent | null,
  events: [] as readonly CollaborationEvent[],
  lastSequence: 0,
  oldestSequence: 0,
  truncated: false,
  state: emptyState,
  activeUsers: ['ana'] as readonly string[],
  cursorPositions: {} as Readonly<Record<string, string | null>>,
  seen: {} as Readonly<Record<string, number>>,
  agents: [] as readonly string[],
  userNames: {} as Readonly<Record<string, string>>,
  reason: null as Ending | null,
  flight: { traceId: 'tab', entries: [] } as Flight,
  pending: [] as readonly PendingSend[],
  queuedMessageCount: 0,
};

/** A store that shows whatever a test sets. */
export class FakeStore {
  readonly signals = Object.fromEntries(Object.entries(initial).map(([name, value]) => [name, signal(value)])) as unknown as Signals;
  readonly retried: string[] = [];
  readonly discarded: string[] = [];
  readonly edits: { readonly messageId: string; readonly data: object }[] = [];
  /** The runs that were connected to; null: it was left. */
  readonly visits: (string | null)[] = [];
  /** What was sent, like `graft PM scanner`. */
  readonly sent: string[] = [];
  /** Where oneself was shown last. */
  cursor: string | null = null;
  retriesNow = 0;
  private readonly listeners = new Set<EventListener>();

  /** What stands in for the real store. */
  readonly store: object = { ...this.signals, ...this.methods() };

  readonly providers: readonly Provider[] = [
    { provide: CollaborationStore, useValue: this.store },
    { provide: COLLAB_OPTIONS, useValue: { token: () => '' } },
  ];

  protected retry(messageId: string): void {
    this.retried.push(messageId);
  }

  protected discard(messageId: string): void {
    this.discarded.push(messageId);
  }

  private methods(): object {
    return {
      displayName: (userId: string) => this.signals.userNames()[userId] ?? userId,
      onEvent: (listener: EventListener) => {
        this.listeners.add(listener);
        return () => this.listeners.delete(listener);
      },
      retry: (messageId: string) => this.retry(messageId),
      discard: (messageId: string) => this.discard(messageId),
      edit: (messageId: string, data: object) => this.edits.push({ messageId, data }),
      retryNow: () => this.retriesNow++,
      whenSeen: () => Promise.resolve(),
      connect: (runId: string) => this.visits.push(runId),
      disconnect: () => this.visits.push(null),
      moveCursor: (nodeId: string | null) => (this.cursor = nodeId),
      graft: (after: string, agentName: string) => this.send('graft', after, agentName),
      prune: (stepId: string, isPruned: boolean) => this.send('prune', stepId, isPruned),
      publish: (eventType: string, data: unknown) => this.send(eventType, JSON.stringify(data)),
      flag: (stepId: string, note: string | null) => this.send('flag', stepId, note),
      end: (outcome: string | null) => this.send('end', outcome),
    };
  }

  private send(...parts: readonly unknown[]): Promise<void> {
    this.sent.push(parts.join(' '));
    return Promise.resolve();
  }

  get listenerCount(): number {
    return this.listeners.size;
  }

  /** Shows these as the kept events. */
  keep(events: readonly CollaborationEvent[]): void {
    this.signals.events.set(events);
    this.signals.lastSequence.set(events.at(-1)?.sequenceNumber ?? 0);
    this.signals.oldestSequence.set(events.at(0)?.sequenceNumber ?? 0);
    this.signals.truncated.set((events.at(0)?.sequenceNumber ?? 1) > 1);
  }

  /** An event arrives. */
  hear(event: CollaborationEvent, origin: 'live' | 'replayed' = 'live'): void {
    this.listeners.forEach((listener) => listener(event, origin));
  }
}
