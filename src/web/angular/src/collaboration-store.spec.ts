import { effect, Injector, signal, WritableSignal } from '@angular/core';
import { TestBed } from '@angular/core/testing';
import { CollaborationStore } from './collaboration-store';
import { provideCollab } from './provide-collab';
import { FakeServer, graft, runOne, runTwo } from './testing/fake-hub';

function setUp(): { server: FakeServer; store: CollaborationStore } {
  const server = new FakeServer();
  TestBed.configureTestingModule({ providers: [provideCollab(server.options)] });
  return { server, store: TestBed.inject(CollaborationStore) };
}

const isLive = (store: CollaborationStore): Promise<void> => vi.waitFor(() => expect(store.connection().kind).toBe('live'));

describe('CollaborationStore', () => {
  it('shows nothing before it is connected, and sends nothing', async () => {
    const { store, server } = setUp();
    expect(store.connection()).toEqual({ kind: 'idle' });
    expect(store.isConnected()).toBe(false);
    expect(store.events()).toEqual([]);
    await expect(store.graft('PM', 'scanner')).rejects.toMatchObject({ code: 'closed' });
    expect(server.calls).toEqual([]);
  });

  it('shows what the run is like once it is connected', async () => {
    const { store, server } = setUp();
    server.history = [graft(1), graft(2)];
    server.activeUsers = ['ana', 'bo'];
    store.connect(runOne);
    await isLive(store);
    expect(store.runId()).toBe(runOne);
    expect(store.userId()).toBe('ana');
    expect(store.isConnected()).toBe(true);
    expect(store.events().map((event) => event.sequenceNumber)).toEqual([1, 2]);
    expect(store.lastSequence()).toBe(2);
    expect(Object.keys(store.state().grafts)).toEqual(['step-1', 'step-2']);
    expect(store.activeUsers()).toEqual(['ana', 'bo']);
  });

  it('names the first event that is not as it was signed', async () => {
    const server = new FakeServer();
    const signingKeys = ['2026:a secret of thirty-two bytes or more'];
    TestBed.configureTestingModule({ providers: [provideCollab({ ...server.options, signingKeys })] });
    const store = TestBed.inject(CollaborationStore);
    server.history = [graft(1), { ...graft(2), signature: `2026.${'a'.repeat(43)}` }, graft(3)];
    store.connect(runOne);
    await vi.waitFor(() => expect(store.wrong()).toMatchObject({ sequenceNumber: 2, reason: 'changed' }));
  });

  it('changes its signals once for all that arrives within a frame', async () => {
    const { store, server } = setUp();
    store.connect(runOne);
    await isLive(store);
    const before = store.events();
    for (let sequence = 1; sequence <= 50; sequence++) server.emit(runOne, graft(sequence));
    await Promise.resolve();
    expect(store.events()).toBe(before);
    await vi.waitFor(() => expect(store.events()).not.toBe(before));
    expect(store.events()).toHaveLength(50);
  });

  it('tells listeners of each event, and which were there before', async () => {
    const { store, server } = setUp();
    const heard: string[] = [];
    const stop = store.onEvent((event, origin) => heard.push(`${origin} ${event.sequenceNumber ?? event.eventType}`));
    server.history = [graft(1)];
    store.connect(runOne);
    await isLive(store);
    server.emit(runOne, graft(2), { eventType: 'USER_JOIN', userId: 'bo', isCritical: false });
    stop();
    server.emit(runOne, graft(3));
    expect(heard).toEqual(['replayed 1', 'live 2', 'live USER_JOIN']);
  });

  it('publishes grafts, prunes, flags and other events', async () => {
    const { store, server } = setUp();
    store.connect(runOne);
    await isLive(store);
    const acks = await Promise.all([
      store.graft('PM', 'scanner'),
      store.prune('SRE', true),
      store.flag('SRE'),
      store.publish('DEPLOY', { to: 'staging' }),
    ]);
    expect(acks.map((ack) => ack.sequenceNumber)).toEqual([1, 2, 3, 4]);
    const [first, others] = server.calls.filter(({ method }) => method.startsWith('Publish')).map(({ args }) => args);
    expect(first?.slice(0, 3)).toEqual([runOne, 'GRAFT', { after: 'PM', agentName: 'scanner' }]);
    expect(others?.[1]).toMatchObject([
      { eventType: 'PRUNE', data: { stepId: 'SRE', isPruned: true } },
      { eventType: 'FLAG', data: { stepId: 'SRE', note: null } },
      { eventType: 'DEPLOY', data: { to: 'staging' } },
    ]);
  });

  it('connects once to a run, and anew after it left', async () => {
    const { store, server } = setUp();
    store.connect(runOne);
    store.connect(runOne);
    await isLive(store);
    expect(server.connections).toBe(1);
    store.disconnect();
    store.connect(runOne);
    await isLive(store);
    expect(server.connections).toBe(2);
  });

  it('keeps what it showed when it leaves, and is no longer connected', async () => {
    const { store, server } = setUp();
    server.history = [graft(1)];
    store.connect(runOne);
    await isLive(store);
    store.disconnect();
    expect(store.connection()).toEqual({ kind: 'closed', error: null });
    expect(store.isConnected()).toBe(false);
    expect(store.events()).toHaveLength(1);
  });

  it('shows only the run that it follows now', async () => {
    const { store, server } = setUp();
    server.history = [graft(1)];
    store.connect(runOne);
    await isLive(store);
    server.history = [];
    store.connect(runTwo);
    expect(store.events()).toEqual([]);
    await isLive(store);
    server.emit(runOne, graft(1));
    server.emit(runTwo, graft(1, runTwo));
    await vi.waitFor(() => expect(store.events()).toHaveLength(1));
    expect(store.events()[0]?.runId).toBe(runTwo);
  });

  it('tells the other listeners too when one of them fails', async () => {
    const { store, server } = setUp();
    const surfaced = vi.fn();
    vi.stubGlobal('queueMicrotask', (failure: () => void) => {
      try {
        failure();
      } catch (error) {
        surfaced(error);
      }
    });
    try {
      const heard: unknown[] = [];
      store.onEvent(() => {
        throw new Error('of the application');
      });
      const stop = store.onEvent((event) => heard.push(event.sequenceNumber));
      store.onEvent(() => stop());
      store.connect(runOne);
      await isLive(store);
      server.emit(runOne, graft(1));
      server.emit(runOne, graft(2));
      expect(heard).toEqual([1]);
      expect(surfaced.mock.calls.map(([error]) => String(error))).toEqual(['Error: of the application', 'Error: of the application']);
    } finally {
      vi.unstubAllGlobals();
    }
  });

  it('leaves the run when the application is destroyed', async () => {
    const { store } = setUp();
    store.connect(runOne);
    await isLive(store);
    TestBed.resetTestingModule();
    expect(store.connection().kind).toBe('closed');
  });
});

describe('CollaborationStore in an effect', () => {
  function follow(server: FakeServer): { store: CollaborationStore; runId: WritableSignal<string>; runs: () => number } {
    TestBed.configureTestingModule({ providers: [provideCollab(server.options)] });
    const store = TestBed.inject(CollaborationStore);
    const runId = signal(runOne);
    let runs = 0;
    effect(
      () => {
        runs++;
        store.connect(runId());
      },
      { injector: TestBed.inject(Injector) },
    );
    TestBed.tick();
    return { store, runId, runs: () => runs };
  }

  const settle = async (): Promise<void> => {
    for (let i = 0; i < 20; i++) {
      await new Promise((resolve) => setTimeout(resolve, 10));
      TestBed.tick();
    }
  };

  it('has connected once for each run, whatever the connection does', async () => {
    const server = new FakeServer();
    const { store, runId, runs } = follow(server);
    await isLive(store);
    runId.set(runTwo);
    TestBed.tick();
    await isLive(store);
    server.emit(runTwo, graft(1, runTwo));
    await settle();
    expect([runs(), server.connections]).toEqual([2, 2]);
  });

  it('asks once for a run that one may not see', async () => {
    const server = new FakeServer();
    const { store, runId } = follow(server);
    await isLive(store);
    server.forbidden = runTwo;
    runId.set(runTwo);
    TestBed.tick();
    await settle();
    expect(store.connection()).toMatchObject({ kind: 'closed', error: { code: 'forbidden' } });
    expect(server.connections).toBe(2);
  });

  it('stays disconnected after a change of run', async () => {
    const { store, runId } = follow(new FakeServer());
    await isLive(store);
    runId.set(runTwo);
    TestBed.tick();
    await isLive(store);
    store.disconnect();
    await settle();
    expect(store.connection().kind).toBe('closed');
  });

  it('does not connect again when something changes that the token was made of', async () => {
    const user = signal('ana');
    const server = new FakeServer();
    const { token } = server.options;
    const asked: string[] = [];
    const options = { ...server.options, token: () => (asked.push(user()), token()) };
    TestBed.configureTestingModule({ providers: [provideCollab(options)] });
    const store = TestBed.inject(CollaborationStore);
    effect(() => store.connect(runOne), { injector: TestBed.inject(Injector) });
    TestBed.tick();
    await isLive(store);
    store.disconnect();
    user.set('bo');
    await settle();
    expect(asked).toEqual(['ana']);
    expect(store.connection().kind).toBe('closed');
  });
});
