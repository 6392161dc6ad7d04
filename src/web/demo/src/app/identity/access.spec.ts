import { TestBed } from '@angular/core/testing';
import { Access } from './access';
import { Identity } from './identity';

describe('Access', () => {
  const asked: string[] = [];
  let answer: () => Response;

  beforeEach(() => {
    localStorage.clear();
    sessionStorage.clear();
    asked.length = 0;
    answer = () => Response.json({ token: 'development-token', expiresAt: new Date(Date.now() + 3_600_000).toISOString() });
    vi.stubGlobal('fetch', (url: string) => {
      asked.push(url);
      return Promise.resolve(answer());
    });
    TestBed.inject(Identity).choose('ana b');
  });

  afterEach(() => vi.unstubAllGlobals());

  it('gets a token from a server in development, and uses it until it ends', async () => {
    const access = TestBed.inject(Access);
    expect(await access.token()).toBe('development-token');
    expect(await access.token()).toBe('development-token');
    expect(asked).toEqual(['/dev/token?user=ana%20b&access=*:write&admin=false']);
    expect(access.isTokenNeeded()).toBe(false);
    expect(access.isDevelopment()).toBe(true);
  });

  it('gets another one for another user, and when the old one is about to end', async () => {
    const access = TestBed.inject(Access);
    await access.token();
    TestBed.inject(Identity).choose('bo');
    answer = () => Response.json({ token: 'short', expiresAt: new Date(Date.now() + 1000).toISOString() });
    expect(await access.token()).toBe('short');
    expect(await access.token()).toBe('short');
    expect(asked).toHaveLength(3);
  });

  it('waits for a pasted token where the server hands out none, and keeps it for the tab', async () => {
    answer = () => new Response(null, { status: 404 });
    const access = TestBed.inject(Access);
    const token = access.token();
    await vi.waitFor(() => expect(access.isTokenNeeded()).toBe(true));
    access.paste('  Bearer pasted-token ');
    expect(await token).toBe('pasted-token');
    expect(access.isTokenNeeded()).toBe(false);
    TestBed.resetTestingModule();
    expect(await TestBed.inject(Access).token()).toBe('pasted-token');
    expect(asked).toHaveLength(1);
  });

  it('asks for another one when the pasted one is forgotten', async () => {
    answer = () => new Response(null, { status: 404 });
    const access = TestBed.inject(Access);
    access.paste('old');
    access.forget();
    const token = access.token();
    await vi.waitFor(() => expect(access.isTokenNeeded()).toBe(true));
    access.paste('new');
    expect(await token).toBe('new');
  });

  it('fails, to be tried again, while the server has trouble', async () => {
    answer = () => new Response(null, { status: 503 });
    const access = TestBed.inject(Access);
    await expect(access.token()).rejects.toThrow('503');
    expect(access.isTokenNeeded()).toBe(false);
  });
});
