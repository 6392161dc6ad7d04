import {
  HttpTransportType,
  HubConnectionBuilder,
  HubConnectionState,
  JsonHubProtocol,
  LogLevel,
  MessageType,
  type HubMessage,
  type IHttpConnectionOptions,
  type IHubProtocol,
  type TransferFormat,
} from '@microsoft/signalr';
import type { Hub } from './seams.js';

/**
 * A hub connection of the official client, over WebSockets and nothing else: without negotiation there is one round trip less, and any
 * server behind a load balancer will do. Where WebSockets are blocked this client polls in its own way.
 * @param token Null: none, the user is signed in by a cookie.
 */
export function signalRHub(url: string, token: string | null, hubProtocol: IHubProtocol = new JsonHubProtocol()): Hub {
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
  const protocol = new WatchedProtocol(hubProtocol);
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

/** A protocol of SignalR's that takes note of what its client keeps to itself: whether the server's close message allows to come back. */
class WatchedProtocol implements IHubProtocol {
  readonly #inner: IHubProtocol;
  allowReconnect: boolean | null = null;

  constructor(inner: IHubProtocol) {
    this.#inner = inner;
  }

  get name(): string {
    return this.#inner.name;
  }

  get version(): number {
    return this.#inner.version;
  }

  get transferFormat(): TransferFormat {
    return this.#inner.transferFormat;
  }

  parseMessages(...args: Parameters<IHubProtocol['parseMessages']>): HubMessage[] {
    const messages = this.#inner.parseMessages(...args);
    for (const message of messages) if (message.type === MessageType.Close) this.allowReconnect = message.allowReconnect === true;
    return messages;
  }

  writeMessage(message: HubMessage): string | ArrayBuffer {
    return this.#inner.writeMessage(message);
  }
}
