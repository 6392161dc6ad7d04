import { TestBed } from '@angular/core/testing';
import { Access } from '../identity/access';
import { FakeServer } from './fake-server.testing';
import { interval } from './samples';
import { aConnection, aHistory } from './readings.testing';
import { Watch } from './watch';

const pasted = `header.${btoa(JSON.stringify({ sub: 'ana', exp: Date.now() / 1000 + 3600 }))}.signature`;

describe('Watch', () => {
  let server: FakeServer;
  let isHidden: boolean;
  const start = async (): Promise<Watch> => {
    const watch = TestBed.inject(Watch);
    await settle();
    return watch;
  };
  /** Lets what has been answered arrive. */
  const settle = async (): Promise<void> => {
    TestBed.tick();
    await vi.advanceTimersByTimeAsync(0);
  };
  const pass = (ms: number): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);
  const see = async (isSeen: boolean): Promise<void> => {
    isHidden = !isSeen;
    document.dispatchEvent(new Event('visibilitychange'));
    await settle();
  };

  beforeEach(() => {
    localStorage.clear();
    sessionStorage.clear();
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    isHidden = false;
    vi.spyOn(document, 'hidden', 'get').mockImplementation(() => isHidden);
    server = new FakeServer();
    vi.stubGlobal('fetch', server.fetch);
    server.connections = [aConnection('s1')];
    server.history = null;
    TestBed.configureTestingModule({ providers: [Watch] });
  });

  afterEach(() => {
    TestBed.resetTestingModule();
    vi.useRealTimers();
    vi.restoreAllMocks();
    vi.unstubAllGlobals();
  });

  it('reads at once and every two seconds, and adds a sample each time', async () => {
    const watch = await start();
    expect(watch.latest()?.connections).toHaveLength(1);
    await pass(3 * interval);
    expect(server.readings).toBe(4);
    expect(watch.samples()).toHaveLength(4);
    expect([...server.tokens]).toEqual(['Bearer token-1']);
  });

  it('begins with what the servers remember, and asks for it again with every fifth reading', async () => {
    server.history = aHistory();
    const watch = await start();
    expect(watch.samples().map(({ connections }) => connections)).toEqual([7, 7, 7, 1]);
    expect(watch.history()?.samples).toHaveLength(3);
    await pass(9 * interval);
    expect([server.readings, server.asked.filter((request) => request.endsWith('/history')).length]).toEqual([10, 2]);
  });

  it('rests while the page is not seen', async () => {
    await start();
    await see(false);
    await pass(10 * interval);
    const before = server.readings;
    expect(before).toBeLessThanOrEqual(2);
    await see(true);
    expect(server.readings).toBe(before + 1);
    await pass(interval);
    expect(server.readings).toBe(before + 2);
  });

  it('ends with the page', async () => {
    await start();
    TestBed.resetTestingModule();
    await see(true);
    await pass(10 * interval);
    expect(server.readings).toBe(1);
  });

  it('goes on asking a server that is gone, and keeps what it knew', async () => {
    const watch = await start();
    server.refusal = 'gone';
    await pass(interval);
    expect(watch.problem()).toEqual({ kind: 'gone' });
    server.refusal = 503;
    await pass(interval);
    expect(watch.problem()).toEqual({ kind: 'trouble', status: 503 });
    expect(watch.latest()?.connections).toHaveLength(1);
    expect(watch.samples()).toHaveLength(1);
    server.refusal = null;
    await pass(interval);
    expect(watch.problem()).toBeNull();
    expect(watch.samples()).toHaveLength(2);
  });

  it('gets another token from a server in development that was started anew', async () => {
    const watch = await start();
    server.refusal = 401;
    await pass(interval);
    server.refusal = null;
    await pass(interval);
    expect(watch.problem()).toBeNull();
    expect([...server.tokens]).toEqual(['Bearer token-1', 'Bearer token-2']);
  });

  it('stops when the token is no administrator’s, and goes on with another one', async () => {
    server.isDevelopment = false;
    server.refusal = 403;
    const access = TestBed.inject(Access);
    access.paste(pasted);
    const watch = await start();
    expect(watch.problem()).toEqual({ kind: 'forbidden' });
    await pass(10 * interval);
    expect(server.readings).toBe(1);
    void access.change();
    await settle();
    server.refusal = null;
    access.paste(pasted);
    await settle();
    expect(watch.problem()).toBeNull();
    expect([...server.tokens]).toEqual([`Bearer ${pasted}`]);
  });

  it('asks for another token when the server does not take the pasted one', async () => {
    server.isDevelopment = false;
    server.refusal = 401;
    const access = TestBed.inject(Access);
    access.paste(pasted);
    await start();
    expect(access.isTokenNeeded()).toBe(true);
    expect(access.problem()).toContain('did not accept');
    await pass(10 * interval);
    expect(server.readings).toBe(1);
  });
});
