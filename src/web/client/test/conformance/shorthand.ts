import type { CollaborationEvent, PipelineState } from '../../src/index.js';
import type { EventText, RunText } from './scenario.js';

/** The run that every scenario is about. */
export const runId = '550e8400-e29b-41d4-a716-446655440000';

/** `m1` and `e1` stand for UUIDs; anything else for itself. */
export function longId(text: string): string {
  const [, kind, number] = /^([em])(\d+)$/.exec(text) ?? [];
  if (kind === undefined || number === undefined) return text;
  return `00000000-0000-${kind === 'm' ? '7000-8000' : '4000-9000'}-${number.padStart(12, '0')}`;
}

/** The other way round. */
export function shortId(id: string | null): string | null {
  const [, kind, number] = /^00000000-0000-(7000-8000|4000-9000)-0*(\d+)$/.exec(id ?? '') ?? [];
  return kind === undefined || number === undefined ? id : (kind === '7000-8000' ? 'm' : 'e') + number;
}

/** `[1, "3-5"]` is 1, 3, 4, 5. */
export function numbers(list: readonly (number | string)[]): number[] {
  return list.flatMap((item) => {
    if (typeof item === 'number') return [item];
    const [from = 0, to = 0] = item.split('-').map(Number);
    return Array.from({ length: to - from + 1 }, (_, i) => from + i);
  });
}

/** Events as they go over the wire. */
export function events(list: readonly EventText[]): Partial<CollaborationEvent>[] {
  return list.flatMap((item) => {
    if (typeof item !== 'object') return numbers([item]).map(usualEvent);
    const { sequenceNumber, ...rest } = item;
    const numbered = sequenceNumber === undefined ? { isCritical: false } : { isCritical: true, sequenceNumber };
    return [{ runId, userId: 'bob', timestamp: 0, ...rest, data: { ...rest.data }, ...numbered }];
  });
}

/** What a run answers to a join. */
export function answer(text: RunText): Record<string, unknown> {
  const list = events(text.events ?? []);
  const lastSequence = text.lastSequence ?? list.at(-1)?.sequenceNumber ?? 0;
  return {
    runId,
    lastSequence,
    oldestSequence: lastSequence > 0 ? 1 : 0,
    truncated: false,
    state: usualState(lastSequence),
    activeUsers: [],
    cursorPositions: {},
    ...text,
    epoch: longId(text.epoch ?? 'e1'),
    events: list,
  };
}

/** What the usual events up to a number add up to. */
export function usualState(last: number): PipelineState {
  const flags = last === 0 ? {} : { S: { note: `note ${String(last)}`, userId: 'bob', sequenceNumber: last } };
  return { asOfSequence: last, grafts: {}, prunedSteps: [], flags };
}

function usualEvent(sequenceNumber: number): Partial<CollaborationEvent> {
  const data = { stepId: 'S', note: `note ${String(sequenceNumber)}` };
  return { runId, sequenceNumber, eventType: 'FLAG', userId: 'bob', timestamp: sequenceNumber, data, isCritical: true };
}
