import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { HubConnectionBuilder, JsonHubProtocol, LogLevel } from '@microsoft/signalr';
import { Server } from './kit/server.js';
import { tokenFor } from './kit/token.js';
import { ways } from './kit/ways.js';

// Why a connection ended, as the official client with its automatic reconnect learns it, on every transport and in both protocols.

let server;
before(async () => {
  server = await Server.start();
});
after(() => server?.close());

for (const [way, options] of ways()) {
  test(`${way}: a client that an administrator ends comes back, and knows why`, () => withOne(options, async (one) => {
    // SignalR greets a client before the hub knows the connection; the answer to a call comes after.
    await one.connection.invoke('Ping', 0, null);
    await api('DELETE', `api/admin/websocket/users/${one.user}`);

    assert.match(await one.reconnecting, /\[kicked\] /);
    await one.reconnected;
    assert.equal((await one.connection.invoke('JoinRun', one.runId, null)).runId, one.runId);
  }));

  test(`${way}: a client of an erased run comes back, and knows why`, () => withOne(options, async (one) => {
    await one.connection.invoke('JoinRun', one.runId, null);
    await one.connection.invoke('Flag', one.runId, { stepId: 'PM' }, null);
    await api('DELETE', `api/runs/${one.runId}`);

    assert.match(await one.reconnecting, /\[replaced\] /);
    await one.reconnected;
    assert.deepEqual((await one.connection.invoke('JoinRun', one.runId, null)).events, []);
  }));
}

async function withOne({ transport, protocol }, use) {
  const [user, runId] = [`user-${randomUUID()}`, randomUUID()];
  const connection = new HubConnectionBuilder()
    .withUrl(`http://127.0.0.1:${server.port}/hubs/collaboration`, {
      accessTokenFactory: () => tokenFor(user),
      transport,
    })
    .withHubProtocol(protocol ?? new JsonHubProtocol())
    .withAutomaticReconnect({ nextRetryDelayInMilliseconds: () => 50 })
    .configureLogging(LogLevel.None)
    .build();
  const reconnecting = new Promise((resolve, reject) => {
    connection.onreconnecting((error) => resolve(error?.message ?? 'no reason'));
    connection.onclose((error) => reject(error ?? new Error('closed without a reason')));
  });
  const reconnected = new Promise((resolve) => connection.onreconnected(resolve));
  reconnecting.catch(() => {}); // Closing at the end is no failure.
  await connection.start();
  try {
    await use({ connection, user, runId, reconnecting, reconnected });
  } finally {
    await connection.stop();
  }
}

async function api(method, path) {
  const headers = { authorization: `Bearer ${await tokenFor('admin', ['*:write'], true)}` };
  const { status } = await fetch(`http://127.0.0.1:${server.port}/${path}`, { method, headers });
  assert.ok(status < 300, `${method} ${path} answered ${status}`);
}
