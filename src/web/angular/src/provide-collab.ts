import { EnvironmentProviders, makeEnvironmentProviders } from '@angular/core';
import { CollaborationStore } from './collaboration-store';
import { COLLAB_OPTIONS, CollabOptions } from './options';
import { CollabTimeTravel } from './time-travel/time-travel';

/**
 * Makes `CollaborationStore` and `CollabTimeTravel` available: one store, hence one run at a time, for the whole application. For several
 * runs on one page list both in the `providers` of a component for each.
 *
 * @param options The options, or a function that makes them. The function runs in an injection context, once: `inject` works in it.
 */
export function provideCollab(options: CollabOptions | (() => CollabOptions)): EnvironmentProviders {
  return makeEnvironmentProviders([
    { provide: COLLAB_OPTIONS, useFactory: typeof options === 'function' ? options : () => options },
    CollaborationStore,
    CollabTimeTravel,
  ]);
}
