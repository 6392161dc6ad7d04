import { TestBed } from '@angular/core/testing';
import { Access } from '../identity/access';
import { FakeStore } from '@collab/angular/testing';
import { ConnectionBar } from './connection-bar';

describe('ConnectionBar', () => {
  afterEach(() => vi.useRealTimers());

  it('counts down to the next try, and can try at once', () => {
    vi.useFakeTimers({ now: 1_000_000 });
    const store = new FakeStore();
    store.signals.connection.set({ kind: 'reconnecting', attempt: 1, retryAt: 1_003_000 });
    TestBed.configureTestingModule({ providers: [...store.providers] });
    const fixture = TestBed.createComponent(ConnectionBar);
    const page = fixture.nativeElement as HTMLElement;
    const saysAfter = (ms: number): string => {
      vi.advanceTimersByTime(ms);
      fixture.detectChanges();
      return page.textContent.replace(/\s+/g, ' ').trim();
    };
    expect(saysAfter(0)).toContain('Next try in 3 s.');
    expect(saysAfter(1100)).toContain('Next try in 2 s.');
    page.querySelector('button')!.click();
    expect(store.retriesNow).toBe(1);
    store.signals.connection.set({ kind: 'live' });
    expect(saysAfter(0)).toBe('');
    expect(vi.getTimerCount()).toBe(0);
  });

  it('connects with another token once it was pasted, and with none where the user keeps the old one', async () => {
    sessionStorage.clear();
    const store = new FakeStore();
    TestBed.configureTestingModule({ providers: [...store.providers] });
    const access = TestBed.inject(Access);
    access.paste(`header.${btoa('{"sub":"ana"}')}.signature`);
    const fixture = TestBed.createComponent(ConnectionBar);
    fixture.componentRef.setInput('canWrite', false);
    await fixture.whenStable();
    const page = fixture.nativeElement as HTMLElement;
    expect(page.textContent).toContain('you have no right to write in this run');
    page.querySelector('button')!.click();
    access.keep();
    await fixture.whenStable();
    expect(store.visits).toEqual([]);
    page.querySelector('button')!.click();
    access.paste(`header.${btoa('{"sub":"bo"}')}.signature`);
    await vi.waitFor(() => expect(store.visits).toEqual([null, store.signals.runId()]));
  });
});
