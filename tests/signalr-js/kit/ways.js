import { HttpTransportType } from '@microsoft/signalr';
import { MessagePackHubProtocol } from '@microsoft/signalr-protocol-msgpack';

/** Each transport with each protocol that it can carry, by name: server-sent events are text. */
export function ways() {
  const { WebSockets, ServerSentEvents, LongPolling } = HttpTransportType;
  const protocol = new MessagePackHubProtocol();
  return Object.entries({
    WebSockets: { transport: WebSockets },
    ServerSentEvents: { transport: ServerSentEvents },
    LongPolling: { transport: LongPolling },
    'WebSockets, MessagePack': { transport: WebSockets, protocol },
    'LongPolling, MessagePack': { transport: LongPolling, protocol },
  });
}
