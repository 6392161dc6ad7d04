import { RunConnection, type RunConnectionOptions } from '../../src/index.js';
import { answer, events, runId } from '../conformance/shorthand.js';
import { withSeams, type Seams } from '../../src/testing.js';
import { FakeClock, settle } from './fake-clock.js';
import { FakeServer } from './fake-server.js';
import { FakePage } from './stores.js';
import { tokenOf } from './token.js';

interface World {
  readonly run: RunConnection;
  readonly clock: FakeClock;
  readonly server: FakeServer;
  readonly page: FakePage;
  /** Answers the oldest request of that name that waits. */
  readonly reply: (name: string, result?: unknown) => Promise<void>;
  /** Connects, and the server answers with that run. */
  readonly live: (text?: Parameters<typeof answer>[0]) => Promise<void>;
  /** The newest connection gets these. */
  readonly receive: (...list: Parameters<typeof events>[0]) => void;
}

/** A client of alice, a server on which a test answers, and a clock. */
export function world(more: Partial<RunConnectionOptions> = {}, seams: Partial<Seams> = {}): World {
  const [clock, server, page] = [new FakeClock(), new FakeServer(), new FakePage()];
  const options = { runId, url: 'https://collab.test/', token: () => tokenOf('alice', null, 1), storage: null, ...more };
  const surroundings = { random: () => 1, clock, page, session: null, hub: server.hub, fetch: server.fetch };
  const run = new RunConnection(withSeams(options, { ...surroundings, ...seams }));
  const reply = async (name: string, result?: unknown) => {
    server.take((request) => request.name === name)?.resolve(result);
    await settle();
  };
  const live = async (text: Parameters<typeof answer>[0] = {}) => {
    run.connect();
    await settle();
    await reply('open');
    await reply('JoinRun', answer(text));
    await reply('Ping', { lastSequences: { [runId]: text.lastSequence ?? 0 } });
  };
  const receive = (...list: Parameters<typeof events>[0]) => {
    server.hubs.at(-1)?.call('ReceiveEvents', runId.toUpperCase(), events(list));
  };
  return { run, clock, server, page, reply, live, receive };
}
