import { describe, expect, test } from 'vitest';
import { RunConnection, type RunSnapshot } from '../src/index.js';
import { answer, events, runId, usualState } from './conformance/shorthand.js';
import { FakeClock, settle } from './kit/fake-clock.js';
import { MemoryStorage } from './kit/stores.js';
import { tokenOf } from './kit/token.js';
import { world } from './kit/world.js';

describe('A snapshot', () => {
  test('is the same object until something changes, and another one then', async () => {
    const { run, live, receive } = world();
    const idle = run.snapshot;
    expect(run.snapshot).toBe(idle);
    await live({ events: [1, 2] });
    const before = run.snapshot;
    receive(3);
    expect(run.snapshot).not.toBe(before);
    expect(before.events.map((e) => e.sequenceNumber)).toEqual([1, 2]);
    expect(before.lastSequence).toBe(2);
    expect(idle).toMatchObject({ connection: { kind: 'idle' }, userId: null, canWrite: null, events: [], isConnected: false });
  });

  test('cannot be changed', () => {
    const { run } = world();
    expect(() => ((run.snapshot as { runId: string }).runId = 'other')).toThrow(TypeError);
  });

  test('keeps the parts that did not change', async () => {
    const { run, live, receive } = world();
    await live({ events: [1, 2] });
    void run.flag('PM');
    const before = run.snapshot;
    receive({ eventType: 'USER_JOIN', userId: 'bob', data: {} });
    const after = run.snapshot;
    expect(after.activeUsers).toEqual(['bob']);
    expect([after.events, after.state, after.pending, after.latencies]).toEqual([
      before.events,
      before.state,
      before.pending,
      before.latencies,
    ]);
    for (const part of ['events', 'state', 'pending', 'latencies'] as const) expect(after[part]).toBe(before[part]);
  });
});

describe('A run that has ended', () => {
  test('takes nothing new, and what may be a repeat is for the server to judge', async () => {
    const { run, live, receive } = world();
    await live({ events: [1] });
    const acknowledged = run.end('done');
    expect(run.snapshot.pending.map((send) => [send.eventType, send.data])).toEqual([['RUN_END', { outcome: 'done' }]]);
    expect(run.snapshot).toMatchObject({ ended: false, outcome: null });
    receive({ eventType: 'RUN_END', sequenceNumber: 2, data: { outcome: 'all of it' } });
    expect(run.snapshot).toMatchObject({ ended: true, outcome: 'all of it' });
    expect(run.snapshot.state.ended).toBe(true);

    await expect(run.flag('PM')).rejects.toMatchObject({ code: 'run_ended', retryable: false });
    expect(run.snapshot.queuedCount).toBe(1);
    void run.publish('FLAG', { stepId: 'PM' }, '00000000-0000-7000-8000-000000000009');
    expect(run.snapshot.queuedCount).toBe(2);
    void acknowledged;
  });

  test('says nothing of an outcome that is no text', async () => {
    const { run, live, receive } = world();
    await live();
    receive({ eventType: 'RUN_END', sequenceNumber: 1, data: { outcome: { evil: true } } });
    expect(run.snapshot).toMatchObject({ ended: true, outcome: null });
  });
});

describe('A subscriber', () => {
  test('is told once for all that one turn changes, and not at once', async () => {
    const { run, live, receive } = world();
    await live();
    const told: RunSnapshot[] = [];
    run.subscribe((snapshot) => told.push(snapshot));
    receive(1);
    receive(2, 3);
    void run.flag('PM');
    expect(told).toEqual([]);
    await settle();
    expect(told.map((s) => [s.lastSequence, s.queuedCount])).toEqual([[3, 1]]);
    expect(told[0]).toBe(run.snapshot);
  });

  test('is told nothing after it has left', async () => {
    const { run, live, receive } = world();
    await live({ events: [1] });
    let times = 0;
    const leave = run.subscribe(() => times++);
    receive(2);
    await settle();
    leave();
    leave();
    receive(3);
    await settle();
    expect(times).toBe(1);
    expect(run.snapshot.lastSequence).toBe(3);
  });
});

describe('Publishing', () => {
  test('by its shorthands', async () => {
    const { run, server, live, reply } = world();
    await live();
    const publishes = [() => run.graft('PM', 'scanner'), () => run.prune('SRE', false), () => run.flag('PM', 'look'), () => run.flag('PM')];
    for (const [index, publish] of publishes.entries()) {
      const ack = publish();
      await reply('Publish', { messageId: 'x', sequenceNumber: index + 1, timestamp: 7, duplicate: false });
      expect((await ack).sequenceNumber).toBe(index + 1);
    }
    const sent = server.asked.filter((request) => request.name === 'Publish').map(({ details: [type, data] }) => [type, data]);
    expect(sent).toEqual([
      ['GRAFT', { after: 'PM', agentName: 'scanner' }],
      ['PRUNE', { stepId: 'SRE', isPruned: false }],
      ['FLAG', { stepId: 'PM', note: 'look' }],
      ['FLAG', { stepId: 'PM', note: null }],
    ]);
  });

  test('what no server would take is refused before it can end a connection', async () => {
    const { run, live } = world();
    await live();
    await expect(run.flag('PM', 'x'.repeat(70_000))).rejects.toMatchObject({ code: 'payload_too_large' });
    await expect(run.publish('FLAG', null as never)).rejects.toMatchObject({ code: 'invalid_event' });
    expect(run.snapshot.pending).toEqual([]);
  });

  test('from within a listener', async () => {
    const { run, server, live, receive } = world();
    await live();
    run.onEvent((event) => {
      if (event.sequenceNumber === 1) void run.flag('REPLY');
    });
    receive(1, 2);
    await settle();
    expect(server.asked.filter((request) => request.name === 'Publish')).toHaveLength(1);
    expect(run.snapshot.lastSequence).toBe(2);
  });

  test('keeps sends apart by user and run', async () => {
    const storage = new MemoryStorage();
    const user = (name: string) => ({ storage, token: () => tokenOf(name, null, 1) });
    const first = world(user('alice'));
    await first.live();
    void first.run.flag('PM');
    await settle();
    first.page.tell('hide');
    const other = world(user('bob'));
    await other.live();
    expect(other.run.snapshot.pending).toEqual([]);
    const same = world(user('alice'));
    await same.live();
    expect(same.run.snapshot.pending).toHaveLength(1);
  });
});

describe('The hub connection', () => {
  test('goes to the address with the id of the tab, and carries the token', async () => {
    const session = new MemoryStorage();
    const first = world({}, { session });
    await first.live();
    const second = world({}, { session });
    await second.live();
    const [url, again] = [first.server.hubs[0]?.url, second.server.hubs[0]?.url];
    const query = /run=[0-9a-f-]{36}&fingerprints=true&presence=full&clientId=[0-9a-f-]{36}&reconnects=0/;
    expect(url).toMatch(new RegExp(`^https://collab\\.test/hubs/collaboration\\?${query.source}$`));
    expect(again).toBe(url);
    expect(first.server.hubs[0]?.token).toBe(tokenOf('alice', null, 1));
  });

  test('that was replaced is closed', async () => {
    let tokens = 0;
    const start = new FakeClock().now();
    const { run, server, clock, live, reply } = world({
      pingIntervalMs: 1_000_000,
      token: () => tokenOf('alice', start + 300_000 * ++tokens, tokens),
    });
    await live();
    await clock.advance(270_000);
    await reply('open');
    await reply('JoinRun', answer({}));
    expect(server.hubs.map((hub) => hub.hasEnded)).toEqual([true, false]);
    expect(server.hubs.map(({ url }) => url.slice(-12))).toEqual(['reconnects=0', 'reconnects=0']);
    await run.close();
    expect(server.hubs.map((hub) => hub.hasEnded)).toEqual([true, true]);
  });
  test('that ends in the very moment in which its join is answered has not joined', async () => {
    const { run, server, reply } = world();
    run.connect();
    await settle();
    await reply('open');
    void reply('JoinRun', answer({ events: [1] }));
    server.hubs[0]?.drop();
    await settle();
    expect(run.snapshot).toMatchObject({ connection: { kind: 'reconnecting' }, lastSequence: 0, epoch: null });
  });

  test('is not waited for by close() while it connects', async () => {
    const { run, server } = world();
    run.connect();
    await settle();
    const hub = server.hubs[0];
    if (hub === undefined) throw new Error('There is no connection.');
    hub.stop = () => new Promise(() => undefined);
    await run.close();
    expect(run.snapshot.connection).toEqual({ kind: 'closed', error: null });
  });

  test('ignores events of another run', async () => {
    const { run, server, live } = world();
    await live();
    server.hubs[0]?.call('ReceiveEvents', '00000000-0000-0000-0000-000000000000', events([1]));
    server.hubs[0]?.call('ReceiveEvents', runId, 'nonsense');
    expect(run.snapshot.lastSequence).toBe(0);
  });
});

describe('A poll', () => {
  test('that is answered in the very moment in which the connection is closed is not applied', async () => {
    const { run, clock, reply } = world({ fallbackAfter: 1 }, { hub: failing });
    run.connect();
    await settle();
    const body = answer({ events: [501], oldestSequence: 501, truncated: true });
    await reply('poll', { status: 200, body });
    void reply('state', { status: 200, body: usualState(501) });
    void run.close();
    await settle();
    expect(run.snapshot).toMatchObject({ connection: { kind: 'closed' }, lastSequence: 0 });
    expect(clock.pending).toBe(0);
  });

  test('during which an event makes the application close the connection leaves nothing behind', async () => {
    const { run, server, clock, reply } = world({ fallbackAfter: 1 }, { hub: failing });
    run.onEvent(() => void run.close());
    run.connect();
    run.moveCursor('PM');
    run.flag('PM').catch(() => undefined);
    await settle();
    await reply('poll', { status: 200, body: answer({ events: [1] }) });
    expect(run.snapshot.connection).toEqual({ kind: 'closed', error: null });
    expect(server.asked.map((request) => request.name)).toEqual(['poll']);
    expect(clock.pending).toBe(0);
  });
  const failing = () => {
    throw new Error('no WebSockets here');
  };
});

describe('After close()', () => {
  test('a token that comes starts nothing, and takes no queue over', async () => {
    const storage = new MemoryStorage();
    const before = world({ storage });
    await before.live();
    void before.run.flag('PM');
    await settle();
    before.page.tell('hide');
    const kept = new Map(storage.texts);
    let give: (token: string) => void = () => undefined;
    const { run, clock } = world({ storage, token: () => new Promise((resolve) => (give = resolve)) });
    run.connect();
    await settle();
    await run.close();
    give(tokenOf('alice', null, 1));
    await settle();
    expect(run.snapshot).toMatchObject({ userId: null, pending: [] });
    expect(storage.texts).toEqual(kept);
    expect(clock.pending).toBe(0);
  });

  test('what is retried or discarded is kept, and anybody can have it', async () => {
    const storage = new MemoryStorage();
    const { run, server, clock, live } = world({ storage });
    await live();
    for (const step of ['PM', 'SRE', 'QUALIFIER']) run.flag(step).catch(() => undefined);
    for (let i = 0; i < 3; i++) {
      server.take((request) => request.name === 'Publish')?.reject(new Error('[invalid_event] No.'));
      await settle();
    }
    await run.close();
    const [retried, discarded] = run.snapshot.pending.map((send) => send.messageId);
    run.retry(retried ?? '');
    run.discard(discarded ?? '');
    await settle();
    expect(clock.pending).toBe(0);
    const next = world({ storage });
    await next.live();
    expect(next.run.snapshot.pending.map((send) => [send.data['stepId'], send.status])).toEqual([
      ['QUALIFIER', 'refused'],
      ['PM', 'sending'],
    ]);
  });
});

describe('A page', () => {
  test('is left alone after close()', async () => {
    const { run, page, live } = world();
    await live();
    expect(page.listeners).toBe(1);
    await run.close();
    expect(page.listeners).toBe(0);
  });
});

describe('Over a long time', () => {
  test('nothing grows with the number of events', async () => {
    const { run, live, receive } = world({ maxEvents: 100 });
    await live();
    for (let i = 1; i <= 10_000; i++) receive(i);
    const { events: kept, latencies, pending, lastSequence, truncated, state } = run.snapshot;
    expect([kept.length, latencies.length, pending.length, lastSequence, truncated]).toEqual([100, 1, 0, 10_000, true]);
    expect(state).toEqual(usualState(10_000));
  });
});

test('Without a page an address must be given', () => {
  expect(() => new RunConnection({ runId, token: () => '' })).toThrow(/url/);
});
