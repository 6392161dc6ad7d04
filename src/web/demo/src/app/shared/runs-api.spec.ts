import { TestBed } from '@angular/core/testing';
import { Access } from '../identity/access';
import { RunsApi } from './runs-api';

describe('RunsApi', () => {
  const tokens: string[] = [];
  let good: string;
  let handedOut: number;
  let isDevelopment: boolean;

  beforeEach(() => {
    localStorage.clear();
    sessionStorage.clear();
    tokens.length = 0;
    handedOut = 0;
    isDevelopment = true;
    vi.stubGlobal('fetch', (url: string, init: RequestInit) => {
      if (url.startsWith('/dev/token')) {
        if (!isDevelopment) return Promise.resolve(new Response(null, { status: 404 }));
        const expiresAt = new Date(Date.now() + 3_600_000).toISOString();
        return Promise.resolve(Response.json({ token: `token-${++handedOut}`, expiresAt }));
      }
      const token = new Headers(init.headers).get('authorization') ?? '';
      tokens.push(token);
      return Promise.resolve(
        token === `Bearer ${good}` ? Response.json({ runs: [], nextCursor: null }) : new Response(null, { status: 401 }),
      );
    });
  });

  afterEach(() => vi.unstubAllGlobals());

  it('asks again with a new token when the server has another key than before', async () => {
    const api = TestBed.inject(RunsApi);
    good = 'token-1';
    await api.list();
    good = 'token-2';
    await api.list();
    expect(tokens).toEqual(['Bearer token-1', 'Bearer token-1', 'Bearer token-2']);
    expect(TestBed.inject(Access).isTokenNeeded()).toBe(false);
  });

  it('fails when the new token is refused as well', async () => {
    good = 'none';
    await expect(TestBed.inject(RunsApi).list()).rejects.toMatchObject({ status: 401 });
    expect(tokens).toHaveLength(2);
  });

  it('waits for the user when it is the pasted token that is refused', async () => {
    isDevelopment = false;
    const [old, other] = ['ana', 'bo'].map((sub) => `header.${btoa(JSON.stringify({ sub }))}.signature`) as [string, string];
    const access = TestBed.inject(Access);
    access.paste(old);
    good = other;
    const answer = TestBed.inject(RunsApi).list();
    await vi.waitFor(() => expect(access.isTokenNeeded()).toBe(true));
    access.paste(other);
    await expect(answer).resolves.toEqual({ runs: [], nextCursor: null });
  });
});
