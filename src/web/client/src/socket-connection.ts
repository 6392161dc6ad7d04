import { TransferFormat } from '@microsoft/signalr';
import { openSocket } from '#socket';

/**
 * A WebSocket as SignalR's hub connections want their connections. SignalR's own looks for `ws` with `require` on Node, and throws where a
 * bundle has none; it cannot give up a connect that hangs; and it brings transports that this client never uses. One of these connects
 * once.
 */
export class SocketConnection {
  /** Where SignalR takes notes; it needs none here. */
  readonly features: Readonly<Record<string, unknown>> = {};
  readonly baseUrl: string;
  onreceive: ((data: string | ArrayBuffer) => void) | null = null;
  onclose: ((error?: Error) => void) | null = null;
  readonly #token: string | null;
  #socket: WebSocket | null = null;
  #isOpen = false;
  #isOver = false;
  #fail: (error: Error) => void = () => undefined;

  constructor(baseUrl: string, token: string | null) {
    this.baseUrl = baseUrl;
    this.#token = token;
  }

  start(format: TransferFormat): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#fail = reject;
      const opened = () => {
        this.#isOpen = true;
        resolve();
      };
      Promise.resolve(openSocket(this.baseUrl, this.#token)).then((socket) => {
        this.#use(socket, format, opened);
      }, reject);
    });
  }

  /** What is sent before {@link stop} still goes out. */
  send(data: string | ArrayBuffer): Promise<void> {
    if (this.#socket?.readyState !== 1) return Promise.reject(new Error('The WebSocket is not open.'));
    this.#socket.send(data);
    return Promise.resolve();
  }

  /** Done at once: where the network is gone, a WebSocket takes long to say that it is closed. */
  stop(error?: Error): Promise<void> {
    this.#end(error);
    return Promise.resolve();
  }

  #use(socket: WebSocket, format: TransferFormat, opened: () => void): void {
    // All that it tells comes with the end too, but on Node an error that nobody listens to ends the process.
    socket.onerror = () => undefined;
    if (this.#isOver) {
      socket.close();
      return;
    }
    this.#socket = socket;
    if (format === TransferFormat.Binary) socket.binaryType = 'arraybuffer';
    socket.onopen = opened;
    socket.onmessage = ({ data }: MessageEvent<string | ArrayBuffer>) => {
      try {
        this.onreceive?.(data);
      } catch (error) {
        this.#end(error instanceof Error ? error : new Error(String(error)));
      }
    };
    socket.onclose = ({ wasClean, code, reason }) => {
      this.#end(
        wasClean && code === 1000 ? undefined : new Error(`The WebSocket was closed: ${String(code)} (${reason || 'no reason given'}).`),
      );
    };
  }

  #end(error?: Error): void {
    if (this.#isOver) return;
    this.#isOver = true;
    const socket = this.#socket;
    this.#socket = null;
    if (socket !== null) {
      socket.onopen = socket.onmessage = socket.onclose = null;
      socket.close();
    }
    if (this.#isOpen) this.onclose?.(error);
    else this.#fail(error ?? new Error('The WebSocket did not open.'));
  }
}
