import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { Participant } from './kit/participant.js';
import { assertPublishedInOrder, assertSameWholeLog, notes } from './kit/promises.js';
import { Proxy } from './kit/proxy.js';
import { Server } from './kit/server.js';

// No loss, no repeat and one order, whatever happens to connections and to the server, with the official client.

let server;
let proxy;
before(async () => {
  server = await Server.start();
  proxy = await Proxy.to(server);
});
after(async () => {
  proxy?.close();
  await server?.close();
});

async function withParticipants(places, body) {
  const runId = randomUUID();
  const participants = await Promise.all(Object.entries(places).map(([user, place]) => Participant.join(place, user, runId)));
  try {
    await body(...participants);
  } finally {
    await Promise.all(participants.map((p) => p.close()));
  }
}

test('A client that is cut off again and again ends with each event once, in order', () =>
  withParticipants({ alice: server, bob: proxy }, async (alice, bob) => {
    const published = alice.flagAll(notes('a', 300));
    for (const cut of [1, 2, 3, 4]) {
      await bob.has(cut * 50);
      proxy.cut();
      await bob.hasJoined(cut + 1);
    }
    await published;
    await bob.has(300);
    await alice.has(300);

    assertSameWholeLog(300, alice, bob);
    assertPublishedInOrder(alice, notes('a', 300));
  }));

test('A client that is away while others publish gets what it missed from its join', () =>
  withParticipants({ alice: server, bob: proxy }, async (alice, bob) => {
    await alice.flagAll(notes('before', 5));
    await bob.has(5);
    await bob.connection.stop();
    await alice.flagAll(notes('while away', 20));

    const [last, earlier] = [bob.lastSequence, bob.events];
    const back = new Participant(proxy, 'bob', bob.runId);
    await back.connection.start();
    const missed = await back.call('JoinRun', last);
    await back.connection.stop();

    assert.deepEqual([...earlier, ...missed.events], alice.events);
    assert.equal(missed.truncated, false);
    assert.equal(missed.lastSequence, 25);
  }));

test('Two clients that publish at once and are cut off keep each its own order, and both see one', () =>
  withParticipants({ alice: proxy, bob: proxy }, async (alice, bob) => {
    const published = Promise.all([alice.flagAll(notes('a', 150)), bob.flagAll(notes('b', 150))]);
    for (const cut of [1, 2, 3]) {
      await alice.has(cut * 60);
      proxy.cut();
      await Promise.all([alice.hasJoined(cut + 1), bob.hasJoined(cut + 1)]);
    }
    await published;
    await Promise.all([alice.has(300), bob.has(300)]);

    assertSameWholeLog(300, alice, bob);
    assertPublishedInOrder(alice, notes('a', 150));
    assertPublishedInOrder(bob, notes('b', 150));
  }));

test('An event whose acknowledgement was lost is stored once, and its repeat is told so', () =>
  withParticipants({ alice: proxy, bob: server }, async (alice, bob) => {
    proxy.swallowAnswers();
    const messageId = alice.flag('once');
    await bob.has(1);
    assert.equal(alice.acknowledged.size, 0);
    proxy.cut();
    await alice.until('the acknowledgement', () => alice.acknowledged.has(messageId));

    const { sequenceNumber, duplicate } = alice.acknowledged.get(messageId);
    assert.deepEqual({ sequenceNumber, duplicate }, { sequenceNumber: 1, duplicate: true });
    await alice.flagAll(['next']);
    await Promise.all([alice.has(2), bob.has(2)]);
    assertSameWholeLog(2, bob, alice);
  }));

test('A server that is killed and started again loses nothing and repeats nothing', () =>
  withParticipants({ alice: server, bob: server, carol: server }, async (alice, bob, carol) => {
    const published = Promise.all([alice.flagAll(notes('a', 200)), bob.flagAll(notes('b', 200))]);
    for (const kill of [1, 2]) {
      await carol.has(kill * 100);
      await server.kill();
      await server.startAgain();
      await Promise.all([alice, bob, carol].map((p) => p.hasJoined(kill + 1)));
    }
    await published;
    await Promise.all([alice, bob, carol].map((p) => p.has(400)));

    assertSameWholeLog(400, alice, bob, carol);
    assertPublishedInOrder(alice, notes('a', 200));
    assertPublishedInOrder(bob, notes('b', 200));
  }));
