import { TestBed } from '@angular/core/testing';
import { Access } from './access';
import { Identity } from './identity';

function jwt(expiresInMs: number, sub: string | undefined = 'ana'): string {
  return `header.${btoa(JSON.stringify({ sub, exp: (Date.now() + expiresInMs) / 1000 }))}.signature`;
}

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
    const pasted = jwt(3_600_000);
    access.paste(`  Bearer ${pasted} `);
    expect(await token).toBe(pasted);
    expect(access.isTokenNeeded()).toBe(false);
    TestBed.resetTestingModule();
    expect(await TestBed.inject(Access).token()).toBe(pasted);
    expect(asked).toHaveLength(1);
  });

  it('takes nothing that cannot be a token, and says why', () => {
    const access = TestBed.inject(Access);
    for (const [text, problem] of [
      ['rubbish', 'not a JWT'],
      [`a.${btoa('{"exp":1}')}.c`, 'not a JWT'],
      [jwt(-1000), 'expired'],
    ] as const) {
      access.paste(text);
      expect(access.problem()).toContain(problem);
      expect(access.hasPastedToken()).toBe(false);
    }
    access.paste(jwt(1000));
    expect(access.problem()).toBeNull();
  });

  it('asks for another one when the server refuses the pasted one, or its time is over', async () => {
    const access = TestBed.inject(Access);
    access.paste(jwt(3_600_000));
    access.refuse();
    expect(access.isTokenNeeded()).toBe(true);
    expect(access.problem()).toContain('did not accept');
    access.paste(jwt(3_600_000));
    sessionStorage.setItem('collab.token', jwt(-1));
    TestBed.resetTestingModule();
    const later = TestBed.inject(Access);
    const token = later.token();
    expect(later.isTokenNeeded()).toBe(true);
    const next = jwt(3_600_000);
    later.paste(next);
    expect(await token).toBe(next);
  });

  it('fails, to be tried again, while the server has trouble', async () => {
    answer = () => new Response(null, { status: 503 });
    const access = TestBed.inject(Access);
    await expect(access.token()).rejects.toThrow('503');
    expect(access.isTokenNeeded()).toBe(false);
  });
});
