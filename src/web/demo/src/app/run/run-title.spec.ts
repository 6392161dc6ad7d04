import { ComponentFixture, TestBed } from '@angular/core/testing';
import { CollabError, CollaborationEvent, emptyState, LatestEntries, PendingSend } from '@collab/client';
import { Notices } from '../notices/notices';
import { titleData, titleType } from '../shared/run-title';
import { anEvent, FakeStore } from '@collab/angular/testing';
import { RunTitle } from './run-title';

describe('RunTitle', () => {
  let store: FakeStore;
  let fixture: ComponentFixture<RunTitle>;
  let page: HTMLElement;
  const edit = (): HTMLButtonElement | null => page.querySelector('button');
  const heading = (): string | undefined => page.querySelector('h1')?.textContent.trim();
  const keep = (title: string | null): void => {
    const latest: LatestEntries = title === null ? {} : { run: { data: titleData(title), userId: 'ben', sequenceNumber: 7 } };
    store.signals.state.set({ ...emptyState, latest: { [titleType]: latest }, latestBy: { [titleType]: 'of' } });
  };
  const pending = (title: string, status: PendingSend['status']): PendingSend => ({
    messageId: status,
    eventType: titleType,
    data: titleData(title),
    createdAt: 0,
    status,
    attempts: 1,
    basedOnSequence: null,
    error: status === 'refused' ? new CollabError('forbidden', '') : null,
  });
  const type = async (text: string, key: string): Promise<void> => {
    edit()!.click();
    await fixture.whenStable();
    const field = page.querySelector('input')!;
    expect(document.activeElement).toBe(field);
    field.value = text;
    field.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }));
    await fixture.whenStable();
  };

  beforeEach(async () => {
    store = new FakeStore();
    TestBed.configureTestingModule({ providers: [...store.providers, Notices] });
    fixture = TestBed.createComponent(RunTitle);
    fixture.componentRef.setInput('runId', store.signals.runId());
    fixture.componentRef.setInput('reason', null);
    page = fixture.nativeElement as HTMLElement;
    document.body.append(page);
    await fixture.whenStable();
  });

  afterEach(() => {
    fixture.destroy();
    page.remove();
  });

  it('is the name made from the id where nobody gave one, and cannot be changed where the server knows no titles', () => {
    expect(heading()).toMatch(/^\w+ \w+$/);
    expect(edit()).toBeNull();
  });

  it('is read from the events where no state has come that says how titles are kept', async () => {
    const named = (sequence: number, title: string): CollaborationEvent =>
      anEvent(sequence, { eventType: titleType, data: titleData(title) });
    store.keep([named(1, 'Checkout'), named(2, 'Checkout rework'), anEvent(3)]);
    await fixture.whenStable();
    expect(heading()).toBe('Checkout rework');
    store.keep([named(1, 'Checkout'), named(2, '')]);
    await fixture.whenStable();
    expect(heading()).toMatch(/^\w+ \w+$/);
  });

  it('is edited in its place: Enter sends it, and the focus is where it was', async () => {
    keep('Checkout');
    await fixture.whenStable();
    expect(heading()).toBe('Checkout');
    await type('  Checkout rework ', 'Enter');
    expect(store.sent).toEqual([`${titleType} {"of":"run","title":"Checkout rework"}`]);
    expect(document.activeElement).toBe(edit());
  });

  it('sends nothing for Escape, or for what it is called already; nothing at all takes the title away', async () => {
    keep('Checkout');
    await fixture.whenStable();
    await type('Another', 'Escape');
    await type('Checkout', 'Enter');
    expect(store.sent).toEqual([]);
    await type(' ', 'Enter');
    expect(store.sent).toEqual([`${titleType} {"of":"run","title":""}`]);
  });

  it('shows what is on its way, and not what was refused', async () => {
    keep('Checkout');
    store.signals.pending.set([pending('On its way', 'queued'), pending('Refused', 'refused')]);
    await fixture.whenStable();
    expect([heading(), page.querySelector('h1.sending') === null]).toEqual(['On its way', false]);
    store.signals.pending.set([pending('Refused', 'refused')]);
    await fixture.whenStable();
    expect([heading(), page.querySelector('h1.sending') === null]).toEqual(['Checkout', true]);
  });

  it('says what becomes of a title that was typed while the run ended', async () => {
    const said = (): string[] =>
      TestBed.inject(Notices)
        .list()
        .map(({ words }) => words.map(({ text }) => text).join(''));
    keep('Checkout');
    await fixture.whenStable();
    edit()!.click();
    await fixture.whenStable();
    fixture.componentRef.setInput('reason', 'This run has ended.');
    await fixture.whenStable();
    const field = page.querySelector('input')!;
    field.value = 'Checkout rework';
    field.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true }));
    await fixture.whenStable();
    expect([store.sent, said()]).toEqual([[], ['“Checkout rework” is not saved as the title. This run has ended.']]);
  });

  it('says when a title was not even taken to be sent', async () => {
    keep('Checkout');
    await fixture.whenStable();
    Object.assign(store.store, { publish: () => Promise.reject(new CollabError('run_ended', 'It has ended.')) });
    await type('Another', 'Enter');
    await vi.waitFor(() => expect(TestBed.inject(Notices).list()).toHaveLength(1));
    expect(TestBed.inject(Notices).list()[0]?.words[0]?.text).toBe('“Another” is not saved as the title: this run has ended.');
  });

  it('is not offered to be edited to who may only look', async () => {
    keep('Checkout');
    fixture.componentRef.setInput('mayChange', false);
    await fixture.whenStable();
    expect(edit()).toBeNull();
  });

  it('is not edited while the run cannot be changed', async () => {
    keep('Checkout');
    fixture.componentRef.setInput('reason', 'You are looking at the past.');
    await fixture.whenStable();
    expect(edit()!.disabled).toBe(true);
  });

  it('keeps what is typed when another renames the run, and sends nothing where nothing was typed', async () => {
    keep('Checkout');
    await fixture.whenStable();
    edit()!.click();
    await fixture.whenStable();
    const field = page.querySelector('input')!;
    field.value = 'Typed';
    keep('Renamed by ben');
    await fixture.whenStable();
    expect(field.value).toBe('Typed');
    field.value = 'Checkout';
    field.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true }));
    await fixture.whenStable();
    expect(store.sent).toEqual([]);
    expect(heading()).toBe('Renamed by ben');
  });

  it('leaves the focus beside itself when the run can be changed no more', async () => {
    keep('Checkout');
    await fixture.whenStable();
    edit()!.click();
    await fixture.whenStable();
    fixture.componentRef.setInput('reason', 'This run has ended.');
    page.querySelector('input')!.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true }));
    await fixture.whenStable();
    expect(document.activeElement).toBe(page.querySelector('h1'));
  });
});
