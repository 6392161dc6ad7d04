import { TransferFormat } from '@microsoft/signalr';
import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test, vi } from 'vitest';
import { openSocket } from '../src/socket.js';
import { SocketConnection } from '../src/socket-connection.js';

let server: Server | undefined;

afterEach(() => {
  server?.closeAllConnections();
  server?.close();
  vi.unstubAllGlobals();
});

test.each([
  ['https://collab.example.com/hubs/collaboration?run=r', 'a+b', 'wss://collab.example.com/hubs/collaboration?run=r&access_token=a%2Bb'],
  ['http://127.0.0.1:5080/hubs/collaboration?run=r', null, 'ws://127.0.0.1:5080/hubs/collaboration?run=r'],
])('A page has the token in the address: %s', (url, token, address) => {
  const opened: string[] = [];
  // eslint-disable-next-line @typescript-eslint/no-extraneous-class -- a constructor is all that is asked for
  const Socket = class {
    constructor(...args: string[]) {
      opened.push(...args);
    }
  };
  vi.stubGlobal('WebSocket', Socket);
  expect(openSocket(url, token)).toBeInstanceOf(Socket);
  expect(opened).toEqual([address]);
});

test('A connect that hangs can be given up, and leaves no socket', async () => {
  server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const asked = once(server, 'upgrade');
  const { port } = server.address() as AddressInfo;
  const connection = new SocketConnection(`http://127.0.0.1:${String(port)}/`, 'a token');
  const start = connection.start(TransferFormat.Text);
  const [{ headers }, socket] = (await asked) as [{ headers: Record<string, string> }, import('node:net').Socket];
  expect(headers['authorization']).toBe('Bearer a token');
  const closed = once(socket, 'end');
  socket.resume();
  await connection.stop();
  await expect(start).rejects.toThrow('did not open');
  await closed;
});

test('One that is given up before there is a socket opens none that stays', async () => {
  server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const connection = new SocketConnection(`http://127.0.0.1:${String(port)}/`, null);
  const start = connection.start(TransferFormat.Text);
  await connection.stop(new Error('No more.'));
  await expect(start).rejects.toThrow('No more.');
  await expect(connection.send('text')).rejects.toThrow('not open');
});
