import { HttpTransportType, HubConnectionBuilder, HubConnectionState, LogLevel, type IHttpConnectionOptions } from '@microsoft/signalr';
import type { Hub } from './seams.js';

/**
 * A hub connection of the official client, over WebSockets and nothing else: without negotiation there is one round trip less, and any
 * server behind a load balancer will do. Where WebSockets are blocked this client polls in its own way.
 */
export function signalRHub(url: string, token: string): Hub {
  let socket: WebSocket | null = null;
  const options: IHttpConnectionOptions & { WebSocket?: typeof WebSocket } = {
    skipNegotiation: true,
    transport: HttpTransportType.WebSockets,
    accessTokenFactory: () => token,
  };
  // SignalR cannot give up a connect that hangs, and browsers make the next attempt wait for it.
  if (typeof window !== 'undefined' && typeof window.WebSocket === 'function') {
    options.WebSocket = class extends window.WebSocket {
      constructor(...args: ConstructorParameters<typeof WebSocket>) {
        super(...args);
        // eslint-disable-next-line @typescript-eslint/no-this-alias -- the only way to get hold of it
        socket = this;
      }
    };
  }
  const connection = new HubConnectionBuilder().withUrl(url, options).configureLogging(LogLevel.None).build();
  return {
    start: () => connection.start(),
    stop: async () => {
      if (connection.state !== HubConnectionState.Connected) socket?.close();
      await connection.stop().catch(() => undefined);
    },
    invoke: (method, ...args) => connection.invoke<unknown>(method, ...args),
    send: (method, ...args) => connection.send(method, ...args),
    on: (method, handler) => {
      connection.on(method, handler);
    },
    onclose: (handler) => {
      connection.onclose(handler);
    },
  };
}
