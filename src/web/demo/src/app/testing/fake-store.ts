import { Provider, signal, WritableSignal } from '@angular/core';
import { COLLAB_OPTIONS, CollaborationStore, EventListener } from '@collab/angular';
import { CollaborationEvent, ConnectionState, emptyState, PendingSend } from '@collab/client';

type Signals = { [K in keyof typeof initial]: WritableSignal<(typeof initial)[K]> };

const initial = {
  runId: '550e8400-e29b-41d4-a716-446655440000',
  userId: 'ana' as string | null,
  canWrite: null as boolean | null,
  connection: { kind: 'live' } as ConnectionState,
  isConnected: true,
  usingFallback: false,
  epoch: 'epoch-1' as string | null,
  events: [] as readonly CollaborationEvent[],
  lastSequence: 0,
  oldestSequence: 0,
  truncated: false,
  state: emptyState,
  activeUsers: ['ana'] as readonly string[],
  cursorPositions: {} as Readonly<Record<string, string | null>>,
  pending: [] as readonly PendingSend[],
  queuedMessageCount: 0,
};

/** A store that shows whatever a test sets. */
export class FakeStore {
  readonly signals = Object.fromEntries(Object.entries(initial).map(([name, value]) => [name, signal(value)])) as unknown as Signals;
  readonly retried: string[] = [];
  readonly discarded: string[] = [];
  retriesNow = 0;
  private readonly listeners = new Set<EventListener>();

  readonly providers: readonly Provider[] = [
    {
      provide: CollaborationStore,
      useValue: {
        ...this.signals,
        onEvent: (listener: EventListener) => {
          this.listeners.add(listener);
          return () => this.listeners.delete(listener);
        },
        retry: (messageId: string) => this.retried.push(messageId),
        discard: (messageId: string) => this.discarded.push(messageId),
        retryNow: () => this.retriesNow++,
      },
    },
    { provide: COLLAB_OPTIONS, useValue: { token: () => '' } },
  ];

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
