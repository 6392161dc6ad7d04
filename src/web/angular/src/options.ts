import { InjectionToken } from '@angular/core';
import { RunConnectionOptions } from '@collab/client';

/** How to reach the server: everything that `RunConnection` takes, except the run. All of it is optional. */
export type CollabOptions = Omit<RunConnectionOptions, 'runId'>;

/** The options given to `provideCollab`. */
export const COLLAB_OPTIONS = new InjectionToken<CollabOptions>('COLLAB_OPTIONS');
