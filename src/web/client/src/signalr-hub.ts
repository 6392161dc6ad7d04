import {
  HttpTransportType,
  HubConnectionBuilder,
  HubConnectionState,
  JsonHubProtocol,
  LogLevel,
  MessageType,
  type IHttpConnectionOptions,
} from '@microsoft/signalr';
import type { Hub } from './seams.js';

/**
 * A hub connection of the official client, over WebSockets and nothing else: without negotiation there is one round trip less, and any
 * server behind a load balancer will do. Where WebSockets are blocked this client polls in its own way.
 * @param token Null: none, the user is signed in by a cookie.
 */
export function signalRHub(url: string, token: string | null): Hub {
  let socket: WebSocket | null = null;
  const options: IHttpConnectionOptions & { WebSocket?: typeof WebSocket } = {
    skipNegotiation: true,
    transport: HttpTransportType.WebSockets,
    ...(token !== null && { accessTokenFactory: () => token }),
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
  const protocol = new WatchedProtocol();
  const builder = new HubConnectionBuilder().withUrl(url, options).withHubProtocol(protocol);
  const connection = builder.configureLogging(LogLevel.None).build();
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
      connection.onclose((error) => {
        handler(error, protocol.allowReconnect);
      });
    },
  };
}

/** SignalR's own, and takes note of what its client keeps to itself: whether the server's close message allows to come back. */
class WatchedProtocol extends JsonHubProtocol {
  allowReconnect: boolean | null = null;

  override parseMessages(...args: Parameters<JsonHubProtocol['parseMessages']>): ReturnType<JsonHubProtocol['parseMessages']> {
    const messages = super.parseMessages(...args);
    for (const message of messages) if (message.type === MessageType.Close) this.allowReconnect = message.allowReconnect === true;
    return messages;
  }
}
