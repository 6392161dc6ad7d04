import { ComponentFixture, TestBed } from '@angular/core/testing';
import { userColour } from '../shared/user';
import { Pipeline } from './pipeline';
import { FlagRequest, GraftRequest, PipelineStep, PruneRequest } from './pipeline.model';
import { standInForTheBrowser } from './pipeline.testing';

function aStep(id: string, part: Partial<PipelineStep> = {}): PipelineStep {
  return { id, name: id, kind: 'step', pruned: false, flag: null, cursors: [], ...part };
}

function aGraft(id: string, part: Partial<PipelineStep> = {}): PipelineStep {
  return aStep(id, { kind: 'graft', graftedBy: { userId: 'ana', sequenceNumber: 42 }, ...part });
}

const three = [aStep('PM'), aStep('ARCHITECT'), aStep('SRE')];

describe('Pipeline', () => {
  let fixture: ComponentFixture<Pipeline>;
  let page: HTMLElement;
  let grafts: GraftRequest[];
  let prunes: PruneRequest[];
  let flags: FlagRequest[];
  let visits: (string | null)[];

  const show = async (steps: readonly PipelineStep[], part: { readOnly?: boolean; readOnlyReason?: string } = {}): Promise<void> => {
    fixture.componentRef.setInput('steps', steps);
    for (const [name, value] of Object.entries(part)) fixture.componentRef.setInput(name, value);
    await fixture.whenStable();
  };
  const cards = (): HTMLElement[] => [...page.querySelectorAll<HTMLElement>('[data-node-id]')];
  const card = (id: string): HTMLElement => cards().find((each) => each.dataset['nodeId'] === id)!;
  const find = (testId: string, within = page): HTMLElement => within.querySelector<HTMLElement>(`[data-testid="${testId}"]`)!;
  const press = async (key: string, on: HTMLElement = document.activeElement as HTMLElement): Promise<void> => {
    on.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }));
    await fixture.whenStable();
  };
  const click = async (element: HTMLElement): Promise<void> => {
    element.click();
    await fixture.whenStable();
  };
  const point = (id: string, type: 'pointerenter' | 'pointerleave', pointerType = 'mouse'): void => {
    card(id).dispatchEvent(new PointerEvent(type, { pointerType }));
    TestBed.tick();
  };
  const field = (testId: string): HTMLInputElement => find(testId) as HTMLInputElement;
  const type = (into: HTMLInputElement, text: string): void => {
    into.value = text;
    into.dispatchEvent(new Event('input'));
  };
  const descriptionOf = (id: string): string => document.getElementById(card(id).getAttribute('aria-describedby')!)!.textContent;

  beforeEach(() => {
    standInForTheBrowser();
    fixture = TestBed.createComponent(Pipeline);
    page = fixture.nativeElement as HTMLElement;
    document.body.append(page);
    [grafts, prunes, flags, visits] = [[], [], [], []];
    fixture.componentInstance.graft.subscribe((request) => grafts.push(request));
    fixture.componentInstance.prune.subscribe((request) => prunes.push(request));
    fixture.componentInstance.flag.subscribe((request) => flags.push(request));
    fixture.componentInstance.focusStep.subscribe((id) => visits.push(id));
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  describe('shows', () => {
    it('the cards in the order of the steps, chains and strays included', async () => {
      await show([aStep('PM'), aGraft('scanner'), aGraft('reviewer'), aStep('SRE'), aGraft('stray')]);
      expect(cards().map((each) => [each.dataset['nodeId'], each.dataset['kind']])).toEqual([
        ['PM', 'step'],
        ['scanner', 'graft'],
        ['reviewer', 'graft'],
        ['SRE', 'step'],
        ['stray', 'graft'],
      ]);
    });

    it('keeps the elements of its cards when another comes between them', async () => {
      await show(three);
      const before = cards();
      await show([three[0]!, aGraft('scanner'), three[1]!, three[2]!]);
      expect(before.every((each) => cards().includes(each))).toBe(true);
    });

    it('an edge to each card that runs, and the end', async () => {
      await show([aStep('PM'), aStep('ARCHITECT', { pruned: true }), aStep('SRE')]);
      const to = [...page.querySelectorAll('path[data-to]')].map((path) => path.getAttribute('data-to'));
      expect(to).toEqual(['PM', 'SRE', '']);
    });

    it('who grafted an agent, and when', async () => {
      await show([aStep('PM'), aGraft('scanner')]);
      expect(card('scanner').textContent).toMatch(/grafted by ana\s*· #42/);
      expect(descriptionOf('scanner')).toContain('Grafted by ana, event 42.');
    });

    it('how far a step has come, and what came of it', async () => {
      await show([
        aStep('PM', { activity: { state: 'done', text: 'All is well.' } }),
        aStep('ARCHITECT', { activity: { state: 'running', text: null } }),
        aStep('SRE', { activity: { state: 'running', text: null }, pruned: true }),
      ]);
      expect(cards().map((each) => each.querySelector('.state')!.textContent.trim())).toEqual([
        'Done: All is well.',
        'Running…',
        'Pruned · skipped',
      ]);
      expect(cards().map((each) => each.querySelector('.running') !== null)).toEqual([false, true, false]);
      expect(descriptionOf('PM')).toContain('Done: All is well.');
      expect(descriptionOf('ARCHITECT')).toContain('Running.');
    });

    it('what is pruned, by attribute and in words', async () => {
      await show([aStep('PM', { pruned: true }), aStep('SRE')]);
      expect(cards().map((each) => each.dataset['pruned'])).toEqual(['true', 'false']);
      expect(card('PM').textContent).toContain('Pruned · skipped');
      expect(find('prune-button', card('PM')).textContent).toContain('Restore');
      expect(find('prune-button', card('SRE')).textContent).toContain('Prune');
    });

    it('a flag with its note in a popover, on focus and on click, until Escape', async () => {
      await show([aStep('PM', { flag: { note: 'who pays?', userId: 'bo', sequenceNumber: 7 } }), aStep('SRE')]);
      expect(cards().map((each) => each.dataset['flagged'])).toEqual(['true', 'false']);
      const [badge, note] = [find('flag-badge', card('PM')), find('flag-note', card('PM'))];
      expect(badge.getAttribute('aria-describedby')).toBe(note.id);
      expect(note.textContent).toContain('bo flagged this · #7');
      expect(note.textContent).toContain('who pays?');
      const isOpen = (): boolean => note.hasAttribute('data-open');
      expect(isOpen()).toBe(false);
      badge.focus();
      await fixture.whenStable();
      expect(isOpen()).toBe(true);
      await press('Escape');
      expect(isOpen()).toBe(false);
      await click(badge);
      expect(isOpen()).toBe(true);
      await click(badge);
      expect(isOpen()).toBe(false);
    });

    it("others' cursors: two names in their colours, and how many more", async () => {
      await show([aStep('PM', { cursors: ['ana', 'bo', 'cy', 'di'] }), aStep('SRE')]);
      const tags = [...page.querySelectorAll<HTMLElement>('[data-testid="step-cursor"]')];
      expect(tags.map((tag) => tag.textContent)).toEqual(['ana', 'bo']);
      expect(tags.map((tag) => tag.style.getPropertyValue('--user'))).toEqual(['ana', 'bo'].map(userColour));
      expect(find('more-cursors').textContent).toBe('+2');
      expect(descriptionOf('PM')).toContain('Here now: ana, bo, cy, di.');
    });

    it('nothing moves for a cursor', async () => {
      await show(three);
      const paths = [...page.querySelectorAll('path[data-to]')];
      const places = (): string[] => [...page.querySelectorAll('li'), ...paths].map((each) => each.outerHTML.slice(0, 200));
      const changes: MutationRecord[] = [];
      const observer = new MutationObserver((records) => changes.push(...records));
      observer.observe(page, { subtree: true, attributes: true, attributeFilter: ['d', 'style'] });
      const before = places();
      await show([three[0]!, aStep('ARCHITECT', { cursors: ['bo'] }), three[2]!]);
      changes.push(...observer.takeRecords());
      expect(page.querySelectorAll('[data-testid="step-cursor"]')).toHaveLength(1);
      expect(places()).toEqual(before);
      expect(changes.map((change) => (change.target as Element).tagName).filter((tag) => tag === 'LI' || tag === 'path')).toEqual([]);
    });
  });

  it('shows the others where one card is not as it should be', async () => {
    vi.spyOn(console, 'error').mockImplementation(() => undefined);
    const [nobody, nothing] = [undefined as never, 5 as never];
    await show([
      aStep('PM', { flag: { note: nothing, userId: nobody, sequenceNumber: nobody } }),
      aGraft('constructor', { name: nothing, graftedBy: { userId: nobody, sequenceNumber: 1 }, cursors: [nobody] }),
      aStep('toString', { name: '' }),
      aStep('SRE', { flag: { note: 'look', userId: 'ben', sequenceNumber: 3 } }),
    ]);
    expect(cards().map((each) => each.dataset['nodeId'])).toEqual(['PM', 'constructor', 'toString', 'SRE']);
    expect(card('SRE').textContent).toContain('ben');
    vi.restoreAllMocks();
  });

  it('calls people by their names, and isolates them', async () => {
    const names = { 'u-1': 'Ana\u202e', 'u-2': 'Ben' };
    await show([aGraft('scanner', { names, graftedBy: { userId: 'u-1', sequenceNumber: 4 }, cursors: ['u-2', 'u-3'] })]);
    expect(card('scanner').querySelector('.state')?.textContent).toContain('grafted by Ana');
    expect([...card('scanner').querySelectorAll('bdi')].map((each) => each.textContent)).toEqual(['scanner', 'Ana', 'Ben', 'u-3']);
    expect(descriptionOf('scanner')).toBe('Grafted by Ana, event 4. Here now: Ben, u-3.');
  });

  describe('by mouse', () => {
    it('prunes, and takes back in', async () => {
      await show([aStep('PM'), aStep('SRE', { pruned: true })]);
      await click(find('prune-button', card('PM')));
      await click(find('prune-button', card('SRE')));
      expect(prunes).toEqual([
        { stepId: 'PM', isPruned: true },
        { stepId: 'SRE', isPruned: false },
      ]);
    });

    it('grafts the agent whose name was typed, without the spaces around it', async () => {
      await show(three);
      await click(find('graft-button', card('ARCHITECT')));
      expect(find('graft-dialog').textContent).toContain('Graft an agent after ARCHITECT');
      type(field('agent-name-input'), '  scanner ');
      await click(find('graft-submit'));
      expect(grafts).toEqual([{ after: 'ARCHITECT', agentName: 'scanner' }]);
      expect(find('graft-dialog')).toBeNull();
    });

    it('grafts an agent that was suggested', async () => {
      await show(three);
      await click(find('graft-button', card('SRE')));
      await click([...page.querySelectorAll<HTMLElement>('.agent')].find((each) => each.textContent.includes('cost-guard-v1'))!);
      await click(find('graft-submit'));
      expect(grafts).toEqual([{ after: 'SRE', agentName: 'cost-guard-v1' }]);
    });

    it.each([
      ['nothing', '', 'An agent needs a name.'],
      ['spaces', '   ', 'An agent needs a name.'],
      ['more than 200 characters', 'x'.repeat(201), 'A name has at most 200 characters; this one has 201.'],
    ])('refuses %s as the name of an agent, and says why', async (_, text, problem) => {
      await show(three);
      await click(find('graft-button', card('PM')));
      const name = field('agent-name-input');
      type(name, text);
      await click(find('graft-submit'));
      expect(grafts).toEqual([]);
      expect(page.querySelector('[role="alert"]')?.textContent).toBe(problem);
      expect(name.getAttribute('aria-invalid')).toBe('true');
      expect(document.activeElement).toBe(name);
      type(name, 'x'.repeat(200));
      await click(find('graft-submit'));
      expect(grafts).toEqual([{ after: 'PM', agentName: 'x'.repeat(200) }]);
    });

    it('says which agent a graft would push out', async () => {
      const elsewhere = aGraft('stray', { graftedBy: { userId: 'ana', sequenceNumber: 9, after: 'NOWHERE' } });
      await show([aStep('PM'), aGraft('scanner'), aStep('SRE'), elsewhere]);
      await click(find('graft-button', card('PM')));
      expect(page.querySelector('dialog .note')?.textContent).toContain('scanner is grafted here already');
      await click(find('graft-dialog').querySelector<HTMLElement>('footer button')!);
      await click(find('graft-button', card('SRE')));
      expect(page.querySelector('dialog .note')).toBeNull();
    });

    it('goes on saying what is there already while others move, and says what comes meanwhile', async () => {
      const steps = (...cursors: string[]): PipelineStep[] => [aStep('PM'), aGraft('scanner'), aStep('SRE', { cursors })];
      await show(steps());
      await click(find('graft-button', card('PM')));
      await show(steps('ben'));
      expect(page.querySelector('dialog .note')?.textContent).toContain('scanner is grafted here already');
      await click(find('graft-dialog').querySelector<HTMLElement>('footer button')!);

      await click(find('flag-button', card('SRE')));
      expect(page.querySelector('dialog .note')).toBeNull();
      await show([aStep('PM'), aStep('SRE', { flag: { userId: 'ben', note: 'look', sequenceNumber: 9 } })]);
      expect(page.querySelector('dialog .note')?.textContent).toContain('ben flagged it already: “look”');
    });

    it.each([
      ['a note', ' look here ', 'look here'],
      ['no note', '  ', null],
    ])('flags with %s', async (_, text, note) => {
      await show(three);
      await click(find('flag-button', card('SRE')));
      type(field('flag-note-input'), text);
      await click(find('flag-submit'));
      expect(flags).toEqual([{ stepId: 'SRE', note }]);
      expect(find('flag-dialog')).toBeNull();
    });

    it('does nothing when a dialog is cancelled', async () => {
      await show(three);
      await click(find('flag-button', card('SRE')));
      await click(find('flag-dialog').querySelector<HTMLElement>('footer button')!);
      expect([flags, find('flag-dialog')]).toEqual([[], null]);
    });
  });

  describe('by keyboard', () => {
    it('goes from step to step; the Tab key stops at one only', async () => {
      await show(three);
      const stops = (): (string | undefined)[] =>
        cards()
          .filter((each) => each.tabIndex === 0)
          .map((each) => each.dataset['nodeId']);
      expect(stops()).toEqual(['PM']);
      card('PM').focus();
      const way: (string | undefined)[] = [];
      for (const key of ['ArrowRight', 'ArrowDown', 'ArrowRight', 'ArrowLeft', 'ArrowUp', 'End', 'Home']) {
        await press(key);
        way.push((document.activeElement as HTMLElement).dataset['nodeId']);
        expect(stops()).toEqual([way.at(-1)]);
      }
      expect(way).toEqual(['ARCHITECT', 'SRE', 'SRE', 'ARCHITECT', 'PM', 'SRE', 'PM']);
    });

    it('has a stop for the Tab key again when the step with it is gone', async () => {
      await show([...three, aGraft('scanner')]);
      card('scanner').focus();
      await show(three);
      expect(cards().filter((each) => each.tabIndex === 0)).toEqual([card('PM')]);
    });

    it('acts on the step with the focus', async () => {
      await show(three);
      card('ARCHITECT').focus();
      await press('p');
      expect(prunes).toEqual([{ stepId: 'ARCHITECT', isPruned: true }]);
      await press('G');
      expect(find('graft-dialog').textContent).toContain('after ARCHITECT');
      type(field('agent-name-input'), 'scanner');
      await click(find('graft-submit'));
      expect(grafts).toEqual([{ after: 'ARCHITECT', agentName: 'scanner' }]);
      card('SRE').focus();
      await press('f');
      expect(find('flag-dialog').textContent).toContain('Flag SRE for review');
    });

    it('acts once while a key is held, and goes on from step to step', async () => {
      await show(three);
      card('PM').focus();
      const hold = async (key: string): Promise<void> => {
        for (const repeat of [false, true, true])
          document.activeElement!.dispatchEvent(new KeyboardEvent('keydown', { key, repeat, bubbles: true, cancelable: true }));
        await fixture.whenStable();
      };
      await hold('p');
      expect(prunes).toEqual([{ stepId: 'PM', isPruned: true }]);
      await hold('ArrowRight');
      expect(document.activeElement).toBe(card('SRE'));
    });

    it.each([
      ['g', 'agent-name-input'],
      ['f', 'flag-note-input'],
    ])('types nothing into the dialog that a held %s opens, until a key is pressed anew', async (key, field) => {
      await show(three);
      card('PM').focus();
      await press(key);
      const typed = (repeat: boolean): boolean =>
        find(field).dispatchEvent(new KeyboardEvent('keydown', { key, repeat, bubbles: true, cancelable: true }));
      expect([typed(true), typed(true), typed(false), typed(true)]).toEqual([false, false, true, true]);
    });

    it.each([
      ['f', 'flag-dialog', 'Flag SRE'],
      ['g', 'graft-dialog', 'after SRE'],
    ])('asks what %s asks while another dialog is still closing', async (key, dialog, text) => {
      await show(three);
      card('PM').focus();
      await press('g');
      // A browser gives the focus back first, and says that the dialog is closed in a task of its own.
      const closing = find('graft-dialog') as HTMLDialogElement;
      closing.open = false;
      card('SRE').focus();
      const asked = press(key);
      closing.dispatchEvent(new Event('close'));
      await asked;
      expect((find(dialog) as HTMLDialogElement).open).toBe(true);
      expect(find(dialog).textContent).toContain(text);
    });

    it('leaves keys with Ctrl, Alt or Meta to the browser', async () => {
      await show(three);
      card('PM').focus();
      for (const held of [{ ctrlKey: true }, { altKey: true }, { metaKey: true }]) {
        const event = new KeyboardEvent('keydown', { key: 'p', bubbles: true, cancelable: true, ...held });
        card('PM').dispatchEvent(event);
        expect(event.defaultPrevented).toBe(false);
      }
      expect(prunes).toEqual([]);
    });

    it('shows its shortcuts at a question mark, though not while one is typed', async () => {
      await show(three);
      const elsewhere = document.body.appendChild(document.createElement('input'));
      await press('?', elsewhere);
      expect(find('shortcuts-dialog')).toBeNull();
      await press('?', document.body);
      expect(find('shortcuts-dialog').textContent).toContain('Graft an agent after the step');
      elsewhere.remove();
    });
  });

  describe('read only', () => {
    const reason = 'You have no right to change this run.';

    it('disables its actions, and says why in tooltip and description', async () => {
      await show(three, { readOnly: true, readOnlyReason: reason });
      const buttons = [...page.querySelectorAll<HTMLButtonElement>('.actions button')];
      expect(buttons).toHaveLength(9);
      expect(buttons.every((button) => button.disabled && button.title === reason)).toBe(true);
      expect(descriptionOf('PM')).toContain(reason);
    });

    it('does nothing at a shortcut either', async () => {
      await show(three, { readOnly: true, readOnlyReason: reason });
      card('PM').focus();
      for (const key of ['g', 'p', 'f']) await press(key);
      expect([grafts, prunes, flags]).toEqual([[], [], []]);
      expect(page.querySelector('dialog')).toBeNull();
    });

    it('closes a dialog that was open', async () => {
      await show(three);
      await click(find('graft-button', card('PM')));
      await show(three, { readOnly: true, readOnlyReason: reason });
      expect(page.querySelector('dialog')).toBeNull();
    });
  });

  it('does not offer the agent that stands there already', async () => {
    await show([aStep('PM'), aGraft('cost-guard-v1', { graftedBy: { userId: 'ana', sequenceNumber: 1, after: 'PM' } })]);
    await click(find('graft-button', card('PM')));
    const offers = [...page.querySelectorAll<HTMLButtonElement>('button.agent')];
    expect(offers.filter((offer) => offer.disabled).map((offer) => offer.textContent)).toEqual([expect.stringContaining('cost-guard-v1')]);
    type(field('agent-name-input'), 'cost-guard-v1');
    await fixture.whenStable();
    expect(find('graft-dialog').textContent).toContain('nothing would change');
  });

  describe('with a thousand steps and fifty people', () => {
    const people = Array.from({ length: 50 }, (_, i) => `person ${i}`);
    const names = {};
    const thousand = Array.from({ length: 1000 }, (_, i) =>
      i === 0 ? aStep('PM', { names }) : aGraft(`agent-${i}`, { names, pruned: i % 20 === 7, cursors: i <= 50 ? [people[i - 1]!] : [] }),
    );

    it('draws what is seen: a few nodes for each card, none for the others', async () => {
      await show(thousand);
      expect(cards().length).toBeLessThan(120);
      expect(page.querySelectorAll('*').length).toBeLessThan(2500);
      expect(card('PM').getAttribute('aria-label')).toBe('PM, 1 of 1000');
    });

    it('touches one card for a cursor, and one for a flag', async () => {
      await show(thousand);
      const changes: MutationRecord[] = [];
      const observer = new MutationObserver((records) => changes.push(...records));
      observer.observe(page, { subtree: true, attributes: true, childList: true, characterData: true });
      const changed = [...thousand];
      changed[1] = { ...thousand[1]!, cursors: [] };
      changed[2] = { ...thousand[2]!, flag: { note: null, userId: 'ana', sequenceNumber: 1001 } };
      await show(changed);
      changes.push(...observer.takeRecords());
      observer.disconnect();
      const touched = new Set(
        changes
          .map(({ target }) => (target instanceof Element ? target : target.parentElement)?.closest('[data-node-id]') ?? null)
          .filter((each) => each !== null),
      );
      expect([...touched]).toEqual([card('agent-1'), card('agent-2')]);
    });

    it('leads the keyboard to steps that are not drawn, and shows their actions there', async () => {
      await show(thousand);
      card('PM').focus();
      await press('End');
      expect(document.activeElement).toBe(card('agent-999'));
      await press('ArrowLeft');
      expect(document.activeElement).toBe(card('agent-998'));
      expect(find('graft-button', card('agent-998'))).not.toBeNull();
      await press('p');
      expect(prunes).toEqual([{ stepId: 'agent-998', isPruned: true }]);
      expect(cards().length).toBeLessThan(120);
    });

    it('finds a step by its name, and goes there', async () => {
      await show(thousand);
      await press('/', document.body);
      const search = field('find-step');
      expect(document.activeElement).toBe(search);
      type(search, 'AGENT-77');
      await fixture.whenStable();
      const said = (): string => page.querySelector('collab-find-step [role="status"]')!.textContent;
      expect(said()).toBe('agent-77, 1 of 11 found');
      expect(card('agent-77').classList).toContain('sought');
      await press('ArrowDown', search);
      expect(said()).toBe('agent-770, 2 of 11 found');
      await press('Enter', search);
      expect(document.activeElement).toBe(card('agent-770'));
      type(search, 'nothing of the kind');
      await fixture.whenStable();
      expect(said()).toBe('No step found');
    });

    it('shows all of it as boxes, and comes closer by key', async () => {
      await show(thousand);
      await press('0', document.body);
      expect(Number.parseInt(find('zoom').textContent)).toBeLessThan(50);
      expect(cards().length).toBeLessThan(5);
      expect(page.querySelectorAll('.edges path.box').length).toBeLessThan(6);
      expect(page.querySelectorAll('.edges rect.ring')).toHaveLength(50);
      await press('1', document.body);
      expect(find('zoom').textContent).toBe('100 %');
      await press('+', document.body);
      expect(find('zoom').textContent).toBe('125 %');
      await press('-', document.body);
      expect(find('zoom').textContent).toBe('100 %');
    });

    it('lets nothing slide in that was there before', async () => {
      await show(thousand.slice(0, 999));
      expect(page.querySelectorAll('.new')).toHaveLength(0);
      await show([aStep('PM', { names }), aGraft('new one', { names }), ...thousand.slice(1)]);
      expect([...page.querySelectorAll('li.new [data-node-id]')].map((each) => (each as HTMLElement).dataset['nodeId'])).toEqual([
        'new one',
      ]);
    });
  });

  describe('tells where the user is', () => {
    beforeEach(async () => {
      await show(three);
      vi.useFakeTimers();
    });

    it('once the pointer has settled, not what it crossed', () => {
      for (const id of ['PM', 'ARCHITECT']) {
        point(id, 'pointerenter');
        vi.advanceTimersByTime(30);
        point(id, 'pointerleave');
      }
      point('SRE', 'pointerenter');
      vi.advanceTimersByTime(1000);
      expect(visits).toEqual(['SRE']);
      point('SRE', 'pointerleave');
      vi.advanceTimersByTime(1000);
      expect(visits).toEqual(['SRE', null]);
    });

    it('by focus, too, and shows the actions there', () => {
      card('ARCHITECT').focus();
      TestBed.tick();
      vi.advanceTimersByTime(1000);
      expect(card('ARCHITECT').classList).toContain('active');
      find('graft-button', card('ARCHITECT')).focus();
      TestBed.tick();
      vi.advanceTimersByTime(1000);
      expect(visits).toEqual(['ARCHITECT']);
      find('graft-button', card('ARCHITECT')).blur();
      TestBed.tick();
      vi.advanceTimersByTime(1000);
      expect(visits).toEqual(['ARCHITECT', null]);
    });

    it('at the step that a tap selected, not under a finger that scrolls', () => {
      point('SRE', 'pointerenter', 'touch');
      vi.advanceTimersByTime(1000);
      expect(visits).toEqual([]);
      card('SRE').click();
      TestBed.tick();
      point('SRE', 'pointerleave', 'touch');
      vi.advanceTimersByTime(1000);
      expect(visits).toEqual(['SRE']);
      expect(card('SRE').classList).toContain('active');
    });

    it('at the step that a dialog asks about', () => {
      point('PM', 'pointerenter');
      find('flag-button', card('PM')).click();
      point('PM', 'pointerleave');
      vi.advanceTimersByTime(1000);
      expect(visits).toEqual(['PM']);
    });
  });
});
