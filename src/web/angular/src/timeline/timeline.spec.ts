import { ComponentFixture, TestBed } from '@angular/core/testing';
import { CollabError, PendingSend } from '@collab/client';
import { anEvent, events } from '../testing/events';
import { FakeStore } from '../testing/fake-store';
import { CollabTimeTravel } from '../time-travel/time-travel';
import { CollabTimeline } from './timeline';

const send: PendingSend = {
  messageId: 'm1',
  eventType: 'GRAFT',
  data: { after: 'PM', agentName: 'scanner' },
  createdAt: 0,
  status: 'sending',
  attempts: 1,
  basedOnSequence: null,
  error: null,
};

describe('CollabTimeline', () => {
  let store: FakeStore;
  let fixture: ComponentFixture<CollabTimeline>;
  let page: HTMLElement;
  const rows = (): string[] =>
    [...page.querySelectorAll<HTMLElement>('[data-testid="event-list"] li')].map((row) => row.dataset['sequence'] ?? '');
  const press = async (text: string): Promise<void> => {
    [...page.querySelectorAll('button')].find((button) => button.textContent.includes(text))!.click();
    await fixture.whenStable();
  };
  const show = async (): Promise<void> => {
    fixture = TestBed.createComponent(CollabTimeline);
    page = fixture.nativeElement as HTMLElement;
    await fixture.whenStable();
  };

  beforeEach(() => {
    store = new FakeStore();
    TestBed.configureTestingModule({ providers: [...store.providers, CollabTimeTravel] });
  });

  it('tells each event as a sentence, newest first', async () => {
    store.keep([anEvent(1), anEvent(2, { userId: 'bo', eventType: 'FLAG', data: { stepId: 'SRE', note: 'look' } })]);
    await show();
    expect(rows()).toEqual(['2', '1']);
    const sentences = [...page.querySelectorAll('[data-testid="event-list"] li .what p:first-child')].map((p) =>
      p.textContent.replace(/\s+/g, ' ').trim(),
    );
    expect(sentences).toEqual(['bo flagged SRE: “look”', 'ana grafted agent-1 after PM']);
    expect(page.querySelector('.meta')?.textContent).toMatch(/^#2 · \d\d:\d\d:\d\d$/);
  });

  it('says who has seen what not all have seen, with names, and nothing where nobody says', async () => {
    const marks = (): string[] => [...page.querySelectorAll('.meta')].map((meta) => meta.textContent.replace(/^.*\d\d:\d\d:\d\d/, ''));
    store.keep(events(1, 4));
    store.signals.activeUsers.set(['ana', 'bo', 'cy', 'di']);
    store.signals.userNames.set({ bo: 'Bo Diddley' });
    await show();
    expect(marks()).toEqual(['', '', '', '']);
    store.signals.seen.set({ ana: 4, bo: 3, cy: 2 });
    await fixture.whenStable();
    expect(marks()).toEqual([
      ' · Seen by 0 of 3',
      ' · Seen by 1 of 3: Bo Diddley',
      ' · Seen by 2 of 3: Bo Diddley, cy',
      ' · Seen by 2 of 3: Bo Diddley, cy',
    ]);
    expect(page.querySelectorAll<HTMLElement>('.seen')[1]?.title).toBe('Seen by 1 of 3: Bo Diddley');
    expect(page.querySelector<HTMLElement>('.seen')?.tabIndex).toBe(0);
    store.signals.seen.set({ ana: 4, bo: 3, cy: 3, di: 3 });
    await fixture.whenStable();
    expect(marks()).toEqual([' · Seen by 0 of 3', ' · Seen by all 3: Bo Diddley, cy, di', '', '']);
  });

  it('marks what an agent did with the word and the shape', async () => {
    store.keep([anEvent(1, { userId: 'bot' }), anEvent(2)]);
    store.signals.agents.set(['bot']);
    await show();
    const whose = [...page.querySelectorAll('[data-testid="event-list"] li')].map((row) => [
      row.querySelector('.kind')?.textContent ?? '',
      row.querySelector('collab-avatar')?.classList.contains('agent'),
    ]);
    expect(whose).toEqual([
      ['', false],
      ['agent', true],
    ]);
  });

  it('counts its events, one as well', async () => {
    store.keep(events(1, 1));
    await show();
    expect(page.querySelector('h2 .unseen')?.textContent).toBe('1 event');
    store.keep(events(1, 2));
    await fixture.whenStable();
    expect(page.querySelector('h2 .unseen')?.textContent).toBe('2 events');
  });

  it('draws 100 events, and 100 more on demand', async () => {
    store.keep(events(1, 250));
    await show();
    expect(rows()).toHaveLength(100);
    await press('Show older');
    expect(rows()).toHaveLength(200);
    await press('Show older');
    expect(rows()).toHaveLength(250);
    expect(page.textContent).not.toContain('Show older');
    // That many rows take jsdom a while on a busy machine.
  }, 60_000);

  it('says where the kept events begin', async () => {
    store.keep(events(1501, 1503));
    await show();
    expect(page.textContent).toContain('What is older than #1501 is folded into the pipeline.');
  });

  it('narrows down to a kind and a person, and back', async () => {
    store.keep([anEvent(1), anEvent(2, { eventType: 'FLAG', data: { stepId: 'SRE' } }), anEvent(3, { userId: 'bo' })]);
    await show();
    await press('Grafts');
    expect(rows()).toEqual(['3', '1']);
    const person = page.querySelector('select')!;
    person.value = 'ana';
    person.dispatchEvent(new Event('change'));
    await fixture.whenStable();
    expect(rows()).toEqual(['1']);
    await press('Prunes');
    expect(rows()).toEqual([]);
    await press('Show all');
    expect(rows()).toEqual(['3', '2', '1']);
  });

  it('goes back to an event, and fades what came after it', async () => {
    store.keep(events(1, 3));
    await show();
    page.querySelector<HTMLElement>('[aria-label="Go back to number 2"]')!.click();
    await fixture.whenStable();
    expect([...page.querySelectorAll('li.future')].map((row) => (row as HTMLElement).dataset['sequence'])).toEqual(['3']);
    expect(page.querySelector<HTMLElement>('li.current')?.dataset['sequence']).toBe('2');
  });

  it('shows a send at once, and lets the user decide on a refused one', async () => {
    store.signals.pending.set([send]);
    await show();
    const row = (): HTMLElement => page.querySelector('[data-testid="pending-list"] li')!;
    expect(row().textContent).toContain('ana grafted scanner after PM');
    expect(row().textContent).toContain('Sending');
    store.signals.pending.set([{ ...send, status: 'queued' }]);
    await fixture.whenStable();
    expect(row().textContent).toContain('Queued: waits for its turn');
    store.signals.pending.set([{ ...send, status: 'queued', error: new CollabError('rate_limited', 'slow down') }]);
    await fixture.whenStable();
    expect(row().textContent).toContain('Queued: too many changes at once. It is tried again by itself');
    store.signals.isConnected.set(false);
    await fixture.whenStable();
    expect(row().textContent).toContain('Queued: goes out when the connection is back');
    store.signals.isConnected.set(true);
    store.signals.pending.set([{ ...send, status: 'refused', error: new CollabError('rate_limited', 'slow down') }]);
    await fixture.whenStable();
    expect(row().textContent).toContain('Refused: too many changes at once');
    await press('Retry');
    await press('Discard');
    expect([store.retried, store.discarded]).toEqual([['m1'], ['m1']]);
  });

  it('shows what others changed meanwhile, to be applied anyway, edited or dropped', async () => {
    const meanwhile = [anEvent(7, { userId: 'bo', eventType: 'FLAG', data: { stepId: 'PM', note: 'wrong model' } })];
    const conflict = new CollabError('conflict', 'Event 7 …', null, null, meanwhile);
    const flag = {
      ...send,
      eventType: 'FLAG',
      data: { stepId: 'PM', note: 'too slow', more: 1 },
      status: 'refused',
      error: conflict,
    } as const;
    store.signals.userNames.set({ bo: 'Bo' });
    store.signals.pending.set([flag]);
    await show();
    const row = (): HTMLElement => page.querySelector('[data-testid="pending-list"] > li')!;
    expect(row().textContent).toContain('Refused: somebody else has changed the same thing meanwhile');
    expect(page.querySelector('[data-testid="conflict-events"]')?.textContent).toMatch(/Bo\s+flagged PM.*wrong model.*#7/);
    await press('Apply anyway');
    await press('Drop');
    expect([store.retried, store.discarded]).toEqual([['m1'], ['m1']]);

    await press('Edit');
    const field = page.querySelector<HTMLInputElement>('[data-testid="conflict-field"]')!;
    expect(field.value).toBe('too slow');
    field.value = ' both of us ';
    await press('Send');
    expect(store.edits).toEqual([{ messageId: 'm1', data: { stepId: 'PM', note: 'both of us', more: 1 } }]);
    expect(page.querySelector('[data-testid="conflict-field"]')).toBeNull();

    // There is nothing in a prune to write anew, and an agent without a name is none.
    store.signals.pending.set([{ ...flag, eventType: 'PRUNE', data: { stepId: 'PM', isPruned: true } }]);
    await fixture.whenStable();
    expect(row().textContent).not.toContain('Edit');
    store.signals.pending.set([{ ...flag, eventType: 'GRAFT', data: { after: 'PM', agentName: 'scanner' } }]);
    await fixture.whenStable();
    await press('Edit');
    page.querySelector<HTMLInputElement>('[data-testid="conflict-field"]')!.value = ' ';
    await press('Send');
    expect(store.edits).toHaveLength(1);
    await press('Cancel');
    expect(row().textContent).toContain('Apply anyway');
  });

  it('offers no way back where the page has none', async () => {
    store.keep(events(1, 2));
    await show();
    expect(page.querySelectorAll('.go')).toHaveLength(2);
    fixture.componentRef.setInput('goesBack', false);
    fixture.componentRef.setInput('label', 'What happened');
    await fixture.whenStable();
    expect(page.querySelectorAll('.go')).toHaveLength(0);
    expect(page.querySelector('[role="region"]')?.getAttribute('aria-label')).toBe('What happened');
  });

  it('calls people as the events do, and else as they are called now', async () => {
    store.signals.userNames.set({ ana: 'Ana', bo: 'Bo' });
    store.keep([anEvent(1, { userName: 'Ana of old' }), anEvent(2, { userId: 'bo' })]);
    await show();
    const who = (): string[] => [...page.querySelectorAll('.who')].map((each) => each.textContent);
    expect(who()).toEqual(['Bo', 'Ana of old']);
    store.signals.userNames.set({ bo: 'Boris' });
    await fixture.whenStable();
    expect(who()).toEqual(['Boris', 'Ana of old']);
  });

  describe('keeps the focus', () => {
    const refused = { ...send, status: 'refused', error: new CollabError('conflict', 'Event 7 …') } as const;
    const row = (): HTMLElement => page.querySelector('[data-testid="pending-list"] > li')!;
    const button = (text: string): HTMLButtonElement =>
      [...page.querySelectorAll('button')].find((each) => each.textContent.trim() === text)!;
    const pressed = async (text: string): Promise<void> => {
      button(text).focus();
      await press(text);
    };
    const pending = async (...sends: readonly PendingSend[]): Promise<void> => {
      store.signals.pending.set(sends);
      await fixture.whenStable();
    };
    const region = (): Element => page.querySelector('[role="region"]')!;

    beforeEach(async () => {
      store.keep([anEvent(1)]);
      await show();
      document.body.append(page);
    });
    afterEach(() => page.remove());

    it('in the row of what is sent again', async () => {
      await pending(refused);
      await pressed('Apply anyway');
      await pending(send);
      expect(document.activeElement).toBe(row());
    });

    it('in the next row when one is dropped, and in the list after the last', async () => {
      await pending(refused, { ...refused, messageId: 'm2' });
      await pressed('Drop');
      await pending(refused);
      expect(document.activeElement).toBe(row());
      await pressed('Drop');
      await pending();
      expect(document.activeElement).toBe(region());
    });

    it('in the row whose words were edited, or on the way to edit them', async () => {
      await pending(refused);
      await pressed('Edit');
      await pressed('Cancel');
      expect(document.activeElement).toBe(button('Edit'));
      await press('Edit');
      await pressed('Send');
      await pending(send);
      expect(document.activeElement).toBe(row());
    });

    it('when a filter that finds nothing is cleared', async () => {
      await press('Prunes');
      await pressed('Show all');
      expect(document.activeElement).toBe(region());
    });

    it('in the row of an event that is shown whole', async () => {
      store.keep([anEvent(1, { eventType: 'FLAG', data: { stepId: 'PM', note: 'long '.repeat(300) } })]);
      await fixture.whenStable();
      await pressed('Show all');
      expect(page.querySelector('.all')).toBeNull();
      expect(document.activeElement?.closest('li')).toBe(page.querySelector('[data-sequence="1"]'));
    });
  });
});
