import { aGraft, PipelineBench, three } from './pipeline-bench.testing';

describe('Pipeline', () => {
  const bench = new PipelineBench();
  const { show, cards, card, find, press, click, field, type, descriptionOf } = bench;

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
      expect(bench.prunes).toEqual([{ stepId: 'ARCHITECT', isPruned: true }]);
      await press('G');
      expect(find('graft-dialog').textContent).toContain('after ARCHITECT');
      type(field('agent-name-input'), 'scanner');
      await click(find('graft-submit'));
      expect(bench.grafts).toEqual([{ after: 'ARCHITECT', agentName: 'scanner' }]);
      card('SRE').focus();
      await press('f');
      expect(find('flag-dialog').textContent).toContain('Flag SRE for review');
    });

    it('keeps what was typed when it cannot be sent any more, and says why', async () => {
      const sent = (): number => bench.grafts.length + bench.flags.length;
      for (const [key, dialog, input, submit] of [
        ['g', 'graft-dialog', 'agent-name-input', 'graft-submit'],
        ['f', 'flag-dialog', 'flag-note-input', 'flag-submit'],
      ] as const) {
        await show(three, { readOnly: false });
        card('ARCHITECT').focus();
        await press(key);
        type(field(input), 'scanner');
        await show(three, { readOnly: true, readOnlyReason: 'This run has ended.' });
        expect([field(input).value, find('obstacle').textContent]).toEqual(['scanner', 'This run has ended. What you typed is not sent.']);
        const before = sent();
        await click(find(submit));
        expect([bench.page.querySelector(`[data-testid="${dialog}"]`) === null, sent()]).toEqual([false, before]);
        // It may be possible again, as when the connection is back.
        await show(three, { readOnly: false });
        await click(find(submit));
        expect(find(dialog)).toBeNull();
      }
      expect([bench.grafts, bench.flags]).toEqual([
        [{ after: 'ARCHITECT', agentName: 'scanner' }],
        [{ stepId: 'ARCHITECT', note: 'scanner' }],
      ]);
    });

    it('acts once while a key is held, and goes on from step to step', async () => {
      await show(three);
      card('PM').focus();
      const hold = async (key: string): Promise<void> => {
        for (const repeat of [false, true, true])
          document.activeElement!.dispatchEvent(new KeyboardEvent('keydown', { key, repeat, bubbles: true, cancelable: true }));
        await bench.fixture.whenStable();
      };
      await hold('p');
      expect(bench.prunes).toEqual([{ stepId: 'PM', isPruned: true }]);
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
      expect(bench.prunes).toEqual([]);
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
      const buttons = [...bench.page.querySelectorAll<HTMLButtonElement>('.actions button')];
      expect(buttons).toHaveLength(9);
      expect(buttons.every((button) => button.disabled && button.title === reason)).toBe(true);
      expect(descriptionOf('PM')).toContain(reason);
    });

    it('does nothing at a shortcut either', async () => {
      await show(three, { readOnly: true, readOnlyReason: reason });
      card('PM').focus();
      for (const key of ['g', 'p', 'f']) await press(key);
      expect([bench.grafts, bench.prunes, bench.flags]).toEqual([[], [], []]);
      expect(bench.page.querySelector('dialog')).toBeNull();
    });

    it('offers nothing to who may never change it, and tells no key that would', async () => {
      await show(three, { mayChange: false, readOnly: true, readOnlyReason: reason });
      expect(bench.page.querySelector('.actions')).toBeNull();
      expect(card('PM').hasAttribute('aria-keyshortcuts')).toBe(false);
      expect(descriptionOf('PM')).not.toContain(reason);
      await press('?', document.body);
      expect(find('shortcuts-dialog').textContent).not.toMatch(/Graft|Prune|Flag|Letters|Ctrl/);
      expect(find('shortcuts-dialog').textContent).toContain('Find a step');
    });
  });
});
