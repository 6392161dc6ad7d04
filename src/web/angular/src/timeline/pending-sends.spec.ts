import { ComponentFixture, TestBed } from '@angular/core/testing';
import { CollabError, PendingSend } from '@collab/client';
import { FakeStore } from '../testing/fake-store';
import { PendingSends } from './pending-sends';

const refused: PendingSend = {
  messageId: 'm1',
  eventType: 'GRAFT',
  data: { after: 'PM', agentName: 'scanner' },
  createdAt: 0,
  status: 'refused',
  attempts: 1,
  basedOnSequence: 1,
  error: new CollabError('conflict', 'Event 7 …'),
};

describe('A change that was refused', () => {
  let store: FakeStore;
  let fixture: ComponentFixture<PendingSends>;
  let page: HTMLElement;
  const button = (text: string): HTMLButtonElement | undefined =>
    [...page.querySelectorAll('button')].find((each) => each.textContent.trim() === text);
  const field = (): HTMLInputElement => page.querySelector<HTMLInputElement>('[data-testid="conflict-field"]')!;
  const press = async (text: string): Promise<void> => {
    button(text)!.click();
    await fixture.whenStable();
  };

  beforeEach(async () => {
    store = new FakeStore();
    store.signals.pending.set([refused]);
    TestBed.configureTestingModule({ providers: [...store.providers] });
    fixture = TestBed.createComponent(PendingSends);
    page = fixture.nativeElement as HTMLElement;
    document.body.append(page);
    await fixture.whenStable();
  });

  afterEach(() => page.remove());

  it('is not edited any more after Escape, which closes nothing around it', async () => {
    let heard = 0;
    page.addEventListener('keydown', () => heard++);
    await press('Edit');
    field().value = 'another';
    field().dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', bubbles: true }));
    await fixture.whenStable();
    expect([field(), heard, store.edits]).toEqual([null, 0, []]);
    expect(document.activeElement).toBe(button('Edit'));
  });

  it('says that an agent needs a name, until one is typed', async () => {
    await press('Edit');
    expect(field().maxLength).toBe(200);
    field().value = ' \u200b';
    await press('Send');
    const alert = (): Element | null => page.querySelector('[role="alert"]');
    expect([alert()?.textContent, field().getAttribute('aria-invalid'), store.edits]).toEqual(['An agent needs a name.', 'true', []]);
    expect(field().getAttribute('aria-describedby')).toBe(alert()!.id);
    expect(document.activeElement).toBe(field());
    field().value = 'x';
    field().dispatchEvent(new Event('input'));
    await fixture.whenStable();
    expect([alert(), field().getAttribute('aria-invalid')]).toEqual([null, 'false']);
    await press('Send');
    expect(store.edits).toHaveLength(1);
  });

  it('can only be dropped once the run has ended', async () => {
    expect(button('Apply anyway')).toBeDefined();
    store.signals.ended.set(true);
    await fixture.whenStable();
    expect([button('Apply anyway'), button('Edit')]).toEqual([undefined, undefined]);
    await press('Drop');
    expect(store.discarded).toEqual(['m1']);
  });
});
