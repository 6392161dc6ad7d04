import { ComponentFixture, TestBed } from '@angular/core/testing';
import { emptyState } from '@collab/client';
import { FakeStore, anEvent } from '@collab/angular/testing';
import { Undo, undoLifetime } from './undo';
import { UndoBar } from './undo-bar';

const before = {
  ...emptyState,
  grafts: { PM: { agentName: 'old', userId: 'bo', sequenceNumber: 1 } },
  flags: { SRE: { note: 'who pays?', userId: 'bo', sequenceNumber: 2 } },
};

describe('Undo', () => {
  let store: FakeStore;
  let undo: Undo;
  let fixture: ComponentFixture<UndoBar>;
  let page: HTMLElement;
  const button = (): HTMLButtonElement | null => page.querySelector('[data-testid="undo-button"]');
  const press = (target: HTMLElement): void => {
    target.dispatchEvent(new KeyboardEvent('keydown', { key: 'z', ctrlKey: true, bubbles: true, cancelable: true }));
    fixture.detectChanges();
  };

  beforeEach(() => {
    vi.useFakeTimers();
    store = new FakeStore();
    TestBed.configureTestingModule({ providers: [...store.providers, Undo] });
    undo = TestBed.inject(Undo);
    fixture = TestBed.createComponent(UndoBar);
    page = fixture.nativeElement as HTMLElement;
    document.body.append(page);
  });
  afterEach(() => vi.useRealTimers());

  it.each([
    ['a prune', () => undo.pruned('PM', true), 'You pruned PM', 'prune PM false'],
    ['a restored step', () => undo.pruned('PM', false), 'You restored PM', 'prune PM true'],
    ['an agent that took a place', () => undo.grafted('PM', 'new', before), 'new took the place of old', 'graft PM old'],
    ['a flag that took a place', () => undo.flagged('SRE', before), 'Your flag on SRE took the place of another', 'flag SRE who pays?'],
  ])('takes %s back', (_, act, says, sent) => {
    act();
    fixture.detectChanges();
    expect(page.querySelector('[role="status"] p')?.textContent.trim()).toBe(says);
    button()!.click();
    fixture.detectChanges();
    expect(store.sent).toEqual([sent]);
    expect(button()).toBeNull();
  });

  it('has nothing to offer where nothing can be taken back', () => {
    undo.grafted('SRE', 'new', before);
    undo.flagged('PM', before);
    undo.grafted('constructor', 'new', before);
    fixture.detectChanges();
    expect(button()).toBeNull();
  });

  it('answers Ctrl and Z, though not where text is typed', () => {
    const field = document.body.appendChild(document.createElement('input'));
    undo.pruned('PM', true);
    press(field);
    expect(store.sent).toEqual([]);
    press(document.body);
    press(document.body);
    expect(store.sent).toEqual(['prune PM false']);
    field.remove();
  });

  it('goes after a while, not while the user is at it, and at once where somebody else changes the step', () => {
    undo.pruned('PM', true);
    undo.hold(true);
    vi.advanceTimersByTime(undoLifetime * 2);
    expect(undo.offer()).not.toBeNull();
    undo.hold(false);
    vi.advanceTimersByTime(undoLifetime);
    expect(undo.offer()).toBeNull();
    undo.pruned('PM', true);
    store.hear(anEvent(1, { eventType: 'PRUNE', data: { stepId: 'PM', isPruned: true } }));
    store.hear(anEvent(2, { userId: 'bo', eventType: 'FLAG', data: { stepId: 'SRE' } }));
    expect(undo.offer()).not.toBeNull();
    store.hear(anEvent(3, { userId: 'bo', eventType: 'PRUNE', data: { stepId: 'PM', isPruned: false } }));
    expect(undo.offer()).toBeNull();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('is not offered where the past is shown', () => {
    undo.pruned('PM', true);
    fixture.componentRef.setInput('isOff', true);
    fixture.detectChanges();
    expect(button()).toBeNull();
    press(document.body);
    expect(store.sent).toEqual([]);
    fixture.componentRef.setInput('isOff', false);
    fixture.detectChanges();
    expect(button()).not.toBeNull();
  });
});
