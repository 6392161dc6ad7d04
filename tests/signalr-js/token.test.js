import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { Server } from './kit/server.js';
import { tokenFor } from './kit/token.js';

// Over long polling each request brings a token, and the connection lives on with the newest one: so does the right to publish.

const endOfMessage = '\u001e';

let server;
before(async () => {
  server = await Server.start();
});
after(() => server?.close());

test('Over long polling a right ends with the token that had it', async () => {
  const runId = randomUUID();
  const connection = await Polling.open(tokenFor('bob', [`${runId}:write`]));
  const readOnly = tokenFor('bob', [`${runId}:read`]);
  await connection.call(readOnly, 'Ping', 1, null);

  const answer = await connection.call(readOnly, 'Flag', runId, { stepId: 'PM' }, null);

  assert.match(answer.error, /^\[forbidden\] /);
});

test('Over long polling nobody takes over the connection of another user', async () => {
  const runId = randomUUID();
  const connection = await Polling.open(tokenFor('bob', [`${runId}:write`]));
  const bob = tokenFor('bob', [`${runId}:write`]);
  const another = tokenFor('mallory', ['*:write']);

  await assert.rejects(connection.call(another, 'Flag', runId, { stepId: 'PM' }, null), /POST: 403/);
  await assert.rejects(connection.poll(another), /GET: 403/);
  await assert.rejects(connection.end(another), /DELETE: 403/);
  // It goes on, and nothing was published.
  assert.equal((await connection.call(bob, 'JoinRun', runId, null)).result.lastSequence, 0);
});

/** A hub connection over long polling whose token is another one at each request. */
class Polling {
  #address;
  #calls = 0;

  static async open(token) {
    const hub = `http://127.0.0.1:${server.port}/hubs/collaboration`;
    const connection = new Polling();
    connection.#address = hub;
    const { connectionToken } = JSON.parse(await connection.#send(token, 'POST', '/negotiate?negotiateVersion=1'));
    connection.#address = `${hub}?id=${connectionToken}`;
    await connection.#send(token, 'GET');
    await connection.#send(token, 'POST', '', `{"protocol":"json","version":1}${endOfMessage}`);
    assert.equal(await connection.#send(token, 'GET'), `{}${endOfMessage}`);
    return connection;
  }

  /** Calls a method of the hub, and polls for its answer. */
  async call(token, target, ...args) {
    const invocationId = String(++this.#calls);
    await this.#send(token, 'POST', '', JSON.stringify({ type: 1, invocationId, target, arguments: args }) + endOfMessage);
    for (;;) {
      const messages = (await this.#send(token, 'GET')).split(endOfMessage).filter(Boolean).map(JSON.parse);
      const answer = messages.find((message) => message.invocationId === invocationId);
      if (answer) return answer;
    }
  }

  poll(token) {
    return this.#send(token, 'GET');
  }

  end(token) {
    return this.#send(token, 'DELETE');
  }

  async #send(token, method, path = '', body = undefined) {
    const response = await fetch(this.#address + path, { method, body, headers: { authorization: `Bearer ${token}` } });
    if (response.status !== 200) throw new Error(`${method}: ${response.status}`);
    return response.text();
  }
}
