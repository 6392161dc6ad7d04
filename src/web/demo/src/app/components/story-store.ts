import { Injectable } from '@angular/core';
import { FakeStore } from '@collab/angular/testing';
import { CollabError, CollaborationEvent, ConnectionState, Ending, foldState, emptyState, PendingSend } from '@collab/client';

/** A state that components are shown in. What is left out is as in a run that is connected, where two people are. */
export interface Scene {
  readonly title: string;
  /** What there is to see. */
  readonly note: string;
  readonly connection?: ConnectionState;
  readonly people?: readonly string[];
  readonly agents?: readonly string[];
  /** Up to which number people have seen. */
  readonly seen?: Readonly<Record<string, number>>;
  readonly names?: Readonly<Record<string, string>>;
  readonly events?: readonly CollaborationEvent[];
  readonly pending?: readonly PendingSend[];
  readonly ended?: boolean;
  readonly reason?: Ending;
  /** Nothing has come from a server yet. */
  readonly isUnknown?: boolean;
  /** The event that is looked back at; the newest unless told. */
  readonly at?: number;
  /** So many events came since one looks back. */
  readonly missed?: number;
  /** Round trips in ms, oldest first. */
  readonly latencies?: readonly number[];
}

/** A store without a server: it shows a scene, and what is refused in it can be sent again or discarded. */
@Injectable()
export class StoryStore extends FakeStore {
  show(scene: Scene): void {
    const connection = scene.connection ?? { kind: 'live' };
    const { signals } = this;
    const events = scene.events ?? [];
    const latencies = scene.latencies ?? [22, 24, 21, 38, 26, 23, 22, 41, 25, 23];
    const isConnected = connection.kind === 'live' || (connection.kind === 'polling' && connection.reachable);
    signals.connection.set(connection);
    signals.isConnected.set(isConnected);
    signals.usingFallback.set(connection.kind === 'polling');
    signals.activeUsers.set(scene.people ?? ['ana', 'ben']);
    signals.agents.set(scene.agents ?? []);
    signals.seen.set(scene.seen ?? {});
    signals.userNames.set(scene.names ?? {});
    signals.pending.set(scene.pending ?? []);
    signals.queuedMessageCount.set((scene.pending ?? []).filter(({ status }) => status !== 'refused').length);
    signals.ended.set(scene.ended ?? false);
    signals.reason.set(scene.reason ?? null);
    signals.latencies.set(scene.isUnknown ? [] : latencies);
    signals.epoch.set(scene.isUnknown ? null : 'epoch-1');
    signals.connectionHealth.set({
      latencyMs: scene.isUnknown ? null : (latencies.at(-1) ?? null),
      reconnectionCount: connection.kind === 'live' ? 0 : 3,
      messageDeliveryRate: connection.kind === 'live' ? 1 : 0.94,
      qualityScore: connection.kind === 'live' ? 98 : 64,
      status: connection.kind === 'live' ? 'HEALTHY' : 'DEGRADED',
      isHealthy: connection.kind === 'live',
    });
    this.keep(events);
    signals.state.set(events.reduce(foldState, emptyState));
  }

  protected override retry(messageId: string): void {
    this.signals.pending.update((sends) => sends.map((send) => (send.messageId === messageId ? { ...send, status: 'sending' } : send)));
  }

  protected override discard(messageId: string): void {
    this.signals.pending.update((sends) => sends.filter((send) => send.messageId !== messageId));
  }
}

/** A send for a scene: a graft, as far as `status` says. */
export function aSend(messageId: string, status: PendingSend['status'], error: CollabError | null = null): PendingSend {
  const data = { after: 'DEVELOPER', agentName: `reviewer-${messageId}` };
  return { messageId, eventType: 'GRAFT', data, createdAt: 0, status, attempts: 1, error, basedOnSequence: null };
}
