import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { signalRHub } from '../src/signalr-hub.js';

// The official client against a WebSocket server that speaks as much of the hub protocol as is needed.

interface Socket {
  on(event: 'message', handler: (data: Buffer) => void): void;
  send(text: string): void;
  terminate(): void;
}
interface SocketServer {
  on(event: 'connection', handler: (socket: Socket, request: IncomingMessage) => void): void;
  address(): AddressInfo;
  close(): void;
}
interface Message {
  readonly type?: number;
  readonly protocol?: string;
  readonly target?: string;
  readonly arguments?: unknown[];
  readonly invocationId?: string;
}
const { Server } = createRequire(import.meta.url)('ws') as { Server: new (options: object) => SocketServer };

let server: SocketServer;
let url = '';
let asked: { socket: Socket; request: IncomingMessage };
const messages: Message[] = [];
let answers = (socket: Socket, message: Message) => {
  if (message.protocol !== undefined) write(socket, {});
};

const write = (socket: Socket, message: object) => {
  socket.send(JSON.stringify(message) + '\u001e');
};

beforeEach(async () => {
  server = new Server({ host: '127.0.0.1', port: 0 });
  await once(server as never, 'listening');
  url = `http://127.0.0.1:${String(server.address().port)}/hubs/collaboration?clientId=tab`;
  messages.length = 0;
  server.on('connection', (socket, request) => {
    asked = { socket, request };
    socket.on('message', (data) => {
      for (const text of data.toString().split('\u001e').filter(Boolean)) {
        const message = JSON.parse(text) as Message;
        messages.push(message);
        answers(socket, message);
      }
    });
  });
});

afterEach(() => {
  asked.socket.terminate();
  server.close();
});

test('It connects without negotiation, calls, is called, and closes', async () => {
  answers = (socket, message) => {
    if (message.protocol !== undefined) write(socket, {});
    else if (message.invocationId !== undefined && message.target === 'JoinRun') {
      write(socket, { type: 1, target: 'ReceiveEvents', arguments: ['run', [7]] });
      write(socket, { type: 3, invocationId: message.invocationId, result: { epoch: 'e' } });
    } else if (message.invocationId !== undefined) write(socket, { type: 3, invocationId: message.invocationId, error: '[forbidden] No.' });
  };
  const hub = signalRHub(url, 'the token');
  const called: unknown[][] = [];
  hub.on('ReceiveEvents', (...args) => called.push(args));
  await hub.start();
  expect(asked.request.url).toBe('/hubs/collaboration?clientId=tab');
  expect(asked.request.headers.authorization).toBe('Bearer the token');
  expect(await hub.invoke('JoinRun', 'run', null)).toEqual({ epoch: 'e' });
  expect(called).toEqual([['run', [7]]]);
  await expect(hub.invoke('Publish', 'run', 'FLAG', {}, 'm')).rejects.toThrow('[forbidden] No.');
  await hub.send('MoveCursor', 'run', 'PM');
  const closed = new Promise((resolve) => {
    hub.onclose(resolve);
  });
  await hub.stop();
  expect(await closed).toBeUndefined();
  const [{ arguments: args } = {}] = messages.filter((message) => message.target === 'JoinRun');
  expect(args).toEqual(['run', null]);
});

test('A server that hangs up before the handshake makes the start fail', async () => {
  answers = (socket) => {
    socket.terminate();
  };
  const hub = signalRHub(url, 't');
  await expect(hub.start()).rejects.toThrow();
  await hub.stop();
});

test('A connection that is cut tells so', async () => {
  answers = (socket, message) => {
    if (message.protocol !== undefined) write(socket, {});
  };
  const hub = signalRHub(url, 't');
  const closed = new Promise((resolve) => {
    hub.onclose(resolve);
  });
  await hub.start();
  asked.socket.terminate();
  expect(await closed).toBeInstanceOf(Error);
});

test.each([
  [{ type: 7, error: '[revoked] No more.', allowReconnect: true }, true],
  [{ type: 7, error: '[revoked] No more.', allowReconnect: false }, false],
  [{ type: 7, error: '[revoked] No more.' }, false],
])('A connection that the server ends says why, and whether to come back: %o', async (message, comesBack) => {
  answers = (socket, { protocol }) => {
    if (protocol !== undefined) write(socket, {});
  };
  const hub = signalRHub(url, null);
  const closed = new Promise((resolve) => {
    hub.onclose((error, allowReconnect) => {
      resolve([error?.message, allowReconnect]);
    });
  });
  await hub.start();
  expect(asked.request.headers.authorization).toBeUndefined();
  write(asked.socket, message);
  expect(await closed).toEqual(['Server returned an error on close: [revoked] No more.', comesBack]);
});
