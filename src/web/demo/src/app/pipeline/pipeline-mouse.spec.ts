import { PipelineStep } from './pipeline.model';
import { aGraft, aStep, PipelineBench, three } from './pipeline-bench.testing';

describe('Pipeline', () => {
  const bench = new PipelineBench();
  const { show, card, find, click, field, type } = bench;

  describe('by mouse', () => {
    it('prunes, and takes back in', async () => {
      await show([aStep('PM'), aStep('SRE', { pruned: true })]);
      await click(find('prune-button', card('PM')));
      await click(find('prune-button', card('SRE')));
      expect(bench.prunes).toEqual([
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
      expect(bench.grafts).toEqual([{ after: 'ARCHITECT', agentName: 'scanner' }]);
      expect(find('graft-dialog')).toBeNull();
    });

    it('grafts an agent that was suggested', async () => {
      await show(three);
      await click(find('graft-button', card('SRE')));
      await click([...bench.page.querySelectorAll<HTMLElement>('.agent')].find((each) => each.textContent.includes('cost-guard-v1'))!);
      await click(find('graft-submit'));
      expect(bench.grafts).toEqual([{ after: 'SRE', agentName: 'cost-guard-v1' }]);
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
      expect(bench.grafts).toEqual([]);
      expect(bench.page.querySelector('[role="alert"]')?.textContent).toBe(problem);
      expect(name.getAttribute('aria-invalid')).toBe('true');
      expect(document.activeElement).toBe(name);
      type(name, 'x'.repeat(200));
      await click(find('graft-submit'));
      expect(bench.grafts).toEqual([{ after: 'PM', agentName: 'x'.repeat(200) }]);
    });

    it('says which agent a graft would push out', async () => {
      const elsewhere = aGraft('stray', { graftedBy: { userId: 'ana', sequenceNumber: 9, after: 'NOWHERE' } });
      await show([aStep('PM'), aGraft('scanner'), aStep('SRE'), elsewhere]);
      await click(find('graft-button', card('PM')));
      expect(bench.page.querySelector('dialog .note')?.textContent).toContain('scanner is grafted here already');
      await click(find('graft-dialog').querySelector<HTMLElement>('footer button')!);
      await click(find('graft-button', card('SRE')));
      expect(bench.page.querySelector('dialog .note')).toBeNull();
    });

    it('goes on saying what is there already while others move, and says what comes meanwhile', async () => {
      const steps = (...cursors: string[]): PipelineStep[] => [aStep('PM'), aGraft('scanner'), aStep('SRE', { cursors })];
      await show(steps());
      await click(find('graft-button', card('PM')));
      await show(steps('ben'));
      expect(bench.page.querySelector('dialog .note')?.textContent).toContain('scanner is grafted here already');
      await click(find('graft-dialog').querySelector<HTMLElement>('footer button')!);

      await click(find('flag-button', card('SRE')));
      expect(bench.page.querySelector('dialog .note')).toBeNull();
      await show([aStep('PM'), aStep('SRE', { flag: { userId: 'ben', note: 'look', sequenceNumber: 9 } })]);
      expect(bench.page.querySelector('dialog .note')?.textContent).toContain('ben flagged it already: “look”');
    });

    it.each([
      ['a note', ' look here ', 'look here'],
      ['no note', '  ', null],
    ])('flags with %s', async (_, text, note) => {
      await show(three);
      await click(find('flag-button', card('SRE')));
      type(field('flag-note-input'), text);
      await click(find('flag-submit'));
      expect(bench.flags).toEqual([{ stepId: 'SRE', note }]);
      expect(find('flag-dialog')).toBeNull();
    });

    it('does nothing when a dialog is cancelled', async () => {
      await show(three);
      await click(find('flag-button', card('SRE')));
      await click(find('flag-dialog').querySelector<HTMLElement>('footer button')!);
      expect([bench.flags, find('flag-dialog')]).toEqual([[], null]);
    });
  });

  it('does not offer the agent that stands there already', async () => {
    await show([aStep('PM'), aGraft('cost-guard-v1', { graftedBy: { userId: 'ana', sequenceNumber: 1, after: 'PM' } })]);
    await click(find('graft-button', card('PM')));
    const offers = [...bench.page.querySelectorAll<HTMLButtonElement>('button.agent')];
    expect(offers.filter((offer) => offer.disabled).map((offer) => offer.textContent)).toEqual([expect.stringContaining('cost-guard-v1')]);
    type(field('agent-name-input'), 'cost-guard-v1');
    await bench.fixture.whenStable();
    expect(find('graft-dialog').textContent).toContain('nothing would change');
  });
});
