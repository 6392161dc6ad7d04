import {
  HubConnection,
  JsonHubProtocol,
  MessageType,
  NullLogger,
  type HubMessage,
  type IHubProtocol,
  type ILogger,
  type TransferFormat,
} from '@microsoft/signalr';
import type { Hub } from './seams.js';
import { SocketConnection } from './socket-connection.js';

/** What SignalR's builder calls, and its types leave out: a hub connection over any connection. The version of SignalR is pinned for it. */
type Create = (connection: SocketConnection, logger: ILogger, protocol: IHubProtocol) => HubConnection;

/**
 * A hub connection of the official client, over WebSockets and nothing else: without negotiation there is one round trip less, and any
 * server behind a load balancer will do. Where WebSockets are blocked this client polls in its own way.
 * @param token Null: none, the user is signed in by a cookie.
 */
export function signalRHub(url: string, token: string | null, hubProtocol: IHubProtocol = new JsonHubProtocol()): Hub {
  const protocol = new WatchedProtocol(hubProtocol);
  const factory = HubConnection as unknown as { readonly create: Create };
  const connection = factory.create(new SocketConnection(url, token), NullLogger.instance, protocol);
  return {
    start: () => connection.start(),
    stop: () => connection.stop().catch(() => undefined),
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
