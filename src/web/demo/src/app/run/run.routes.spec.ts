import { createEnvironmentInjector, EnvironmentInjector } from '@angular/core';
import { TestBed } from '@angular/core/testing';
import { COLLAB_OPTIONS } from '@collab/angular';
import { runRoutes } from './run.routes';

describe('The connection of a run', () => {
  afterEach(() => vi.unstubAllGlobals());

  it('gets a new token each time it asks: the server may not know the key of the last one any more', async () => {
    sessionStorage.clear();
    let handedOut = 0;
    const expiresAt = new Date(Date.now() + 12 * 3_600_000).toISOString();
    vi.stubGlobal('fetch', () => Promise.resolve(Response.json({ token: `token-${++handedOut}`, expiresAt })));
    const injector = createEnvironmentInjector(runRoutes[0]!.providers!, TestBed.inject(EnvironmentInjector));
    const { token } = injector.get(COLLAB_OPTIONS);
    expect([await token?.(null), await token?.(null)]).toEqual(['token-1', 'token-2']);
  });
});
