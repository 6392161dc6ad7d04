import { DestroyRef, inject, Signal, signal } from '@angular/core';

/**
 * Whether a media query holds, as it changes. Needs an injection context, and lasts as long as that. On a server that renders the page it
 * holds not.
 */
export function mediaQuery(query: string): Signal<boolean> {
  const list = typeof matchMedia === 'function' ? matchMedia(query) : null;
  const matches = signal(list?.matches ?? false);
  const update = (): void => matches.set(list?.matches ?? false);
  list?.addEventListener('change', update);
  inject(DestroyRef).onDestroy(() => list?.removeEventListener('change', update));
  return matches.asReadonly();
}
