import { encode } from '@msgpack/msgpack';
import { MessagePackHubProtocol } from '@microsoft/signalr-protocol-msgpack';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { signalRHub } from '../src/signalr-hub.js';

interface Socket {
  on(event: 'message', handler: (data: Buffer) => void): void;
  send(data: string | Uint8Array): void;
}
interface SocketServer {
  on(event: 'connection', handler: (socket: Socket) => void): void;
  address(): AddressInfo;
  close(): void;
}
const { Server } = createRequire(import.meta.url)('ws') as { Server: new (options: object) => SocketServer };

/** One message of the hub's, behind its length. All here are shorter than 128 bytes. */
function message(...fields: unknown[]): Uint8Array {
  const body = encode(fields);
  return Uint8Array.of(body.length, ...body);
}

test('With the MessagePack protocol it hears events, and why the server ends the connection', async () => {
  const server = new Server({ host: '127.0.0.1', port: 0 });
  await once(server as never, 'listening');
  const received: Buffer[] = [];
  const socket = new Promise<Socket>((resolve) => {
    server.on('connection', (client) => {
      client.on('message', (data) => {
        received.push(data);
        if (received.length === 1) client.send('{}\u001e');
      });
      resolve(client);
    });
  });
  const hub = signalRHub(`http://127.0.0.1:${String(server.address().port)}/hubs/collaboration`, null, new MessagePackHubProtocol());
  const heard = new Promise((resolve) => {
    hub.on('ReceiveEvents', (...args) => {
      resolve(args);
    });
  });
  const closed = new Promise((resolve) => {
    hub.onclose((error, allowReconnect) => {
      resolve([error?.message, allowReconnect]);
    });
  });
  await hub.start();
  expect(received[0]?.toString()).toContain('"protocol":"messagepack"');
  (await socket).send(message(1, {}, null, 'ReceiveEvents', ['run', [{ sequenceNumber: 7 }]], []));
  expect(await heard).toEqual(['run', [{ sequenceNumber: 7 }]]);
  (await socket).send(message(7, '[kicked] An administrator did.', true));
  expect(await closed).toEqual(['Server returned an error on close: [kicked] An administrator did.', true]);
  server.close();
});
