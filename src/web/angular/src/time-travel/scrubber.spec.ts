import { ComponentFixture, TestBed } from '@angular/core/testing';
import { anEvent, events } from '../testing/events';
import { FakeStore } from '../testing/fake-store';
import { CollabScrubber } from './scrubber';
import { CollabTimeTravel } from './time-travel';

describe('CollabScrubber', () => {
  let store: FakeStore;
  let travel: CollabTimeTravel;
  let fixture: ComponentFixture<CollabScrubber>;
  let page: HTMLElement;

  beforeEach(() => {
    store = new FakeStore();
    TestBed.configureTestingModule({ providers: [...store.providers, CollabTimeTravel] });
    travel = TestBed.inject(CollabTimeTravel);
    fixture = TestBed.createComponent(CollabScrubber);
    page = fixture.nativeElement as HTMLElement;
  });

  afterEach(() => vi.useRealTimers());

  const slider = (): HTMLInputElement => page.querySelector('input')!;
  const drag = async (to: number): Promise<void> => {
    slider().value = String(to);
    slider().dispatchEvent(new Event('input'));
    await fixture.whenStable();
  };

  it('has nowhere to go without events', async () => {
    await fixture.whenStable();
    expect(slider().disabled).toBe(true);
    expect(page.querySelector('button')?.disabled).toBe(true);
  });

  it('follows the newest event while live', async () => {
    store.keep(events(1, 3));
    await fixture.whenStable();
    store.keep(events(1, 4));
    await fixture.whenStable();
    expect([slider().min, slider().max, slider().value]).toEqual(['0', '4', '4']);
    expect(page.querySelector('[data-testid="past-bar"]')).toBeNull();
  });

  it('says that it is the past, and leaves the focus where the way back was pressed', async () => {
    document.body.append(page);
    store.keep(events(1, 4));
    await fixture.whenStable();
    const status = page.querySelector('[role="status"]')!;
    expect(status.textContent).toBe('');
    await drag(2);
    expect(status.textContent).toBe('You are looking at the past.');
    const back = [...page.querySelectorAll('button')].find((button) => button.textContent === 'Back to live')!;
    back.focus();
    back.click();
    await fixture.whenStable();
    expect(status.textContent).toBe('');
    expect(document.activeElement).toBe(slider());
    page.remove();
  });

  it('does not say live where it is not', async () => {
    await fixture.whenStable();
    expect(page.querySelector('.where')?.textContent).toContain('Live');
    store.signals.usingFallback.set(true);
    await fixture.whenStable();
    expect(page.querySelector('.where')?.textContent).toContain('Up to date');
    expect(slider().getAttribute('aria-valuetext')).toBe('Up to date');
    store.signals.isConnected.set(false);
    await fixture.whenStable();
    expect(page.querySelector('.where')?.textContent).toContain('As last seen');
    store.signals.isConnected.set(true);
    store.signals.ended.set(true);
    await fixture.whenStable();
    expect(page.querySelector('.where')?.textContent).toContain('As it ended');
    expect(page.querySelector('.dot.off')).not.toBeNull();
  });

  it('shows the past where it is dragged to, and the way back', async () => {
    store.keep(events(1, 10));
    await fixture.whenStable();
    await drag(4);
    expect(travel.sequence()).toBe(4);
    expect(page.querySelector('[data-testid="past-bar"]')?.textContent).toContain('#4');
    store.keep(events(1, 12));
    await fixture.whenStable();
    expect(page.querySelector('.missed')?.textContent).toBe('2 newer events since');
    expect(slider().getAttribute('aria-valuetext')).toMatch(/^Number 4, \d\d:/);
    [...page.querySelectorAll('button')].find((button) => button.textContent === 'Back to live')!.click();
    await fixture.whenStable();
    expect(travel.isPast()).toBe(false);
    expect(slider().value).toBe('12');
  });

  it('draws a stroke for each event where its number lies', async () => {
    store.keep([anEvent(1), anEvent(2, { eventType: 'FLAG' }), anEvent(3), anEvent(4)]);
    await fixture.whenStable();
    expect(page.querySelector('path[data-kind="graft"]')?.getAttribute('d')).toBe('M250 0v1M750 0v1M1000 0v1');
    expect(page.querySelector('path[data-kind="flag"]')?.getAttribute('d')).toBe('M500 2v1');
  });

  it('plays the run from the start, and ends live', async () => {
    store.keep(events(1, 3));
    await fixture.whenStable();
    vi.useFakeTimers();
    page.querySelector('button')!.click();
    await vi.advanceTimersByTimeAsync(0);
    fixture.detectChanges();
    const seen = [travel.sequence()];
    for (let i = 0; i < 3; i++) {
      await vi.advanceTimersByTimeAsync(250);
      seen.push(travel.sequence());
    }
    expect(seen).toEqual([0, 1, 2, 3]);
    await vi.advanceTimersByTimeAsync(250);
    fixture.detectChanges();
    expect(travel.isPast()).toBe(false);
    expect(vi.getTimerCount()).toBe(0);
  });
});
