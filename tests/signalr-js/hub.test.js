import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { HubConnectionBuilder, LogLevel } from '@microsoft/signalr';
import { MessagePackHubProtocol } from '@microsoft/signalr-protocol-msgpack';
import { ways } from './kit/ways.js';
import { Participant } from './kit/participant.js';
import { assertPublishedInOrder, assertSameWholeLog, notes } from './kit/promises.js';
import { Proxy } from './kit/proxy.js';
import { Server } from './kit/server.js';
import { tokenFor } from './kit/token.js';

// The hub as the official client sees it: every transport of SignalR, every method, and refusals with their code.

let server;
before(async () => {
  server = await Server.start();
});
after(() => server?.close());

for (const [way, options] of ways()) {
  test(`${way}: a client joins, publishes, receives, is cut off and comes back`, async () => {
    const runId = randomUUID();
    await closing(await Proxy.to(server), async (proxy) => {
      const alice = await Participant.join(proxy, 'alice', runId, options);
      const bob = await Participant.join(server, 'bob', runId);
      try {
        const published = Promise.all([alice.flagAll(notes('a', 40)), bob.flagAll(notes('b', 40))]);
        await alice.has(20);
        await proxy.cutUntil(alice.isCutOff());
        await alice.hasJoined(2);
        await published;
        await Promise.all([alice.has(80), bob.has(80)]);

        assertSameWholeLog(80, alice, bob);
        assertPublishedInOrder(alice, notes('a', 40));
        assertPublishedInOrder(bob, notes('b', 40));
      } finally {
        await Promise.all([alice.close(), bob.close()]);
      }
    });
  });
}

for (const protocol of [undefined, new MessagePackHubProtocol()]) test(`Every method answers as the protocol says, in ${protocol?.name ?? 'json'}`, () => withOne('alice', async (alice) => {
  const messageId = randomUUID();

  const graft = await alice.call('Graft', { after: 'PM', agentName: 'scanner', further: [1.50, 'ü'] }, messageId);
  const again = await alice.call('Graft', { after: 'PM', agentName: 'scanner' }, messageId);
  await alice.call('Prune', { stepId: 'SRE', isPruned: true }, null);
  const flag = await alice.call('Publish', 'FLAG', { stepId: 'PM', note: 'look' }, null);
  await alice.has(3);
  const pong = await alice.connection.invoke('Ping', 123.5, null);
  const { state, epoch } = await alice.call('JoinRun', null);

  assert.deepEqual(graft, { messageId, sequenceNumber: 1, timestamp: alice.events[0].timestamp, duplicate: false });
  assert.deepEqual(again, { ...graft, duplicate: true });
  assert.deepEqual(alice.events[0].data, { after: 'PM', agentName: 'scanner', further: [1.5, 'ü'] });
  assert.equal(flag.sequenceNumber, 3);
  assert.equal(pong.clientTimestamp, 123.5);
  assert.deepEqual(pong.lastSequences, { [alice.runId]: 3 });
  assert.equal(epoch, alice.joins[0].epoch);
  assert.deepEqual(state, {
    asOfSequence: 3,
    grafts: { PM: { agentName: 'scanner', userId: 'alice', sequenceNumber: 1 } },
    prunedSteps: ['SRE'],
    flags: { PM: { note: 'look', userId: 'alice', sequenceNumber: 3 } },
  });
}, { protocol }));

test('Who comes, goes and moves is seen by the others and carries no number', () => withOne('alice', async (alice) => {
  const bob = await Participant.join(server, 'bob', alice.runId);
  await bob.call('MoveCursor', 'ARCHITECT');
  await seen(alice, 'bob', 'CURSOR_MOVE');
  const { activeUsers, cursorPositions } = await alice.call('JoinRun', null);
  await bob.close();
  await seen(alice, 'bob', 'USER_LEAVE');

  assert.deepEqual(activeUsers, ['alice', 'bob']);
  assert.deepEqual(cursorPositions, { bob: 'ARCHITECT' });
  assert.deepEqual(alice.ephemeral.filter((e) => e.userId === 'bob').map((e) => e.eventType), ['USER_JOIN', 'CURSOR_MOVE', 'USER_LEAVE']);
  assert.ok(alice.ephemeral.every((e) => e.sequenceNumber === undefined));
}));

test('A client that left a run gets nothing more of it', () => withOne('alice', async (alice) => {
  const bob = await Participant.join(server, 'bob', alice.runId);
  await alice.call('LeaveRun');
  await bob.flagAll(notes('b', 3));
  await bob.has(3);
  await bob.close();
  await alice.connection.invoke('Ping', 1, null);

  assert.deepEqual(alice.events, []);
}));

const run = randomUUID();
const refusals = {
  'publishing with a right to read only': ['forbidden', [`${run}:read`], (p) => p.call('Flag', { stepId: 'PM' }, null)],
  'joining a run without a right to it': ['forbidden', [`${run}:write`], (p) => p.connection.invoke('JoinRun', randomUUID(), null)],
  'a type that is not known': ['invalid_event', ['*:write'], (p) => p.call('Publish', 'NO_SUCH_TYPE', {}, null)],
  'a required field that is missing': ['invalid_event', ['*:write'], (p) => p.call('Flag', { note: 'no step' }, null)],
  'data that is not an object': ['invalid_event', ['*:write'], (p) => p.call('Flag', 'text', null)],
  'an argument too few': ['invalid_event', ['*:write'], (p) => p.call('Flag', { stepId: 'PM' })],
  'a character that cannot be stored': ['invalid_event', ['*:write'], (p) => p.call('Flag', { stepId: 'a\u0000b' }, null)],
  'a run id that is none': ['invalid_event', ['*:write'], (p) => p.connection.invoke('JoinRun', 'not a run', null)],
  'data over the limit': ['payload_too_large', ['*:write'], (p) => p.call('Flag', { stepId: 'PM', note: 'x'.repeat(20_000) }, null)],
};
for (const [what, [code, access, call]] of Object.entries(refusals)) {
  test(`A refusal starts with its code: [${code}] for ${what}`, async () => {
    for (const protocol of [undefined, new MessagePackHubProtocol()]) {
      await closing(await Participant.join(server, 'alice', run, { access, protocol }), async (alice) => {
        await assert.rejects(call(alice), ({ message }) => message.startsWith(`[${code}] `));
        assert.deepEqual((await alice.call('JoinRun', null)).events, []);
      });
    }
  });
}

test('Publishing too fast is refused as rate_limited, and over nothing else', async () => {
  await closing(await Server.start({ PublishPerSecond: 1, PublishBurst: 5 }), async (slow) => {
    const alice = await Participant.join(slow, 'alice', randomUUID());
    const outcomes = await Promise.allSettled(notes('a', 30).map((note) => alice.call('Flag', { stepId: 'PM', note }, null)));
    await alice.close();

    const refused = outcomes.filter((o) => o.status === 'rejected');
    assert.ok(refused.length > 0 && refused.length < 30);
    assert.ok(refused.every((o) => o.reason.message.startsWith('[rate_limited] ')));
  });
});

test('A token with a wrong signature does not connect', async () => {
  const connection = new HubConnectionBuilder()
    .withUrl(`http://127.0.0.1:${server.port}/hubs/collaboration`, { accessTokenFactory: () => tokenFor('alice').replace(/.{4}$/, 'AAAA') })
    .configureLogging(LogLevel.None)
    .build();

  await assert.rejects(connection.start(), /401/);
});

async function withOne(user, body, options) {
  await closing(await Participant.join(server, user, randomUUID(), options), body);
}

function seen(participant, user, eventType) {
  return participant.until(`${eventType} of ${user}`, () => participant.ephemeral.some((e) => e.userId === user && e.eventType === eventType));
}

async function closing(resource, body) {
  try {
    await body(resource);
  } finally {
    await resource.close();
  }
}
