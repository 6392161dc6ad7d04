import { ComponentFixture, TestBed } from '@angular/core/testing';
import { anEvent } from '../testing/events';
import { FakeStore } from '../testing/fake-store';
import { CollabTimeTravel } from '../time-travel/time-travel';
import { CollabTimeline } from './timeline';

describe('What a timeline is narrowed down to', () => {
  let store: FakeStore;
  let fixture: ComponentFixture<CollabTimeline>;
  let page: HTMLElement;
  const rows = (): string[] => [...page.querySelectorAll<HTMLElement>('[data-sequence]')].map((row) => row.dataset['sequence'] ?? '');
  const chip = (text: string): HTMLButtonElement | undefined =>
    [...page.querySelectorAll<HTMLButtonElement>('.chip')].find((each) => each.textContent === text);
  const pressed = (): string[] => [...page.querySelectorAll('.chip[aria-pressed="true"]')].map((each) => each.textContent);
  const select = (): HTMLSelectElement => page.querySelector('select')!;

  beforeEach(() => {
    store = new FakeStore();
    TestBed.configureTestingModule({ providers: [...store.providers, CollabTimeTravel] });
    fixture = TestBed.createComponent(CollabTimeline);
    page = fixture.nativeElement as HTMLElement;
    store.keep([
      anEvent(1),
      anEvent(2, { eventType: 'DEPLOYED', data: {}, userId: 'bo' }),
      anEvent(3, { eventType: 'COMMENT', data: { text: 'why?' } }),
      anEvent(4, { eventType: 'DEPLOYED', data: {} }),
    ]);
  });

  it('is a type of the application too, of which nothing else is known', async () => {
    await fixture.whenStable();
    expect([...page.querySelectorAll('.chip')].map((each) => each.textContent)).toEqual([
      'Grafts',
      'Prunes',
      'Flags',
      'COMMENT',
      'DEPLOYED',
    ]);
    chip('DEPLOYED')!.click();
    await fixture.whenStable();
    expect([rows(), pressed(), fixture.componentInstance.kind()]).toEqual([['4', '2'], ['DEPLOYED'], 'DEPLOYED']);
    chip('DEPLOYED')!.click();
    await fixture.whenStable();
    expect(rows()).toHaveLength(4);
  });

  it('is all types of which nothing is known, where there are many', async () => {
    store.keep([anEvent(1), ...Array.from({ length: 7 }, (_, i) => anEvent(i + 2, { eventType: `TYPE_${i}`, data: {} }))]);
    await fixture.whenStable();
    expect(chip('TYPE_1')).toBeUndefined();
    chip('Other')!.click();
    await fixture.whenStable();
    expect(rows()).toEqual(['8', '7', '6', '5', '4', '3', '2']);
  });

  it('comes from the page, and is told to it', async () => {
    const told: (string | null)[] = [];
    fixture.componentInstance.person.subscribe((person) => told.push(person));
    fixture.componentRef.setInput('kind', 'DEPLOYED');
    fixture.componentRef.setInput('person', 'bo');
    await fixture.whenStable();
    expect([rows(), pressed(), select().value]).toEqual([['2'], ['DEPLOYED'], 'bo']);
    select().value = '';
    select().dispatchEvent(new Event('change'));
    await fixture.whenStable();
    expect([rows(), told]).toEqual([['4', '2'], [null]]);
  });

  it('can be seen, and taken back, where there is nothing of the kind and nothing by that person', async () => {
    fixture.componentRef.setInput('kind', 'NEVER_SENT');
    fixture.componentRef.setInput('person', 'zoe');
    await fixture.whenStable();
    expect([rows(), pressed(), select().value]).toEqual([[], ['NEVER_SENT'], 'zoe']);
    chip('NEVER_SENT')!.click();
    await fixture.whenStable();
    expect(pressed()).toEqual([]);
  });
});
