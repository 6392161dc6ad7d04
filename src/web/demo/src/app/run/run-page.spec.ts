import { ComponentFixture, TestBed } from '@angular/core/testing';
import { provideRouter } from '@angular/router';
import { Access } from '../identity/access';
import { standInForTheBrowser } from '../pipeline/pipeline.testing';
import { FakeStore } from '../testing/fake-store';
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

  describe('for who may only look', () => {
    const use = async (text: string): Promise<void> => {
      const access = TestBed.inject(Access);
      access.paste(text);
      await access.token();
    };

    it('has its actions disabled from the start, says why, and offers another token', async () => {
      await use(token('*:read'));
      await show();
      expect(actions()).toHaveLength(15);
      expect(actions().every((button) => button.disabled && button.title === 'You have no right to change this run.')).toBe(true);
      expect(find('collab-connection-bar').textContent).toContain('Use another token');
    });

    it('believes the server more than the token', async () => {
      await use(token('*:write'));
      await show();
      expect(actions().some((button) => button.disabled)).toBe(false);
      store.signals.canWrite.set(false);
      await fixture.whenStable();
      expect(actions().every((button) => button.disabled)).toBe(true);
      // With a new token nothing is known again.
      store.signals.canWrite.set(null);
      await fixture.whenStable();
      expect(actions().some((button) => button.disabled)).toBe(false);
    });

    it('lets them look on when they have no other token', async () => {
      await use(token('*:read'));
      await show();
      find('collab-connection-bar button').click();
      await fixture.whenStable();
      expect(find('collab-welcome textarea')).not.toBeNull();
      [...page.querySelectorAll<HTMLElement>('collab-welcome button')]
        .find((button) => button.textContent === 'Go on with the old one')!
        .click();
      await fixture.whenStable();
      expect(page.querySelector('collab-welcome')).toBeNull();
      expect(TestBed.inject(Access).hasPastedToken()).toBe(true);
    });
  });

  it('shows the pipeline’s figures where the connection has nothing to say', async () => {
    await show();
    expect(find('.summary').classList).not.toContain('covered');
    store.signals.connection.set({ kind: 'polling', probing: false, reachable: true });
    await fixture.whenStable();
    expect(find('.summary').classList).toContain('covered');
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
});
