import { expect, test } from 'vitest';
import { CollabError } from '../src/index.js';
import { next, type ConnectionState, type Signal } from '../src/state.js';

const error = new CollabError('forbidden', 'No.');

const states = {
  idle: { kind: 'idle' },
  connecting: { kind: 'connecting' },
  live: { kind: 'live' },
  waiting: { kind: 'reconnecting', attempt: 2, retryAt: 500 },
  trying: { kind: 'reconnecting', attempt: 2, retryAt: null },
  polling: { kind: 'polling', probing: false, reachable: true },
  probing: { kind: 'polling', probing: true, reachable: false },
  closed: { kind: 'closed', error: null },
  refused: { kind: 'closed', error },
} satisfies Record<string, ConnectionState>;

const signals = {
  connect: { kind: 'connect' },
  attempt: { kind: 'attempt' },
  joined: { kind: 'joined' },
  failed: { kind: 'failed', failures: 3, fallback: false, retryAt: 900 },
  failedOften: { kind: 'failed', failures: 5, fallback: true, retryAt: 900 },
  polled: { kind: 'polled', reachable: true },
  notPolled: { kind: 'polled', reachable: false },
  close: { kind: 'close', error: null },
  refuse: { kind: 'close', error },
} satisfies Record<string, Signal>;

const reconnecting = { kind: 'reconnecting', attempt: 4, retryAt: 900 };
const fallback = { kind: 'polling', probing: false, reachable: false };
const closed = { kind: 'closed', error: null };
const refused = { kind: 'closed', error };
const connecting = { kind: 'connecting' };
const live = { kind: 'live' };
const same = 'same';

// What each signal makes of each state. 'same': the very same object.
const table: Record<keyof typeof states, Record<keyof typeof signals, object | typeof same>> = {
  idle: {
    connect: connecting,
    attempt: same,
    joined: same,
    failed: same,
    failedOften: same,
    polled: same,
    notPolled: same,
    close: closed,
    refuse: refused,
  },
  connecting: {
    connect: same,
    attempt: same,
    joined: live,
    failed: reconnecting,
    failedOften: fallback,
    polled: same,
    notPolled: same,
    close: closed,
    refuse: refused,
  },
  live: {
    connect: same,
    attempt: same,
    joined: same,
    failed: reconnecting,
    failedOften: fallback,
    polled: same,
    notPolled: same,
    close: closed,
    refuse: refused,
  },
  waiting: {
    connect: same,
    attempt: states.trying,
    joined: live,
    failed: reconnecting,
    failedOften: fallback,
    polled: same,
    notPolled: same,
    close: closed,
    refuse: refused,
  },
  trying: {
    connect: same,
    attempt: same,
    joined: live,
    failed: reconnecting,
    failedOften: fallback,
    polled: same,
    notPolled: same,
    close: closed,
    refuse: refused,
  },
  polling: {
    connect: same,
    attempt: { kind: 'polling', probing: true, reachable: true },
    joined: live,
    failed: same,
    failedOften: same,
    polled: same,
    notPolled: fallback,
    close: closed,
    refuse: refused,
  },
  probing: {
    connect: same,
    attempt: same,
    joined: live,
    failed: fallback,
    failedOften: fallback,
    polled: { kind: 'polling', probing: true, reachable: true },
    notPolled: same,
    close: closed,
    refuse: refused,
  },
  closed: {
    connect: connecting,
    attempt: same,
    joined: same,
    failed: same,
    failedOften: same,
    polled: same,
    notPolled: same,
    close: same,
    refuse: same,
  },
  refused: {
    connect: connecting,
    attempt: same,
    joined: same,
    failed: same,
    failedOften: same,
    polled: same,
    notPolled: same,
    close: same,
    refuse: same,
  },
};

for (const [stateName, row] of Object.entries(table)) {
  for (const [signalName, expected] of Object.entries(row)) {
    test(`${stateName} × ${signalName}`, () => {
      const state: ConnectionState = states[stateName as keyof typeof states];
      const after = next(state, signals[signalName as keyof typeof signals]);
      if (expected === same) expect(after).toBe(state);
      else expect(after).toEqual(expected);
    });
  }
}
