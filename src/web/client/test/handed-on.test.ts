import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { settle } from './kit/fake-clock.js';
import { world } from './kit/world.js';

describe('Functions of a connection', () => {
  test('can be handed on by themselves, as React does with a store', async () => {
    const { run, live, receive } = world();
    const { subscribe, onEvent, graft, prune, flag, publish, moveCursor, retry, discard, retryNow, connect, displayName, close } = run;
    let changes = 0;
    const heard: unknown[] = [];
    const leave = subscribe(() => changes++);
    onEvent((event) => heard.push(event.sequenceNumber));
    connect();
    await live();
    receive(1);
    moveCursor('PM');
    void graft('PM', 'a');
    void prune('PM', true);
    void flag('PM');
    void publish('FLAG', { stepId: 'PM' });
    retry('x');
    discard('x');
    retryNow();
    await settle();
    expect([heard, changes > 0, run.snapshot.queuedCount, displayName('u')]).toEqual([[1], true, 4, 'u']);
    leave();
    await close();
  });
});

describe('A publish for which nobody waits', () => {
  const unhandled: unknown[] = [];
  const note = (error: unknown) => unhandled.push(error);
  beforeEach(() => {
    unhandled.length = 0;
    process.prependListener('unhandledRejection', note);
  });
  afterEach(() => process.off('unhandledRejection', note));

  test('is never an unhandled rejection, whatever becomes of it', async () => {
    const { run, live, server } = world({ maxQueued: 2 });
    await live();
    void run.flag('PM', 'x'.repeat(70_000));
    void run.publish('FLAG', null as never);
    void run.flag('A');
    void run.flag('B');
    void run.flag('one too many');
    await settle();
    server.take(({ name }) => name === 'Publish')?.reject(new Error('[forbidden] No.'));
    await settle();
    const [refused] = run.snapshot.pending;
    void run.publish('FLAG', {}, refused?.messageId);
    await run.close();
    void run.graft('PM', 'after the end');
    await settle();
    await settle();
    expect(unhandled).toEqual([]);
  });

  test('is rejected all the same for who does wait', async () => {
    const { run, live } = world();
    await live();
    const waiting = run.flag('PM');
    await run.close();
    await expect(waiting).rejects.toMatchObject({ code: 'closed' });
    await expect(run.graft('PM', 'a')).rejects.toMatchObject({ code: 'closed' });
    await expect(run.flag('PM', 'x'.repeat(70_000))).rejects.toMatchObject({ code: 'payload_too_large' });
  });
});
