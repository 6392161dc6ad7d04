import type { Page, PageSignal, QueueStorage } from './seams.js';

/** This page, or a stand-in that never says anything where there is none (Node, a worker). */
export function currentPage(): Page {
  return {
    get online() {
      return typeof navigator === 'undefined' || (navigator as { onLine?: boolean }).onLine !== false;
    },
    subscribe: (listener) => {
      if (typeof window === 'undefined' || typeof document === 'undefined') return () => undefined;
      const ended = new AbortController();
      const on = (target: EventTarget, name: string, signal: PageSignal, applies = () => true) => {
        const handler = () => {
          if (applies()) listener(signal);
        };
        target.addEventListener(name, handler, { signal: ended.signal });
      };
      on(document, 'visibilitychange', 'resume', () => document.visibilityState === 'visible');
      on(window, 'pageshow', 'resume');
      on(window, 'online', 'resume');
      on(window, 'offline', 'offline');
      on(window, 'pagehide', 'hide');
      return () => {
        ended.abort();
      };
    },
  };
}

/** The page's `localStorage` or `sessionStorage`; null where there is none or the user forbids it. */
export function pageStorage(name: 'localStorage' | 'sessionStorage'): QueueStorage | null {
  try {
    // Node has the name too, but not on by default, and what it then says is a warning.
    const storage = typeof window === 'undefined' ? undefined : window[name];
    return storage === undefined ? null : keptIn(storage);
  } catch {
    return null;
  }
}

function keptIn(storage: Storage): QueueStorage {
  return {
    load: (key) => storage.getItem(key),
    save: (key, value) => {
      if (value === null) storage.removeItem(key);
      else storage.setItem(key, value);
    },
  };
}
