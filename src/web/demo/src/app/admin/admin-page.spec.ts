import { TestBed } from '@angular/core/testing';
import { emptyState } from '@collab/client';
import { Access } from '../identity/access';
import { titleData, titleType } from '../shared/run-title';
import { Connection } from './admin-contract';
import { AdminBench } from './admin.testing';
import { aConnection, aServer } from './readings.testing';
import { Watch } from './watch';

describe('AdminPage', () => {
  const bench = new AdminBench(Watch);
  const rows = (): string[] => [...bench.page.querySelectorAll<HTMLElement>('tr[data-session]')].map((row) => row.dataset['session'] ?? '');
  const show = (...connections: Connection[]): Promise<void> => {
    bench.server.connections = connections;
    return bench.show();
  };
  const sort = async (title: string): Promise<void> => {
    [...bench.page.querySelectorAll<HTMLElement>('thead button')].find((button) => button.textContent === title)!.click();
    await bench.settle();
  };

  it('shows figures, three charts that say in words what they show, and the open connections', async () => {
    await show(aConnection('s1', { averageLatencyMs: 12 }), aConnection('s2', { disconnectedAt: 1 }));
    expect(bench.find('collab-numbers').textContent).toContain('12.0 ms');
    const charts = [...bench.page.querySelectorAll('svg[role="img"]')];
    expect(charts.map((chart) => chart.querySelector('title')?.textContent)).toEqual([
      'Connections, last 15 minutes',
      'Messages per second, last 15 minutes',
      'Latency, last 15 minutes',
    ]);
    expect(charts[0]?.querySelector('desc')?.textContent).toBe('Hub: now 1, between 1 and 7. Streams and polls: now 0, between 0 and 2.');
    expect(rows()).toEqual(['s1']);
  });

  it('calls runs as people do, as far as that can be read, and finds them so', async () => {
    const title = { eventType: titleType, data: titleData('Checkout Straße'), userId: 'ana', sequenceNumber: 1 };
    bench.server.state = { ...emptyState, latest: { [titleType]: { run: title } }, latestBy: { [titleType]: 'of' } };
    await show(aConnection('s1'), aConnection('s2', { runId: null, runIds: [] }));
    await vi.waitFor(async () => {
      await bench.settle();
      expect(bench.words('tr[data-session="s1"] .run')).toContain('Checkout Straße');
    });
    const search = bench.find('input[type="search"]') as HTMLInputElement;
    search.value = 'CHECKOUT strasse';
    search.dispatchEvent(new Event('input'));
    await bench.settle();
    expect(rows()).toEqual(['s1']);
    await bench.click('tr[data-session="s1"] .action button.danger');
    expect(bench.words('[data-testid="disconnect-dialog"]')).toContain('to Checkout Straße');
    expect(bench.server.asked.filter((request) => request.endsWith('/collaboration/state'))).toHaveLength(1);
  });

  it('shows what the servers remember, and goes on without where they do not', async () => {
    await show(aConnection('s1'));
    expect(bench.find('[data-testid="endings"] .total').textContent.trim()).toBe('3 in 15 minutes');
    const rows = [...bench.page.querySelectorAll('[data-testid="endings"] li')];
    expect(rows.map((row) => row.textContent.trim())).toEqual(['too slow2', 'silent1']);
    expect(bench.find('collab-numbers').textContent).toContain('0.5 polls per second');
  });

  it('says nothing of the past where servers are of an older version', async () => {
    bench.server.history = null;
    await show(aConnection('s1'));
    expect(bench.words('[data-testid="endings"]')).toContain('Not known.');
    expect(rows()).toEqual(['s1']);
  });

  it('disconnects after a question, says so, and takes the focus along', async () => {
    await show(aConnection('s1', { userId: 'bo' }), aConnection('s2', { connectedAt: 2 }));
    await bench.click('tr[data-session="s1"] .action button');
    expect(bench.find('[data-testid="disconnect-dialog"] h2').textContent.trim()).toBe('Disconnect bo?');
    expect(bench.server.asked.some((request) => request.startsWith('DELETE'))).toBe(false);
    await bench.click('[data-testid="disconnect-confirm"]');
    expect(bench.server.asked).toContain('DELETE /api/admin/websocket/connections/s1');
    await bench.refresh();
    expect(bench.said('admin-result')).toBe('bo was disconnected.');
    expect(document.activeElement).toBe(bench.find('[data-testid="admin-result"]'));
    expect(rows()).toEqual(['s2']);
    expect(bench.page.querySelector('[data-testid="disconnect-dialog"]')).toBeNull();
  });

  it('shows what became of a client, newest first, by its trace', async () => {
    bench.server.flight = {
      traceId: 'tab-1',
      entries: [
        {
          at: 1,
          step: 'opened',
          kind: 'websocket',
          sessionId: 's0',
          userId: 'bo',
          runId: null,
          reason: null,
          cause: null,
          server: 'one:1',
        },
        {
          at: 2,
          step: 'ended',
          kind: 'websocket',
          sessionId: 's0',
          userId: 'bo',
          runId: null,
          reason: 'slow',
          cause: 'Too far.',
          server: 'one:1',
        },
      ],
    };
    await show(aConnection('s1', { userId: 'bo', traceId: 'tab-1' }), aConnection('s2', { connectedAt: 2 }));
    expect(bench.page.querySelectorAll('[aria-label^="History of"]')).toHaveLength(1);
    await bench.click('[aria-label^="History of"]');
    await vi.waitFor(() => expect(bench.words('[data-testid="flight-dialog"] ol')).toMatch(/Ended: slow\s*Too far\..*Opened/));
    await bench.settle();
    expect(bench.server.asked).toContain('GET /api/admin/websocket/flights/tab-1');
    bench.find('[data-testid="flight-dialog"]').dispatchEvent(new Event('close'));
    await bench.settle();
    expect(bench.page.querySelector('[data-testid="flight-dialog"]')).toBeNull();
  });

  it('says where nothing is remembered of a client', async () => {
    await show(aConnection('s1', { traceId: 'tab-1' }));
    await bench.click('[aria-label^="History of"]');
    await vi.waitFor(() => expect(bench.words('[data-testid="flight-dialog"]')).toContain('remember nothing of this client'));
  });

  it('disconnects nobody when the question is answered with no', async () => {
    await show(aConnection('s1'));
    await bench.click('tr[data-session="s1"] .action button');
    await bench.click('[data-testid="disconnect-dialog"] button');
    expect(bench.page.querySelector('[data-testid="disconnect-dialog"]')).toBeNull();
    expect(bench.server.asked.some((request) => request.startsWith('DELETE'))).toBe(false);
  });

  it.each([
    [404, 'ana’s connection had ended already.'],
    [503, 'That did not work. The server answered 503.'],
    ['gone' as const, 'That did not work: the server does not answer.'],
  ])('says when a connection could not be ended: %s', async (refusal, text) => {
    await show(aConnection('s1'));
    await bench.click('tr[data-session="s1"] .action button');
    bench.server.refusal = refusal;
    await bench.click('[data-testid="disconnect-confirm"]');
    await vi.waitFor(() => expect(bench.said('admin-result')).toBe(text));
  });

  it('has the server forget connections that ended', async () => {
    await show(aConnection('s1'), aConnection('s2', { disconnectedAt: 1 }), aConnection('s3', { disconnectedAt: 1 }));
    expect(bench.said('forget-ended')).toBe('Forget 2 ended');
    await bench.click('[data-testid="forget-ended"]');
    await bench.refresh();
    expect(bench.said('admin-result')).toBe('2 ended connections were forgotten.');
    expect(bench.find('[data-testid="forget-ended"]').matches(':disabled')).toBe(true);
  });

  it('tells of what is no WebSocket, and why a connection was ended', async () => {
    await show(aConnection('s1', { kind: 'stream' }), aConnection('s2', { disconnectedAt: Date.now(), reason: 'kicked' }));
    bench.find('input[type="checkbox"]').click();
    await bench.settle();

    expect(bench.find('[data-session="s1"] .kind').textContent).toBe('stream');
    expect(bench.find('[data-session="s2"] .action').textContent).toContain('by an administrator');
    expect(bench.page.querySelector('[data-session="s2"] .kind')).toBeNull();
  });

  it('sorts by a column, the other way at the second press, and tells it', async () => {
    await show(aConnection('s1', { messagesSent: 5 }), aConnection('s2', { messagesSent: 50 }));
    await sort('Out');
    expect(rows()).toEqual(['s2', 's1']);
    expect(bench.page.querySelectorAll('[aria-sort]')).toHaveLength(1);
    expect(bench.find('[aria-sort="descending"]').textContent).toBe('Out');
    await sort('Out');
    expect(rows()).toEqual(['s1', 's2']);
    expect(bench.find('[aria-sort="ascending"]').textContent).toBe('Out');
  });

  it('leaves rows in their places while somebody is at one', async () => {
    await show(aConnection('s1', { messagesSent: 5 }), aConnection('s2', { messagesSent: 50 }));
    await sort('Out');
    bench.find('tbody').dispatchEvent(new Event('focusin'));
    bench.server.connections = [aConnection('s3', { messagesSent: 70 }), aConnection('s1', { messagesSent: 500 }), aConnection('s2')];
    await bench.refresh();
    expect(rows()).toEqual(['s2', 's1', 's3']);
    bench.find('tbody').dispatchEvent(new Event('focusout'));
    await bench.settle();
    expect(rows()).toEqual(['s1', 's3', 's2']);
  });

  it('narrows down by text and health, and back', async () => {
    await show(aConnection('s1', { userId: 'bo' }), aConnection('s2', { healthStatus: 'DEGRADED' }));
    const [text, health] = [
      bench.page.querySelector<HTMLInputElement>('input[type="search"]')!,
      bench.page.querySelector<HTMLSelectElement>('select[aria-label="Health"]')!,
    ];
    health.value = 'DEGRADED';
    health.dispatchEvent(new Event('change'));
    await bench.settle();
    expect(rows()).toEqual(['s2']);
    text.value = 'bo';
    text.dispatchEvent(new Event('input'));
    await bench.settle();
    expect(rows()).toEqual([]);
    await bench.click('.none button');
    expect(rows()).toHaveLength(2);
  });

  // 400 rows take jsdom some seconds on a busy machine.
  it('draws 200 rows, and 200 more on demand', async () => {
    await show(...Array.from({ length: 450 }, (_, i) => aConnection(`s${i}`)));
    expect(rows()).toHaveLength(200);
    expect(bench.find('.more').textContent).toContain('250 more');
    await bench.click('.more button');
    expect(rows()).toHaveLength(400);
  }, 60_000);

  it('says which servers there are, how each stands, and on which a connection is', async () => {
    bench.server.members = [
      aServer('one:1', { isSelf: true, connections: 1, runs: 2, uptimeSeconds: 7500 }),
      aServer('two:1', { state: 'closing', messagesProcessed: 1500, errors: 1 }),
      aServer('three:1', { hasAnswered: false, heardAgoMs: 3200 }),
      aServer('four:1', { isLeaving: true, hasAnswered: false }),
    ];
    await show(aConnection('s1'), aConnection('s2', { server: 'two:1', kind: 'stream' }));

    expect(bench.words('[data-server="one:1"]')).toBe('one:1answersServing1 connection, 2 runs0 in, 0 errors0.1.0, up 2 h 5 min');
    expect(bench.words('[data-server="two:1"]')).toContain('Draining0 connections, 0 runs1,500 in, 1 error');
    expect(bench.words('[data-server="three:1"]')).toContain('Silent for 4 s');
    expect(bench.words('[data-server="four:1"]')).toContain('Leaving');
    expect(bench.said('servers-missing')).toBe('three:1 does not answer');
    expect(bench.words('collab-servers .hint:last-child')).toBe('Connected by PostgreSQL');
    expect(bench.find('[data-session="s1"] .kind').textContent).toBe('on one:1');
    expect(bench.find('[data-session="s2"] .kind').textContent).toBe('stream on two:1');
    expect(bench.find('collab-numbers').textContent).toContain('on 2 servers');
  });

  it('says that a server is alone, and on none of its connections where it is', async () => {
    await show(aConnection('s1'));
    expect(bench.words('collab-servers header')).toBe('ServersThe store is this server’s alone');
    expect(bench.page.querySelector('[data-session="s1"] .kind')).toBeNull();
    expect(bench.find('collab-numbers').textContent).toContain('on one server');
  });

  it('says that the server is gone, and shows what was known', async () => {
    await show(aConnection('s1'));
    bench.server.refusal = 'gone';
    await bench.refresh();
    expect(bench.said('admin-problem')).toBe('The server is gone. Trying again every 2 seconds.');
    expect(rows()).toEqual(['s1']);
    bench.server.refusal = null;
    await bench.refresh();
    expect(bench.said('admin-problem')).toBe('');
  });

  it('explains itself to who is no administrator', async () => {
    TestBed.inject(Access).paste(`a.${btoa('{"sub":"ana"}')}.c`);
    bench.server.refusal = 403;
    await show();
    expect(bench.said('admin-refused')).toContain('does not have the role admin');
    expect(bench.page.querySelector('collab-connections')).toBeNull();
    await bench.click('[data-testid="admin-refused"] button');
    expect(bench.find('#welcome-title').textContent).toContain('access token');
    expect(bench.find('collab-welcome').textContent).toContain('with the role admin');
  });

  it('leaves the focus in the filter when one that finds nothing is cleared', async () => {
    await show(aConnection('s1'));
    document.body.append(bench.page);
    const text = bench.find('collab-connections input[type="search"]') as HTMLInputElement;
    text.value = 'nothing of the kind';
    text.dispatchEvent(new Event('input'));
    await bench.settle();
    expect(rows()).toEqual([]);
    await bench.click('collab-connection-table button.small');
    expect(rows()).toEqual(['s1']);
    expect(document.activeElement).toBe(text);
    bench.page.remove();
  });
});
