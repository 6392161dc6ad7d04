import { inject } from '@angular/core';
import { Routes } from '@angular/router';
import { provideCollab } from '@collab/angular';
import { Access } from '../identity/access';
import { baseAddress } from '../shared/address';
import { RunPage } from './run-page';

/** Only a run's page needs the connection: the others load without it. */
export const runRoutes: Routes = [
  {
    path: '',
    component: RunPage,
    providers: [
      provideCollab(() => {
        const access = inject(Access);
        const publishSigner = { secret: (userId: string) => access.signingSecret(userId) };
        return { url: baseAddress(), token: () => access.fresh(), publishSigner };
      }),
    ],
  },
];
