import { describe, expect, test } from 'vitest';
import { emptyState, foldState, readState, type CollaborationEvent } from '../src/index.js';
import { readAnswer, readEvent } from '../src/wire.js';
import { answer } from './conformance/shorthand.js';
import { world } from './kit/world.js';

/** What a plain object has of its own accord, whatever is put into it. */
const inherited = ['toString', 'constructor', '__proto__', 'hasOwnProperty', 'valueOf'];

const overTheWire = (value: unknown): unknown => JSON.parse(JSON.stringify(value));
const own = (key: string, value: unknown) => JSON.parse(`{${JSON.stringify(key)}:${JSON.stringify(value)}}`) as Record<string, never>;

function critical(sequenceNumber: number, eventType: string, data: Record<string, unknown>): CollaborationEvent {
  return { runId: 'r', sequenceNumber, eventType, userId: 'bob', timestamp: 0, data, isCritical: true, messageId: null };
}

describe.each(inherited)('A step or a user called %s', (name) => {
  test('is in no state before something was done to it', () => {
    const states = [
      emptyState,
      foldState(emptyState, critical(1, 'GRAFT', { after: 'PM', agentName: name })),
      foldState(emptyState, critical(1, 'FLAG', { stepId: 'PM' })),
      readState(overTheWire({ asOfSequence: 1, grafts: { PM: { agentName: name, userId: 'b', sequenceNumber: 1 } }, flags: {} })),
    ];
    for (const { grafts, flags } of states)
      expect([grafts[name], flags[name], name in grafts, name in flags]).toEqual([undefined, undefined, false, false]);
  });

  test('is in the state like any other once it is', () => {
    const folded = [critical(1, 'GRAFT', { after: name, agentName: name }), critical(2, 'FLAG', { stepId: name, note: 'look' })].reduce(
      foldState,
      emptyState,
    );
    for (const state of [folded, readState(overTheWire(folded))]) {
      expect(Object.entries(state.grafts)).toEqual([[name, { agentName: name, userId: 'bob', sequenceNumber: 1 }]]);
      expect(state.flags[name]).toEqual({ note: 'look', userId: 'bob', sequenceNumber: 2 });
    }
  });

  test('is in presence, cursors and names like any other, and in none before', async () => {
    const { run, live, receive } = world();
    await live();
    const before = run.snapshot;
    expect([before.cursorPositions[name], before.userNames[name], run.displayName(name)]).toEqual([undefined, undefined, name]);
    receive({ eventType: 'USER_JOIN', userId: name, data: {} }, { eventType: 'CURSOR_MOVE', userId: name, data: { nodeId: name } });
    expect(run.snapshot.activeUsers).toEqual([name]);
    expect(Object.entries(run.snapshot.cursorPositions)).toEqual([[name, name]]);
    receive({ eventType: 'CURSOR_MOVE', userId: name, data: { nodeId: null } });
    expect(run.snapshot.cursorPositions[name]).toBeUndefined();
  });

  test('comes with an answer like any other', () => {
    const read = readAnswer({
      ...answer({ activeUsers: [name] }),
      cursorPositions: own(name, 'PM'),
      userNames: own(name, 'Nobody'),
      state: { asOfSequence: 1, grafts: own(name, { agentName: 'a', userId: 'b', sequenceNumber: 1 }), prunedSteps: [name], flags: {} },
    });
    expect([read.cursorPositions[name], read.userNames[name], read.state?.grafts[name]?.agentName]).toEqual(['PM', 'Nobody', 'a']);
    expect(Object.getPrototypeOf(read.cursorPositions)).toBeNull();
  });
});

test('What is of another type than it should be counts as absent', () => {
  const event = readEvent({
    sequenceNumber: '1',
    eventType: 7,
    userId: { a: 1 },
    userName: 5,
    timestamp: null,
    data: 'text',
    isCritical: 1,
  });
  expect(event).toEqual({
    runId: '',
    sequenceNumber: null,
    eventType: '',
    userId: '',
    timestamp: 0,
    data: {},
    isCritical: false,
    messageId: null,
  });
  const state = readState({
    asOfSequence: 3,
    grafts: { A: null, B: { agentName: 5, sequenceNumber: 1 }, C: { agentName: 'c', sequenceNumber: 1 } },
    prunedSteps: ['A', 5],
    flags: { A: 'text', B: { note: 5, userId: 'b', sequenceNumber: 2 } },
  });
  expect(state.grafts).toEqual({ C: { agentName: 'c', userId: '', sequenceNumber: 1 } });
  expect(state.flags).toEqual({ B: { note: null, userId: 'b', sequenceNumber: 2 } });
  expect(state.prunedSteps).toEqual(['A']);
  expect(() => readState({ grafts: {} })).toThrow();
});
