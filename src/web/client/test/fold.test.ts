import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import {
  emptyState,
  fingerprintOf,
  foldState,
  readState,
  stateFold,
  type CollaborationEvent,
  type PipelineState,
  type StateReducer,
} from '../src/index.js';

interface Case {
  readonly name: string;
  readonly fingerprint: string;
  readonly states?: readonly string[];
  readonly start?: PipelineState;
  readonly events: readonly Partial<CollaborationEvent>[];
  readonly state: PipelineState;
}

const text = readFileSync(new URL('../../../../tests/conformance/fold/cases.json', import.meta.url), 'utf8');
const cases = JSON.parse(text.replace(/"<(\d+)>"/g, (_, length) => JSON.stringify('x'.repeat(Number(length))))) as Case[];

/** The rule that the cases name. */
const progress: StateReducer<{ readonly done: number; readonly last: unknown }> = (
  before = { done: 0, last: null },
  { eventType, data },
) => {
  if (eventType !== 'STEP_FINISHED') return before;
  if (data['boom'] === true) throw new Error('boom');
  return { done: before.done + 1, last: data['stepId'] };
};

function event(sequenceNumber: number | null, eventType: string, data: Record<string, unknown>): CollaborationEvent {
  return { runId: 'r', sequenceNumber, eventType, userId: 'bob', timestamp: 0, data, isCritical: sequenceNumber !== null, messageId: null };
}

describe('Folding', () => {
  for (const { name, fingerprint, states, start, events, state } of cases) {
    test(name, () => {
      const fold = states === undefined ? foldState : stateFold({ progress }, () => undefined);
      const folded = events.reduce((before, e) => fold(before, { ...event(0, '', {}), ...e }), start ?? emptyState);
      expect(folded).toEqual(state);
      expect(fingerprintOf(folded)).toEqual({ sequence: state.asOfSequence, hash: fingerprint });
      expect(fingerprintOf(readState(JSON.parse(JSON.stringify(folded)))).hash).toBe(fingerprint);
    });
  }

  test('an event that is covered, or that is ephemeral, changes nothing, not even the object', () => {
    const state = foldState(emptyState, event(5, 'FLAG', { stepId: 'S' }));
    expect(foldState(state, event(5, 'FLAG', { stepId: 'T' }))).toBe(state);
    expect(foldState(state, event(3, 'PRUNE', { stepId: 'T', isPruned: true }))).toBe(state);
    expect(foldState(state, event(null, 'CURSOR_MOVE', { nodeId: 'T' }))).toBe(state);
  });

  test('no state is ever changed', () => {
    const states = [emptyState];
    const copies = [structuredClone(emptyState)];
    for (let i = 1; i <= 30; i++) {
      const data = { after: `s${String(i % 3)}`, stepId: `s${String(i % 4)}`, agentName: 'a', isPruned: i % 2 === 0 };
      states.push(foldState(states.at(-1) ?? emptyState, event(i, ['GRAFT', 'PRUNE', 'FLAG'][i % 3] ?? '', data)));
      copies.push(structuredClone(states.at(-1) ?? emptyState));
    }
    expect(states).toEqual(copies);
  });

  test('a state holds 2000 steps of each kind, and forgets the one that was set first', () => {
    let state: PipelineState = emptyState;
    let n = 0;
    const add = (type: string, data: Record<string, unknown>) => (state = foldState(state, event(++n, type, data)));
    for (let i = 0; i < 2000; i++) {
      const step = `s${String(i)}`;
      add('GRAFT', { after: step, agentName: 'a' });
      add('FLAG', { stepId: step });
      add('PRUNE', { stepId: step, isPruned: true });
    }
    // Set again, so it is not the first any more.
    add('GRAFT', { after: 's0', agentName: 'b' });
    add('FLAG', { stepId: 's0' });
    add('PRUNE', { stepId: 's0', isPruned: true });
    for (const [type, data] of [
      ['GRAFT', { after: 'new', agentName: 'a' }],
      ['FLAG', { stepId: 'new' }],
      ['PRUNE', { stepId: 'new', isPruned: true }],
    ] as const)
      add(type, data);
    expect(Object.keys(state.grafts)).toHaveLength(2000);
    expect(Object.keys(state.flags)).toHaveLength(2000);
    expect(state.prunedSteps).toHaveLength(2000);
    for (const kept of [state.grafts, state.flags]) {
      expect(Object.keys(kept)).toEqual(expect.arrayContaining(['s0', 's2', 'new']));
      expect(Object.keys(kept)).not.toContain('s1');
    }
    expect(state.prunedSteps.slice(-2)).toEqual(['s0', 'new']);
    expect(state.prunedSteps[0]).toBe('s2');
  });

  test('long names and notes are forgotten sooner, and the newest always stays', () => {
    const tenth = '<'.repeat(10_000);
    let state: PipelineState = emptyState;
    let n = 0;
    const add = (type: string, data: Record<string, unknown>) => (state = foldState(state, event(++n, type, data)));
    for (let i = 0; i < 12; i++) {
      add('GRAFT', { after: String(i), agentName: tenth });
      add('FLAG', { stepId: `${String(i)}${tenth}` });
      add('PRUNE', { stepId: `${String(i)}${tenth}`, isPruned: true });
    }
    expect(Object.keys(state.grafts)).toEqual(['3', '4', '5', '6', '7', '8', '9', '10', '11']);
    expect(Object.keys(state.flags)).toHaveLength(9);
    expect(state.prunedSteps.map((step) => step.replace(tenth, ''))).toEqual(Object.keys(state.grafts));
    add('FLAG', { stepId: 'SRE', note: 'n'.repeat(100_001) });
    expect(Object.keys(state.flags)).toEqual(['SRE']);
  });
});
