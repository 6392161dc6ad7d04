import { Hub, withSeams } from '@collab/client/testing';
import { CollabOptions } from '../options';

const epoch = 'epoch-1';

/** A server that answers at once, for one run at a time. */
export class FakeServer {
  /** What users are called. */
  userNames: Readonly<Record<string, string>> = {};
  /** The calls that came, in order. */
  readonly calls: { readonly method: string; readonly args: readonly unknown[] }[] = [];
  /** What a join tells. */
  history: readonly object[] = [];
  activeUsers: readonly string[] = ['ana'];
  /** The run that nobody may see; null: none. */
  forbidden: string | null = null;
  private readonly hubs: FakeHub[] = [];
  private lastSequence = 0;

  readonly options: CollabOptions & { readonly token: () => string } = withSeams(
    {
      url: 'http://collab.test',
      token: () => `header.${btoa(JSON.stringify({ sub: 'ana' }))}.signature`,
      storage: null,
    },
    {
      session: null,
      hub: () => {
        const hub = new FakeHub(this);
        this.hubs.push(hub);
        return hub;
      },
    },
  );

  get connections(): number {
    return this.hubs.length;
  }

  /** Sends events to the newest connection. */
  emit(runId: string, ...events: readonly object[]): void {
    this.hubs.at(-1)?.receive(runId, events);
  }

  /** Ends the newest connection, like `end('shutdown', 'The server restarts.')`. */
  end(code: string, sentence: string, allowReconnect = true): void {
    this.hubs.at(-1)?.hangUp(new Error(`Server returned an error on close: [${code}] ${sentence}`), allowReconnect);
  }

  answer(method: string, args: readonly unknown[]): unknown {
    this.calls.push({ method, args });
    switch (method) {
      case 'JoinRun':
        if (args[0] === this.forbidden) throw new Error('[forbidden] You may not read this run.');
        this.lastSequence = this.history.length;
        return {
          runId: args[0],
          epoch,
          events: this.history,
          lastSequence: this.lastSequence,
          oldestSequence: 1,
          truncated: false,
          state: null,
          activeUsers: this.activeUsers,
          cursorPositions: {},
          userNames: this.userNames,
        };
      case 'Publish':
        return this.acknowledge(args[3]);
      case 'PublishBatch':
        return (args[1] as { messageId: string }[]).map(({ messageId }) => ({ ack: this.acknowledge(messageId) }));
      default:
        return {};
    }
  }

  private acknowledge(messageId: unknown): object {
    return { messageId, sequenceNumber: ++this.lastSequence, timestamp: 1, duplicate: false };
  }
}

class FakeHub implements Hub {
  private readonly handlers = new Map<string, (...args: unknown[]) => void>();

  constructor(private readonly server: FakeServer) {}

  start(): Promise<void> {
    return Promise.resolve();
  }

  stop(): Promise<void> {
    this.handlers.clear();
    return Promise.resolve();
  }

  invoke(method: string, ...args: readonly unknown[]): Promise<unknown> {
    return Promise.resolve().then(() => this.server.answer(method, args));
  }

  send(method: string, ...args: readonly unknown[]): Promise<void> {
    this.server.answer(method, args);
    return Promise.resolve();
  }

  on(method: string, handler: (...args: unknown[]) => void): void {
    this.handlers.set(method, handler);
  }

  onclose(handler: (error?: Error, allowReconnect?: boolean | null) => void): void {
    this.hangUp = handler;
  }

  hangUp: (error?: Error, allowReconnect?: boolean | null) => void = () => undefined;

  receive(runId: string, events: readonly object[]): void {
    this.handlers.get('ReceiveEvents')?.(runId, events);
  }
}

/** A graft as the server sends it. */
export function graft(sequenceNumber: number, runId = runOne): object {
  return {
    runId,
    sequenceNumber,
    eventType: 'GRAFT',
    userId: 'bo',
    timestamp: 1_760_000_000_000 + sequenceNumber,
    data: { after: `step-${sequenceNumber}`, agentName: 'scanner' },
    isCritical: true,
    messageId: `00000000-0000-7000-8000-${String(sequenceNumber).padStart(12, '0')}`,
  };
}

export const runOne = '11111111-1111-4111-8111-111111111111';
export const runTwo = '22222222-2222-4222-8222-222222222222';
