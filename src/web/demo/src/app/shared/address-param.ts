import { DestroyRef, effect, inject, signal, WritableSignal } from '@angular/core';
import { NavigationEnd, Router } from '@angular/router';

/** Browsers refuse an address that changes with every key that is typed: so long between two changes, in ms. */
const pause = 300;

const unwritten = new Map<string, string>();
let timer: ReturnType<typeof setTimeout> | undefined;
let writtenAt = -Infinity;

/**
 * A part of the address's query, which a reload and a link that is handed on keep; empty: it is not there. Takes the place of the address
 * before, so that "back" leads to the page before. Of a component: it lasts as long as that.
 */
export function addressParam(name: string): WritableSignal<string> {
  const value = signal(read(name));
  // Another address of the same component says something else.
  const navigations = inject(Router).events.subscribe((event) => {
    if (event instanceof NavigationEnd && !unwritten.has(name))
      value.set(new URL(event.urlAfterRedirects, location.href).searchParams.get(name) ?? '');
  });
  effect(() => write(name, value()));
  inject(DestroyRef).onDestroy(() => {
    navigations.unsubscribe();
    unwritten.delete(name);
  });
  return value;
}

function read(name: string): string {
  return new URL(location.href).searchParams.get(name) ?? '';
}

function write(name: string, value: string): void {
  if (value === read(name)) {
    unwritten.delete(name);
    return;
  }
  unwritten.set(name, value);
  clearTimeout(timer);
  timer = setTimeout(flush, Math.max(0, writtenAt + pause - performance.now()));
}

function flush(): void {
  if (unwritten.size === 0) return;
  const url = new URL(location.href);
  for (const [name, value] of unwritten) {
    if (value === '') url.searchParams.delete(name);
    else url.searchParams.set(name, value);
  }
  unwritten.clear();
  writtenAt = performance.now();
  try {
    history.replaceState(history.state, '', url);
  } catch {
    // Too often even so: the page goes on without.
  }
}
