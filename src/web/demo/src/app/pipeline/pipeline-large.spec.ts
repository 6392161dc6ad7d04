import { aGraft, aStep, PipelineBench } from './pipeline-bench.testing';

describe('Pipeline', () => {
  const bench = new PipelineBench();
  const { show, cards, card, find, press, field, type } = bench;

  describe('with a thousand steps and fifty people', () => {
    const people = Array.from({ length: 50 }, (_, i) => `person ${i}`);
    const names = {};
    const thousand = Array.from({ length: 1000 }, (_, i) =>
      i === 0 ? aStep('PM', { names }) : aGraft(`agent-${i}`, { names, pruned: i % 20 === 7, cursors: i <= 50 ? [people[i - 1]!] : [] }),
    );

    it('draws what is seen: a few nodes for each card, none for the others', async () => {
      await show(thousand);
      expect(cards().length).toBeLessThan(120);
      expect(bench.page.querySelectorAll('*').length).toBeLessThan(2500);
      expect(card('PM').getAttribute('aria-label')).toBe('PM, 1 of 1000');
    });

    it('touches one card for a cursor, and one for a flag', async () => {
      await show(thousand);
      const changes: MutationRecord[] = [];
      const observer = new MutationObserver((records) => changes.push(...records));
      observer.observe(bench.page, { subtree: true, attributes: true, childList: true, characterData: true });
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
      expect(bench.prunes).toEqual([{ stepId: 'agent-998', isPruned: true }]);
      expect(cards().length).toBeLessThan(120);
    });

    it('finds a step by its name, and goes there', async () => {
      await show(thousand);
      await press('/', document.body);
      const search = field('find-step');
      expect(document.activeElement).toBe(search);
      type(search, 'AGENT-77');
      await bench.fixture.whenStable();
      const said = (): string => bench.page.querySelector('collab-find-step [role="status"]')!.textContent;
      expect(said()).toBe('agent-77, 1 of 11 found');
      expect(card('agent-77').classList).toContain('sought');
      await press('ArrowDown', search);
      expect(said()).toBe('agent-770, 2 of 11 found');
      await press('Enter', search);
      expect(document.activeElement).toBe(card('agent-770'));
      type(search, 'nothing of the kind');
      await bench.fixture.whenStable();
      expect(said()).toBe('No step found');
    });

    it('shows all of it as boxes, and comes closer by key', async () => {
      await show(thousand);
      await press('0', document.body);
      expect(Number.parseInt(find('zoom').textContent)).toBeLessThan(50);
      expect(cards().length).toBeLessThan(5);
      expect(bench.page.querySelectorAll('.edges path.box').length).toBeLessThan(6);
      expect(bench.page.querySelectorAll('.edges rect.ring')).toHaveLength(50);
      await press('1', document.body);
      expect(find('zoom').textContent).toBe('100 %');
      await press('+', document.body);
      expect(find('zoom').textContent).toBe('125 %');
      await press('-', document.body);
      expect(find('zoom').textContent).toBe('100 %');
    });

    it('lets nothing slide in that was there before', async () => {
      await show(thousand.slice(0, 999));
      expect(bench.page.querySelectorAll('.new')).toHaveLength(0);
      await show([aStep('PM', { names }), aGraft('new one', { names }), ...thousand.slice(1)]);
      expect([...bench.page.querySelectorAll('li.new [data-node-id]')].map((each) => (each as HTMLElement).dataset['nodeId'])).toEqual([
        'new one',
      ]);
    });
  });
});
