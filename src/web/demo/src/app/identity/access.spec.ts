import { TestBed } from '@angular/core/testing';
import { Access } from './access';
import { Identity } from './identity';

const run = '550e8400-e29b-41d4-a716-446655440000';

function jwt(expiresInMs: number, claims: object = {}): string {
  return `header.${btoa(JSON.stringify({ sub: 'ana', exp: (Date.now() + expiresInMs) / 1000, ...claims }))}.signature`;
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

  it('has what the user of the token signs with, where the server hands it out', async () => {
    const access = TestBed.inject(Access);
    expect(access.signingSecret('ana')).toBeNull();
    await access.token();
    expect(access.signingSecret('ana')).toBeNull();
    answer = () => Response.json({ token: jwt(3_600_000), expiresAt: '', signingSecret: 'a secret' });
    await access.fresh();
    expect([access.signingSecret('ana'), access.signingSecret('bo')]).toEqual(['a secret', null]);
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

  it('needs a name only where one is of use, and not before that is known', async () => {
    TestBed.resetTestingModule();
    localStorage.clear();
    sessionStorage.clear();
    const [nameless, refusing] = [TestBed.inject(Access), () => new Response(null, { status: 404 })];
    expect(nameless.isNameNeeded()).toBe(false);
    await nameless.look();
    expect([nameless.isNameNeeded(), nameless.isTokenNeeded()]).toEqual([true, false]);
    TestBed.resetTestingModule();
    answer = refusing;
    const access = TestBed.inject(Access);
    await access.look();
    expect([access.isNameNeeded(), access.isTokenNeeded()]).toEqual([false, true]);
    TestBed.resetTestingModule();
    answer = () => {
      throw new Error('gone');
    };
    const silent = TestBed.inject(Access);
    await silent.look();
    expect([silent.isNameNeeded(), silent.isTokenNeeded()]).toEqual([true, false]);
  });

  it('takes nothing that cannot be a token, and says why', () => {
    const access = TestBed.inject(Access);
    for (const [text, problem] of [
      ['rubbish', 'not a JWT'],
      [`a.${btoa('{"exp":1}')}.c`, 'not a JWT'],
    ] as const) {
      access.paste(text);
      expect(access.problem()).toContain(problem);
      expect(access.hasPastedToken()).toBe(false);
    }
    access.paste(jwt(1000));
    expect(access.problem()).toBeNull();
  });

  it('does not hand on again what the server refused, and asks for others once', async () => {
    const access = TestBed.inject(Access);
    await access.token();
    access.refuse('development-token');
    answer = () => Response.json({ token: 'of-the-new-key', expiresAt: new Date(Date.now() + 3_600_000).toISOString() });
    expect(await Promise.all([access.token(), access.token()])).toEqual(['of-the-new-key', 'of-the-new-key']);
    expect(asked).toHaveLength(2);
    expect(access.isTokenNeeded()).toBe(false);
  });

  it('has a new token for somebody whose old one may be refused', async () => {
    const access = TestBed.inject(Access);
    await access.token();
    answer = () => Response.json({ token: 'of-the-new-key', expiresAt: new Date(Date.now() + 3_600_000).toISOString() });
    expect(await access.fresh()).toBe('of-the-new-key');
    expect(await access.token()).toBe('of-the-new-key');
  });

  it('has an administrator’s token beside a user’s', async () => {
    const access = TestBed.inject(Access);
    await access.token();
    await access.token('admin');
    await access.token('admin');
    expect(asked).toEqual(['/dev/token?user=ana%20b&access=*:write&admin=false', '/dev/token?user=ana%20b&access=*:write&admin=true']);
  });

  it('reads from the token whether a run may be changed', async () => {
    const access = TestBed.inject(Access);
    expect(access.mayWrite(run)).toBeNull();
    access.paste(jwt(3_600_000, { run_access: `${run}:read` }));
    await access.token();
    expect(access.mayWrite(run)).toBe(false);
    access.paste(jwt(3_600_000, { run_access: ['*:read', `${run}:write`] }));
    await access.token();
    expect(access.mayWrite(run)).toBe(true);
    access.paste(jwt(3_600_000));
    await access.token();
    expect(access.mayWrite(run)).toBeNull();
  });

  it('lets the user change the token, or go on with the old one', async () => {
    const access = TestBed.inject(Access);
    const [old, other] = [jwt(3_600_000), jwt(7_200_000)];
    access.paste(old);
    const keeping = access.change();
    expect([access.isAsking(), access.isOptional(), access.isTokenNeeded()]).toEqual([true, true, false]);
    access.paste('rubbish');
    expect(access.isAsking()).toBe(true);
    access.keep();
    expect([await keeping, access.isAsking(), await access.token()]).toEqual([false, false, old]);
    const changing = access.change();
    access.paste(other);
    expect([await changing, access.isAsking(), await access.token()]).toEqual([true, false, other]);
  });

  it('does not hold a new token to blame for an old one', () => {
    const access = TestBed.inject(Access);
    const old = jwt(3_600_000);
    access.paste(old);
    access.paste(jwt(7_200_000));
    access.refuse(old);
    expect(access.hasPastedToken()).toBe(true);
  });

  it('asks for another one when the server refuses the pasted one, or its time is over', async () => {
    const access = TestBed.inject(Access);
    const refused = jwt(3_600_000);
    access.paste(refused);
    access.refuse(refused);
    expect(access.isTokenNeeded()).toBe(true);
    expect(access.problem()).toContain('did not accept');
    access.paste(jwt(3_600_000));
    sessionStorage.setItem('collab.token', jwt(-1));
    answer = () => new Response(null, { status: 401 });
    TestBed.resetTestingModule();
    const later = TestBed.inject(Access);
    const token = later.token();
    await vi.waitFor(() => expect(later.isTokenNeeded()).toBe(true));
    expect(later.problem()).toBe('That token has expired.');
    const next = jwt(3_600_000);
    later.paste(next);
    expect(await token).toBe(next);
  });

  it('goes on saying what is wrong with a token while the connection asks again, and gives all who asked the next one', async () => {
    answer = () => new Response(null, { status: 401 });
    sessionStorage.setItem('collab.token', jwt(-1));
    const access = TestBed.inject(Access);
    const first = access.fresh();
    await vi.waitFor(() => expect(access.problem()).toBe('That token has expired.'));
    answer = () => new Response(null, { status: 404 });
    const second = access.fresh();
    await vi.waitFor(() => expect(access.isTokenNeeded()).toBe(true));
    expect(access.problem()).toBe('That token has expired.');
    const next = jwt(3_600_000);
    access.paste(next);
    expect(await Promise.all([first, second])).toEqual([next, next]);
    expect(access.problem()).toBeNull();
  });

  it('fails, to be tried again, while the server has trouble, and says so where it is not only silent', async () => {
    answer = () => new Response(null, { status: 503 });
    const access = TestBed.inject(Access);
    await expect(access.token()).rejects.toThrow('503');
    expect([access.isTokenNeeded(), access.failure()]).toEqual([false, 'The server answered 503.']);
    answer = () => {
      throw new TypeError('Failed to fetch');
    };
    await expect(access.token()).rejects.toThrow('does not answer');
    expect(access.failure()).toBeNull();
  });

  describe('on a machine whose clock is an hour ahead', () => {
    const life = 3_600_000;
    const aged = (): string => jwt(-1, { iat: Date.now() / 1000 - 3600 });

    it('uses a pasted token that the server takes', async () => {
      const access = TestBed.inject(Access);
      answer = () => Response.json({ runs: [] });
      access.paste(aged());
      expect(access.problem()).toBeNull();
      expect(await access.token()).toBe(sessionStorage.getItem('collab.token'));
      expect(access.isTokenNeeded()).toBe(false);
    });

    it('asks a server in development once for each life of a token', async () => {
      const access = TestBed.inject(Access);
      const token = aged();
      answer = () => Response.json({ token, expiresAt: new Date(Date.now() - 1).toISOString() });
      vi.useFakeTimers({ toFake: ['performance'] });
      try {
        for (let i = 0; i < 3; i++) expect(await access.token()).toBe(token);
        expect(asked).toHaveLength(1);
        vi.advanceTimersByTime(life);
        await access.token();
        expect(asked).toHaveLength(2);
      } finally {
        vi.useRealTimers();
      }
    });
  });
});
