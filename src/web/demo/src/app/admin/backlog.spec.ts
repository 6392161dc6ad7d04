import { runName } from '../shared/names';
import { HandlerStatus, OutboxStatus } from './admin-contract';
import { AdminBench } from './admin.testing';
import { BacklogWatch } from './backlog-watch';
import { run } from './readings.testing';

const emptyOutbox: OutboxStatus = { depth: 0, oldestAgeMs: null, failedCount: 0, failed: [] };
const failure = { id: 7, runId: run, eventType: 'NO_SUCH', userId: 'engine', createdAt: 1, failedAt: 2, error: 'Unknown event type.' };
const badOutbox: OutboxStatus = { depth: 2, oldestAgeMs: 3400, failedCount: 1, failed: [failure] };

function aHandler(part: Partial<HandlerStatus> = {}): HandlerStatus {
  return { name: 'graft', lag: 0, parkedRuns: 0, seenAgoMs: 1000, parked: [], ...part };
}

function parkedHandler(error = 'IOException: no such agent'): HandlerStatus {
  return aHandler({ parkedRuns: 1, parked: [{ runId: run, sequenceNumber: 4, attempts: 6, parkedAt: 1, error }] });
}

describe('Handlers and outbox on the admin page', () => {
  const bench = new AdminBench(BacklogWatch);
  const show = (handlers: HandlerStatus[], outbox = emptyOutbox): Promise<void> => {
    bench.server.backlog = { handlers, outbox };
    return bench.show();
  };

  it('shows neither where there is none', async () => {
    await show([]);
    expect(bench.page.querySelector('collab-handlers, collab-outbox')).toBeNull();
    expect(bench.page.querySelector('collab-connections')).not.toBeNull();
  });

  it('shows neither where the server does not tell, and the rest all the same', async () => {
    await show([]);
    bench.server.backlog = null;
    await bench.refresh();
    expect(bench.page.querySelector('collab-handlers, collab-outbox')).toBeNull();
    expect(bench.said('admin-problem')).toBe('');
  });

  it.each([
    [aHandler(), 'Up to date', 'nothing waits'],
    [aHandler({ lag: 1 }), 'Working', '1 event waits'],
    [aHandler({ lag: 1500 }), 'Behind', '1,500 events wait'],
    [parkedHandler(), 'Gave up 1 run', 'nothing waits'],
    [aHandler({ seenAgoMs: 600_000 }), 'On no server', 'nothing waits'],
  ])('says how a handler stands: %#', async (handler, state, waiting) => {
    await show([handler]);
    expect(bench.find('[data-handler="graft"] collab-health-badge').textContent).toBe(state);
    expect(bench.find('[data-handler="graft"] .figure').textContent).toBe(waiting);
  });

  it('tells which runs it has given up, where and why', async () => {
    await show([parkedHandler()]);
    const entry = bench.words(`[data-run="${run}"]`);
    expect(entry).toContain(`${runName(run)}from #4 on, after 6 attempts`);
    expect(entry).toContain('IOException: no such agent');
    expect(bench.page.querySelector('details')).toBeNull();
  });

  it('shows a long reason whole to who asks for it', async () => {
    await show([parkedHandler(`${'x'.repeat(200)}end`)]);
    expect(bench.find('summary').textContent.trim()).toBe(`${'x'.repeat(160)}…`);
    expect(bench.find('details').textContent).toContain(`…${'x'.repeat(40)}end`);
  });

  it('retries a run, says so, and takes the focus along', async () => {
    await show([aHandler({ name: 'a/b', lag: 3 }), parkedHandler()]);
    await bench.click('[data-handler="graft"] collab-stuck-entry button');
    await bench.refresh();
    expect(bench.server.asked).toContain(`POST /api/admin/handlers/graft/runs/${run}/retry`);
    expect(bench.said('handlers-result')).toBe(`${runName(run)} is tried again.`);
    expect(document.activeElement).toBe(bench.find('[data-testid="handlers-result"]'));
    expect(bench.page.querySelector('[data-run]')).toBeNull();
  });

  it('skips an event only after a question', async () => {
    await show([{ ...parkedHandler(), name: 'a/b' }]);
    await bench.click('[data-run] .danger');
    expect(bench.server.asked.some((request) => request.startsWith('POST'))).toBe(false);
    expect(bench.words('[data-testid="skip-dialog"] h2')).toBe(`Skip the event in ${runName(run)}?`);
    await bench.click('[data-testid="skip-confirm"]');
    await bench.refresh();
    expect(bench.server.asked).toContain(`POST /api/admin/handlers/a%2Fb/runs/${run}/skip`);
    expect(bench.said('handlers-result')).toBe(`${runName(run)} goes on after the event that failed.`);
  });

  it('says when a run was not given up any more', async () => {
    await show([parkedHandler()]);
    bench.server.backlog = { handlers: [aHandler()], outbox: emptyOutbox };
    await bench.click('collab-stuck-entry button');
    await vi.waitFor(() => expect(bench.said('handlers-result')).toBe(`${runName(run)} was not given up any more.`));
  });

  it('says that the store does not answer, and shows what was known', async () => {
    await show([aHandler()]);
    bench.server.refusal = 500;
    await bench.refresh();
    expect(bench.words('collab-handlers header')).toContain('Of earlier: the store does not answer now');
    expect(bench.find('[data-handler="graft"]')).not.toBeNull();
  });

  it('tells how much waits in the outbox, and what cannot be published', async () => {
    await show([], badOutbox);
    expect(bench.find('collab-outbox collab-health-badge').textContent).toBe('1 set aside');
    expect(bench.find('collab-outbox .figure').textContent).toBe('2 wait, the first for 3 s');
    expect(bench.words('[data-row="7"]')).toContain(`${runName(run)}NO_SUCH by engine`);
    expect(bench.words('[data-row="7"]')).toContain('Unknown event type.');
  });

  it('retries an event, and stays to be seen when nothing is left', async () => {
    await show([], { ...badOutbox, depth: 0, oldestAgeMs: null });
    await bench.click('[data-row="7"] button');
    await bench.refresh();
    expect(bench.server.asked).toContain('POST /api/admin/outbox/7/retry');
    expect(bench.said('outbox-result')).toBe(`NO_SUCH for ${runName(run)} is tried again.`);
    expect(bench.find('collab-outbox collab-health-badge').textContent).toBe('Up to date');
  });

  it('drops an event only after a question', async () => {
    await show([], badOutbox);
    await bench.click('[data-row="7"] .danger');
    await bench.click('[data-testid="drop-dialog"] button');
    expect(bench.server.asked.some((request) => request.startsWith('POST'))).toBe(false);
    await bench.click('[data-row="7"] .danger');
    await bench.click('[data-testid="drop-confirm"]');
    await bench.refresh();
    expect(bench.server.asked).toContain('POST /api/admin/outbox/7/drop');
    expect(bench.said('outbox-result')).toBe(`NO_SUCH for ${runName(run)} was dropped.`);
  });
});
