import { DOCUMENT, inject, provideBrowserGlobalErrorListeners, type ApplicationConfig } from '@angular/core';
import { provideClientHydration } from '@angular/platform-browser';
import { provideRouter, Router, withComponentInputBinding } from '@angular/router';
import { provideCollab } from '@collab/angular';
import { RunView } from './run-view';

export const config: ApplicationConfig = {
  providers: [
    provideBrowserGlobalErrorListeners(),
    provideClientHydration(),
    provideRouter(
      [
        { path: 'runs/:runId', component: RunView },
        // As a function, for the server's answer to a bare path would leave out `?user=`.
        {
          path: '**',
          redirectTo: ({ queryParams }) => inject(Router).createUrlTree(['/runs/550e8400-e29b-41d4-a716-446655440000'], { queryParams }),
        },
      ],
      withComponentInputBinding(),
    ),
    provideCollab(() => {
      // `document`, not `window`: this runs on the server too, where nothing is connected and no token is asked for.
      const query = new URLSearchParams(inject(DOCUMENT).location.search);
      const url = query.get('server') ?? 'http://127.0.0.1:5080';
      return { url, token: () => developmentToken(url, query.get('user') ?? 'ana') };
    }),
  ],
};

/** Servers in development hand these out. Yours comes from your own sign-in. */
async function developmentToken(server: string, user: string): Promise<string> {
  const answer = await fetch(`${server}/dev/token?user=${encodeURIComponent(user)}`);
  if (!answer.ok) throw new Error(`No token: ${String(answer.status)}`);
  const { token } = (await answer.json()) as { token: string };
  return token;
}
