import { provideEventTellings } from '@collab/angular';
import { runEvents } from '../shared/run-events';
import { TestBed } from '@angular/core/testing';
import { FakeStore, anEvent } from '@collab/angular/testing';
import { NoticeList } from './notice-list';
import { maxNotices, noticeLifetime, Notices } from './notices';

describe('Notices', () => {
  let store: FakeStore;
  let notices: Notices;
  const messages = (): string[] => notices.list().map(({ who, words }) => who + words.map(({ text }) => text).join(''));
  const byBo = (sequence: number): ReturnType<typeof anEvent> => anEvent(sequence, { userId: 'bo' });

  beforeEach(() => {
    vi.useFakeTimers();
    store = new FakeStore();
    TestBed.configureTestingModule({ providers: [...store.providers, provideEventTellings(runEvents), Notices] });
    notices = TestBed.inject(Notices);
  });

  afterEach(() => vi.useRealTimers());

  it('say what others do, and nothing of oneself, of cursors, or of what was there before', () => {
    store.hear(byBo(1), 'replayed');
    store.hear(anEvent(2));
    store.hear(anEvent(null, { userId: 'bo', eventType: 'CURSOR_MOVE', data: { nodeId: 'PM' } }));
    store.hear(anEvent(4, { userId: 'bo', eventType: 'STEP_STARTED', data: { stepId: 'PM' } }));
    store.hear(byBo(3));
    store.hear(anEvent(null, { userId: 'cy', eventType: 'USER_JOIN', data: {} }));
    expect(messages()).toEqual(['bo grafted agent-3 after PM', 'cy joined']);
    expect(notices.list().map((notice) => notice.kind)).toEqual(['graft', 'join']);
  });

  it('go by themselves, each in its own time', () => {
    store.hear(byBo(1));
    vi.advanceTimersByTime(1000);
    store.hear(byBo(2));
    vi.advanceTimersByTime(noticeLifetime - 1001);
    expect(notices.list()).toHaveLength(2);
    vi.advanceTimersByTime(1);
    expect(messages()).toEqual(['bo grafted agent-2 after PM']);
    vi.advanceTimersByTime(1000);
    expect(notices.list()).toEqual([]);
  });

  it('are five at most: the oldest gives way', () => {
    for (let i = 1; i <= maxNotices + 2; i++) store.hear(byBo(i));
    expect(messages()).toHaveLength(maxNotices);
    expect(messages()[0]).toContain('agent-3');
    expect(messages().at(-1)).toContain('agent-7');
  });

  it('can be dismissed, and leave no timer behind', () => {
    store.hear(byBo(1));
    notices.problem('Not sent.');
    notices.dismiss(notices.list()[0]!.id);
    expect(messages()).toEqual(['Not sent.']);
    notices.dismiss(notices.list()[0]!.id);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('end with the page', () => {
    store.hear(byBo(1));
    TestBed.resetTestingModule();
    expect(vi.getTimerCount()).toBe(0);
    expect(store.listenerCount).toBe(0);
  });

  it('stand in a live region under the names that tests look for', () => {
    const fixture = TestBed.createComponent(NoticeList);
    const page = fixture.nativeElement as HTMLElement;
    fixture.detectChanges();
    expect(page.querySelector('[role="log"]')?.getAttribute('aria-live')).toBe('polite');
    store.hear(anEvent(1, { userId: 'bo', eventType: 'PRUNE', data: { stepId: 'PM', isPruned: true } }));
    fixture.detectChanges();
    expect(page.querySelector('.notification.notif-prune .notif-message')?.textContent).toBe('bo pruned PM');
    page.querySelector<HTMLButtonElement>('.notif-close')!.click();
    fixture.detectChanges();
    expect(page.querySelector('.notification')).toBeNull();
  });

  it('stay while the user is at them', () => {
    const fixture = TestBed.createComponent(NoticeList);
    const page = fixture.nativeElement as HTMLElement;
    const log = (): HTMLElement => page.querySelector('[role="log"]')!;
    store.hear(byBo(1));
    fixture.detectChanges();
    log().dispatchEvent(new PointerEvent('pointermove', { movementX: 1 }));
    fixture.detectChanges();
    store.hear(byBo(2));
    vi.advanceTimersByTime(noticeLifetime * 2);
    expect(notices.list()).toHaveLength(2);
    log().dispatchEvent(new PointerEvent('pointerleave'));
    fixture.detectChanges();
    vi.advanceTimersByTime(noticeLifetime);
    expect(notices.list()).toEqual([]);
  });
});
