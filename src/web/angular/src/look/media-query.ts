import { DestroyRef, inject, Signal, signal } from '@angular/core';

/** Whether a media query holds, as it changes. Needs an injection context, and lasts as long as that. */
export function mediaQuery(query: string): Signal<boolean> {
  const list = window.matchMedia(query);
  const matches = signal(list.matches);
  const update = (): void => matches.set(list.matches);
  list.addEventListener('change', update);
  inject(DestroyRef).onDestroy(() => list.removeEventListener('change', update));
  return matches.asReadonly();
}
