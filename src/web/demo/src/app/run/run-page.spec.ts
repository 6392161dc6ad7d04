import { ComponentFixture, TestBed } from '@angular/core/testing';
import { provideRouter } from '@angular/router';
import { CollabError } from '@collab/client';
import { Access } from '../identity/access';
import { standInForTheBrowser } from '../pipeline/pipeline.testing';
import { anEvent, FakeStore } from '@collab/angular/testing';
import { RunPage } from './run-page';

function token(runAccess: string): string {
  return `header.${btoa(JSON.stringify({ sub: 'ana', run_access: runAccess }))}.signature`;
}

describe('RunPage', () => {
  let store: FakeStore;
  let fixture: ComponentFixture<RunPage>;
  let page: HTMLElement;
  const find = (selector: string): HTMLElement => page.querySelector<HTMLElement>(selector)!;
  const actions = (): HTMLButtonElement[] => [...page.querySelectorAll<HTMLButtonElement>('.actions button')];
  const show = async (): Promise<void> => {
    fixture = TestBed.createComponent(RunPage);
    fixture.componentRef.setInput('runId', store.signals.runId());
    page = fixture.nativeElement as HTMLElement;
    document.body.append(page);
    await fixture.whenStable();
  };

  beforeAll(() => standInForTheBrowser());

  beforeEach(() => {
    localStorage.clear();
    sessionStorage.clear();
    vi.stubGlobal('matchMedia', () => Object.assign(new EventTarget(), { matches: false }));
    store = new FakeStore();
    TestBed.configureTestingModule({ providers: [...store.providers, provideRouter([])] });
  });

  afterEach(() => {
    fixture.destroy();
    page.remove();
    vi.unstubAllGlobals();
  });

  describe('of a run', () => {
    it('ends it from a menu, once that is confirmed', async () => {
      await show();
      expect(find('[data-testid="run-ended-bar"]')).toBeNull();
      find('[data-testid="run-menu"]').click();
      await fixture.whenStable();
      find('[data-testid="end-run"]').click();
      await fixture.whenStable();
      expect(find('[data-testid="end-dialog"]')).not.toBeNull();
      expect(store.sent).toEqual([]);
      const outcome = find('[data-testid="end-outcome"]') as HTMLInputElement;
      outcome.value = '  all steps done ';
      find('[data-testid="end-confirm"]').click();
      await fixture.whenStable();
      expect(store.sent).toEqual(['end all steps done']);
    });

    it('that has ended says so with its outcome, and has its actions disabled for that reason', async () => {
      await show();
      store.signals.ended.set(true);
      store.signals.outcome.set('all steps done');
      store.signals.connection.set({ kind: 'closed', error: null });
      store.signals.isConnected.set(false);
      await fixture.whenStable();
      expect(find('[data-testid="run-ended-bar"]').textContent.replace(/\s+/g, ' ').trim()).toBe('This run has ended: all steps done');
      expect(find('[data-testid="connection-bar"]')).toBeNull();
      expect(actions().every((button) => button.disabled && button.title.startsWith('This run has ended.'))).toBe(true);
      find('[data-testid="run-menu"]').click();
      await fixture.whenStable();
      expect((find('[data-testid="end-run"]') as HTMLButtonElement).disabled).toBe(true);
      store.signals.outcome.set(null);
      await fixture.whenStable();
      expect(find('[data-testid="run-ended-bar"]').textContent.trim()).toBe('This run has ended.');
    });
  });

  it('says nothing of a connection before there is one to be made', async () => {
    await show();
    expect(find('collab-connection-health')).not.toBeNull();
    store.signals.connection.set({ kind: 'idle' });
    await fixture.whenStable();
    expect(find('collab-connection-health')).toBeNull();
  });

  describe('for who may only look', () => {
    const use = async (text: string): Promise<void> => {
      const access = TestBed.inject(Access);
      access.paste(text);
      await access.token();
    };

    it('has nothing that changes it from the start, says why, and offers another token', async () => {
      await use(token('*:read'));
      store.signals.epoch.set('e');
      await show();
      expect(actions()).toEqual([]);
      for (const one of ['run-menu', 'branch']) expect(find(`[data-testid="${one}"]`)).toBeNull();
      expect(find('[data-testid="empty-run"]').textContent).toContain('Nothing has happened yet');
      expect(find('[data-testid="empty-run"]').textContent).not.toContain('graft');
      expect(find('collab-connection-bar').textContent).toContain('Use another token');
    });

    it('believes the server more than the token', async () => {
      await use(token('*:write'));
      await show();
      expect(actions().some((button) => button.disabled)).toBe(false);
      store.signals.canWrite.set(false);
      await fixture.whenStable();
      expect(actions()).toEqual([]);
      // With a new token nothing is known again.
      store.signals.canWrite.set(null);
      await fixture.whenStable();
      expect(actions().some((button) => button.disabled)).toBe(false);
    });

    it('lets them look on when they have no other token', async () => {
      await use(token('*:read'));
      await show();
      find('collab-connection-bar button').focus();
      find('collab-connection-bar button').click();
      await fixture.whenStable();
      expect(find('collab-welcome textarea')).not.toBeNull();
      find('collab-welcome textarea').focus();
      [...page.querySelectorAll<HTMLElement>('collab-welcome button')]
        .find((button) => button.textContent === 'Go on with the old one')!
        .click();
      await fixture.whenStable();
      expect(page.querySelector('collab-welcome')).toBeNull();
      await vi.waitFor(() => expect(document.activeElement).toBe(find('collab-connection-bar button')));
      expect(TestBed.inject(Access).hasPastedToken()).toBe(true);
    });
  });

  describe('that has not been read', () => {
    const steps = (): Element[] => [...page.querySelectorAll('[data-node-id]')];
    const unread = (): string => find('[data-testid="unread"]').textContent;

    beforeEach(async () => {
      store.signals.epoch.set(null);
      store.signals.connection.set({ kind: 'connecting' });
      await show();
    });

    it('shows no steps as if they were its own, and says why', async () => {
      expect([steps(), unread()]).toEqual([[], 'The run is on its way…']);
      store.signals.connection.set({ kind: 'closed', error: new CollabError('forbidden', 'No.') });
      await fixture.whenStable();
      expect([steps(), unread()]).toEqual([[], 'A run is shown to those who may read it.']);
      store.signals.connection.set({ kind: 'closed', error: new CollabError('invalid_event', 'No.') });
      await fixture.whenStable();
      expect([steps(), unread()]).toEqual([[], 'The run could not be read.']);
    });

    it('cannot be ended', async () => {
      find('[data-testid="run-menu"]').click();
      await fixture.whenStable();
      expect((find('[data-testid="end-run"]') as HTMLButtonElement).disabled).toBe(true);
    });

    it('has its steps once it is there', async () => {
      store.signals.epoch.set('e');
      await fixture.whenStable();
      expect(steps()).toHaveLength(5);
      expect(find('[data-testid="unread"]')).toBeNull();
    });
  });

  it('settles a clash in which both did the very same, with a word', async () => {
    const theirs = anEvent(7, { userId: 'bo', eventType: 'PRUNE', data: { stepId: 'SRE', isPruned: true } });
    const send = {
      messageId: 'm1',
      eventType: 'PRUNE',
      data: { stepId: 'SRE', isPruned: true },
      createdAt: 0,
      status: 'refused',
      attempts: 1,
      basedOnSequence: 1,
      error: new CollabError('conflict', 'Event 7 …', null, null, [theirs]),
    } as const;
    await show();
    store.signals.pending.set([send]);
    await fixture.whenStable();
    expect(store.discarded).toEqual(['m1']);
    expect(find('main > [role="status"]').textContent).toBe('');
    expect(find('.notif-prune').textContent.replace(/\s+/g, ' ')).toContain('bo pruned SRE too: there is nothing to decide');
    // Another list with the same in it says it no second time.
    store.signals.pending.set([send, { ...send, messageId: 'm2', data: { stepId: 'SRE', isPruned: false } }]);
    await fixture.whenStable();
    expect([store.discarded, page.querySelectorAll('.notification')]).toEqual([['m1'], expect.objectContaining({ length: 1 })]);
  });

  it('keeps in its address what its timeline is narrowed down to', async () => {
    history.replaceState(null, '', '/?user=ana&events=flag&by=bo');
    await show();
    expect(find('.chip[aria-pressed="true"]').textContent).toBe('Flags');
    expect((find('collab-timeline select') as HTMLSelectElement).value).toBe('bo');
    find('.chip[aria-pressed="true"]').click();
    await vi.waitFor(() => expect(location.search).toBe('?user=ana&by=bo'));
    history.replaceState(null, '', '/');
  });

  it('shows the pipeline’s figures, whatever the connection has to say', async () => {
    await show();
    expect(find('.summary').textContent).toBe('5 steps');
    store.signals.connection.set({ kind: 'polling', probing: false, reachable: true });
    await fixture.whenStable();
    expect(find('.summary').textContent).toBe('5 steps');
  });

  it('offers no change while there is no connection and none is tried, for it would be lost', async () => {
    await show();
    expect(actions().some((button) => button.disabled)).toBe(false);
    store.signals.connection.set({ kind: 'reconnecting', attempt: 1, retryAt: 0 });
    await fixture.whenStable();
    expect(actions().some((button) => button.disabled)).toBe(false);
    store.signals.connection.set({ kind: 'closed', error: new CollabError('unauthorized', 'Not valid.') });
    await fixture.whenStable();
    expect(actions().every((button) => button.disabled && button.title === 'You are not connected to this run.')).toBe(true);
  });

  it('tells a change that was refused from one on the way, aloud too', async () => {
    const send = { messageId: 'm1', eventType: 'FLAG', data: { stepId: 'PM' }, createdAt: 0, attempts: 1, basedOnSequence: null };
    await show();
    expect(find('main > [role="status"]').textContent).toBe('');
    store.signals.pending.set([{ ...send, status: 'refused', error: new CollabError('invalid_event', 'No.') }]);
    await fixture.whenStable();
    expect(find('.open-sheet').textContent).not.toContain('on the way');
    expect(find('.open-sheet').textContent).toContain('1 refused');
    expect(find('main > [role="status"]').textContent).toBe('1 change refused. See the timeline.');
    store.signals.queuedMessageCount.set(2);
    await fixture.whenStable();
    expect(find('.open-sheet').textContent).toContain('2 on the way');
  });

  it('goes on at once with a token that was pasted', async () => {
    await show();
    expect(store.retriesNow).toBe(0);
    TestBed.inject(Access).paste(token('*:write'));
    await fixture.whenStable();
    expect(store.retriesNow).toBe(1);
  });

  it('asks for no name where only a token is of use', async () => {
    vi.stubGlobal('fetch', () => Promise.resolve(new Response(null, { status: 404 })));
    await show();
    expect(find('collab-welcome')).toBeNull();
    await vi.waitFor(() => expect(find('collab-welcome textarea')).not.toBeNull());
    expect(find('#welcome-name')).toBeNull();
  });

  it('asks again for what it needs when the browser closes the question all the same', async () => {
    await show();
    await vi.waitFor(() => expect(find('collab-welcome dialog')).not.toBeNull());
    const dialog = find('collab-welcome dialog') as HTMLDialogElement;
    dialog.close();
    await vi.waitFor(() => expect(dialog.open).toBe(true));
  });

  describe('with the timeline as a sheet', () => {
    beforeEach(async () => {
      await show();
      find('.open-sheet').focus();
      find('.open-sheet').click();
      await fixture.whenStable();
    });

    it('takes the focus into it', () => {
      expect(find('aside').classList).toContain('open');
      expect(document.activeElement).toBe(find('.close-sheet'));
    });

    it('gives the focus back on Escape', async () => {
      find('.close-sheet').focus();
      find('.close-sheet').dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', bubbles: true }));
      await fixture.whenStable();
      expect(find('aside').classList).not.toContain('open');
      expect(document.activeElement).toBe(find('.open-sheet'));
    });

    it('leaves the focus alone at an Escape when it is closed', async () => {
      find('.close-sheet').click();
      await fixture.whenStable();
      find('[data-node-id="SRE"]').focus();
      find('[data-node-id="SRE"]').dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', bubbles: true }));
      expect(document.activeElement).toBe(find('[data-node-id="SRE"]'));
    });
  });

  it('says that there is no such run as any other address without a page does', async () => {
    fixture = TestBed.createComponent(RunPage);
    fixture.componentRef.setInput('runId', 'not-a-uuid');
    page = fixture.nativeElement as HTMLElement;
    await fixture.whenStable();
    expect(find('collab-not-found h1').textContent).toBe('There is no such run');
    expect(find('collab-not-found p').textContent).toContain('/runs/550e8400-e29b-41d4-a716-446655440000');
    expect(document.title).toBe('Not found · Collab');
    expect(store.visits).toEqual([]);
  });

  it('leaves the focus at a step when what was to be taken back is dismissed', async () => {
    store.signals.epoch.set('e');
    await show();
    find('[data-node-id="PM"] [data-testid="prune-button"]').click();
    await fixture.whenStable();
    const dismiss = find('[data-testid="undo"] [aria-label="Dismiss"]');
    dismiss.focus();
    dismiss.click();
    await fixture.whenStable();
    expect(page.querySelector('[data-testid="undo"]')).toBeNull();
    expect((document.activeElement as HTMLElement).dataset['nodeId']).toBe('PM');
  });

  it('says what it began as a copy of, and leads there', async () => {
    await show();
    expect(find('[data-testid="branched-from"]')).toBeNull();
    store.signals.branchedFrom.set({ runId: '00000000-0000-4000-8000-000000000001', sequence: 4 });
    await fixture.whenStable();
    expect(find('[data-testid="branched-from"]').textContent).toContain('as of #4');
    expect(find('[data-testid="branched-from"] a').getAttribute('href')).toBe('/runs/00000000-0000-4000-8000-000000000001');
  });

  it('closes its menu when the focus goes elsewhere', async () => {
    await show();
    find('[data-testid="run-menu"]').click();
    await fixture.whenStable();
    find('[data-testid="end-run"]').focus();
    find('[data-node-id="PM"]').focus();
    await fixture.whenStable();
    expect(find('[data-testid="end-run"]')).toBeNull();
  });
});
