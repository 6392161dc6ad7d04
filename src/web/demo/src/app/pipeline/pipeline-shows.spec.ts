import { userColour } from '@collab/angular';
import { aGraft, aStep, PipelineBench, three } from './pipeline-bench.testing';

describe('Pipeline', () => {
  const bench = new PipelineBench();
  const { show, cards, card, find, press, click, descriptionOf } = bench;

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
      const to = [...bench.page.querySelectorAll('path[data-to]')].map((path) => path.getAttribute('data-to'));
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
      await bench.fixture.whenStable();
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
      const tags = [...bench.page.querySelectorAll<HTMLElement>('[data-testid="step-cursor"]')];
      expect(tags.map((tag) => tag.textContent)).toEqual(['ana', 'bo']);
      expect(tags.map((tag) => tag.style.getPropertyValue('--user'))).toEqual(['ana', 'bo'].map(userColour));
      expect(find('more-cursors').textContent).toBe('+2');
      expect(descriptionOf('PM')).toContain('Here now: ana, bo, cy, di.');
    });

    it('nothing moves for a cursor', async () => {
      await show(three);
      const paths = [...bench.page.querySelectorAll('path[data-to]')];
      const places = (): string[] => [...bench.page.querySelectorAll('li'), ...paths].map((each) => each.outerHTML.slice(0, 200));
      const changes: MutationRecord[] = [];
      const observer = new MutationObserver((records) => changes.push(...records));
      observer.observe(bench.page, { subtree: true, attributes: true, attributeFilter: ['d', 'style'] });
      const before = places();
      await show([three[0]!, aStep('ARCHITECT', { cursors: ['bo'] }), three[2]!]);
      changes.push(...observer.takeRecords());
      expect(bench.page.querySelectorAll('[data-testid="step-cursor"]')).toHaveLength(1);
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
});
