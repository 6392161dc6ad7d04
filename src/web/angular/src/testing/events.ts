import { CollaborationEvent } from '@collab/client';

/** An event for tests: a graft by ana, unless told otherwise. */
export function anEvent(sequenceNumber: number | null, part: Partial<CollaborationEvent> = {}): CollaborationEvent {
  return {
    runId: '550e8400-e29b-41d4-a716-446655440000',
    sequenceNumber,
    eventType: 'GRAFT',
    userId: 'ana',
    timestamp: 1_760_000_000_000 + (sequenceNumber ?? 0) * 1000,
    data: { after: 'PM', agentName: `agent-${sequenceNumber}` },
    isCritical: sequenceNumber !== null,
    messageId: null,
    ...part,
  };
}

/** Grafts `from`, `from + 1`, … `to`. */
export function events(from: number, to: number): CollaborationEvent[] {
  return Array.from({ length: to - from + 1 }, (_, i) => anEvent(from + i));
}
