import { ComponentFixture, TestBed } from '@angular/core/testing';
import { FakeStore } from '../testing/fake-store';
import { CollabPresence } from './presence';

describe('CollabPresence', () => {
  let store: FakeStore;
  let fixture: ComponentFixture<CollabPresence>;
  let page: HTMLElement;
  const screen = new EventTarget() as EventTarget & { matches: boolean };
  const people = (): (string | undefined)[] =>
    [...page.querySelectorAll<HTMLElement>('[data-testid="presence-indicator"] [data-testid="user-avatar"]')].map(
      (avatar) => avatar.dataset['userId'],
    );

  beforeEach(async () => {
    screen.matches = false;
    vi.stubGlobal('matchMedia', () => screen);
    store = new FakeStore();
    TestBed.configureTestingModule({ providers: [...store.providers] });
    fixture = TestBed.createComponent(CollabPresence);
    page = fixture.nativeElement as HTMLElement;
    await fixture.whenStable();
  });

  afterEach(() => vi.unstubAllGlobals());

  it('shows oneself first, then the others', async () => {
    store.signals.activeUsers.set(['zoe', 'ana', 'bo']);
    await fixture.whenStable();
    expect(people()).toEqual(['ana', 'bo', 'zoe']);
    expect(page.querySelector('.more')).toBeNull();
  });

  it('shows an agent as one, by its shape and by the word', async () => {
    store.signals.activeUsers.set(['ana', 'bot', 'c', 'd', 'e', 'f', 'robot']);
    store.signals.agents.set(['bot', 'robot']);
    await fixture.whenStable();
    const avatar = (user: string): HTMLElement => page.querySelector<HTMLElement>(`[data-user-id="${user}"] collab-avatar`)!;
    expect(avatar('bot').classList).toContain('agent');
    expect(avatar('bot').getAttribute('aria-label')).toBe('bot, agent, here now');
    expect(avatar('c').classList).not.toContain('agent');
    expect(avatar('c').getAttribute('aria-label')).toBe('c, here now');
    expect(page.querySelector('.rest [data-user-id="robot"]')?.textContent.replace(/\s+/g, ' ').trim()).toBe('ROrobot agent');
    fixture.componentRef.setInput('layout', 'list');
    await fixture.whenStable();
    expect(page.querySelector('[data-user-id="bot"] .name')?.textContent).toBe('bot agent, here now');
  });

  it('has one avatar for each user, also for those behind the number', async () => {
    store.signals.activeUsers.set(['ana', 'b', 'c', 'd', 'e', 'f', 'g']);
    await fixture.whenStable();
    expect(people()).toEqual(['ana', 'b', 'c', 'd', 'e', 'f', 'g']);
    const more = page.querySelector<HTMLButtonElement>('.more > button')!;
    expect(more.textContent).toBe('+3');
    more.click();
    await fixture.whenStable();
    const rest = page.querySelector<HTMLElement>('.rest')!;
    expect(rest.classList).toContain('open');
    // It may be longer than its window, and a keyboard scrolls what it can be on.
    expect([rest.tabIndex, rest.getAttribute('aria-label')]).toEqual([0, 'More people']);
  });

  it('shows one more face in place of a number that would stand for it alone', async () => {
    store.signals.activeUsers.set(['ana', 'b', 'c', 'd', 'e']);
    await fixture.whenStable();
    expect(page.querySelector('.more')).toBeNull();
    store.signals.activeUsers.set(['ana', 'b', 'c', 'd', 'e', 'f']);
    await fixture.whenStable();
    expect(page.querySelector('.more > button')?.textContent).toBe('+2');
    expect(page.querySelector('.more > button')?.getAttribute('aria-label')).toBe('2 more people');
  });

  it('has room for fewer on a phone', async () => {
    store.signals.activeUsers.set(['ana', 'b', 'c', 'd', 'e']);
    await fixture.whenStable();
    expect(page.querySelector('.more')).toBeNull();
    screen.matches = true;
    screen.dispatchEvent(new Event('change'));
    await fixture.whenStable();
    expect(page.querySelector('.more > button')?.textContent).toBe('+2');
    expect(people()).toEqual(['ana', 'b', 'c', 'd', 'e']);
  });

  it('does not show oneself before one is there', async () => {
    store.signals.activeUsers.set(['bo']);
    await fixture.whenStable();
    expect(people()).toEqual(['bo']);
  });

  it('calls people by their names, in that order, and tells who it is by the id', async () => {
    store.signals.activeUsers.set(['ana', 'u-1', 'u-2', 'constructor']);
    store.signals.userNames.set({ 'u-1': 'Zoë', 'u-2': 'Ben\u202e' });
    await fixture.whenStable();
    expect(people()).toEqual(['ana', 'u-2', 'constructor', 'u-1']);
    const labels = [...page.querySelectorAll('[role="img"]')].map((avatar) => avatar.getAttribute('aria-label'));
    expect(labels).toEqual(['ana, you', 'Ben (u-2), here now', 'constructor, here now', 'Zoë (u-1), here now']);
    expect([...page.querySelectorAll('[role="img"]')].map((avatar) => avatar.textContent)).toEqual(['AN', 'BE', 'CO', 'ZO']);
  });

  it('dims oneself while polling stands in', async () => {
    store.signals.connection.set({ kind: 'polling', probing: false, reachable: true });
    store.signals.usingFallback.set(true);
    await fixture.whenStable();
    expect(page.querySelector('li.dim')).not.toBeNull();
    expect(page.querySelector('[role="img"]')?.getAttribute('aria-label')).toBe('ana, you, by HTTP polling');
  });

  it('lists everybody with their names and how they are there', async () => {
    store.signals.activeUsers.set(['ana', 'b', 'c', 'd', 'e', 'f', 'u-2']);
    store.signals.userNames.set({ 'u-2': 'Ben' });
    fixture.componentRef.setInput('layout', 'list');
    await fixture.whenStable();
    const rows = (): string[] => [...page.querySelectorAll('[data-testid="presence-list"] .name')].map((row) => row.textContent.trim());
    expect(rows().slice(0, 3)).toEqual(['ana you', 'b here now', 'Ben here now']);
    expect(rows()).toHaveLength(7);
    store.signals.connection.set({ kind: 'reconnecting', attempt: 1, retryAt: null });
    store.signals.isConnected.set(false);
    await fixture.whenStable();
    expect(rows()[0]).toBe('ana you, not connected');
    store.signals.activeUsers.set([]);
    await fixture.whenStable();
    expect(page.querySelector('ul')?.textContent.trim()).toBe('Nobody is here');
  });

  it('has as many faces as the page wants', async () => {
    fixture.componentRef.setInput('max', 1);
    store.signals.activeUsers.set(['ana', 'b', 'c', 'd']);
    await fixture.whenStable();
    expect(page.querySelector('.more > button')?.textContent).toBe('+3');
  });
});
