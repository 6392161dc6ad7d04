import { afterEach, expect, test, vi } from 'vitest';
import { currentPage, pageStorage } from '../src/page.js';

afterEach(() => {
  vi.unstubAllGlobals();
});

function browser() {
  const [window, document] = [new EventTarget(), Object.assign(new EventTarget(), { visibilityState: 'visible' })];
  vi.stubGlobal('window', window);
  vi.stubGlobal('document', document);
  vi.stubGlobal('navigator', { onLine: true });
  return { window, document };
}

test('A page tells when it is seen, online, offline and about to end, until it is left', () => {
  const { window, document } = browser();
  const told: string[] = [];
  const leave = currentPage().subscribe((signal) => told.push(signal));
  const happen = () => {
    for (const name of ['online', 'offline', 'pagehide', 'pageshow']) window.dispatchEvent(new Event(name));
    document.dispatchEvent(new Event('visibilitychange'));
  };
  happen();
  document.visibilityState = 'hidden';
  document.dispatchEvent(new Event('visibilitychange'));
  expect(told).toEqual(['resume', 'offline', 'hide', 'resume', 'resume']);
  leave();
  happen();
  expect(told).toHaveLength(5);
});

test('A page is online unless the browser says otherwise', () => {
  browser();
  expect(currentPage().online).toBe(true);
  vi.stubGlobal('navigator', { onLine: false });
  expect(currentPage().online).toBe(false);
});

test('Without a page nothing is told and nothing kept', () => {
  const page = currentPage();
  expect(page.online).toBe(true);
  page.subscribe(() => undefined)();
  expect(pageStorage('localStorage')).toBeNull();
});

test("Storage is the page's own, or none where it is forbidden", () => {
  const texts = new Map<string, string>();
  const localStorage = {
    getItem: (k: string) => texts.get(k) ?? null,
    setItem: (k: string, v: string) => texts.set(k, v),
    removeItem: (k: string) => texts.delete(k),
  };
  const forbidden = {
    localStorage,
    get sessionStorage() {
      throw new Error('SecurityError');
    },
  };
  vi.stubGlobal('window', forbidden);
  const storage = pageStorage('localStorage');
  storage?.save('k', 'v');
  expect(storage?.load('k')).toBe('v');
  storage?.save('k', null);
  expect(storage?.load('k')).toBeNull();
  expect(pageStorage('sessionStorage')).toBeNull();
});
