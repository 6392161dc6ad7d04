import { ComponentFixture, TestBed } from '@angular/core/testing';
import { provideRouter } from '@angular/router';
import { Access } from '../identity/access';
import { standInForTheBrowser } from '../pipeline/pipeline.testing';
import { Connection } from './admin-contract';
import { AdminPage } from './admin-page';
import { FakeServer } from './fake-server.testing';
import { aConnection } from './admin.testing';
import { Watch } from './watch';

describe('AdminPage', () => {
  let server: FakeServer;
  let fixture: ComponentFixture<AdminPage>;
  let page: HTMLElement;
  const find = (selector: string): HTMLElement => page.querySelector<HTMLElement>(selector)!;
  const rows = (): string[] => [...page.querySelectorAll<HTMLElement>('tr[data-session]')].map((row) => row.dataset['session'] ?? '');
  const said = (id: string): string => find(`[data-testid="${id}"]`).textContent.trim();
  const click = async (selector: string): Promise<void> => {
    find(selector).click();
    await fixture.whenStable();
  };
  const refresh = async (): Promise<void> => {
    await fixture.debugElement.injector.get(Watch).refresh();
    await fixture.whenStable();
  };
  const show = async (...connections: Connection[]): Promise<void> => {
    server.connections = connections;
    fixture = TestBed.createComponent(AdminPage);
    page = fixture.nativeElement as HTMLElement;
    await fixture.whenStable();
    await refresh();
  };
  const sort = async (title: string): Promise<void> => {
    [...page.querySelectorAll<HTMLElement>('thead button')].find((button) => button.textContent === title)!.click();
    await fixture.whenStable();
  };

  beforeAll(() => standInForTheBrowser());

  beforeEach(() => {
    localStorage.clear();
    sessionStorage.clear();
    server = new FakeServer();
    vi.stubGlobal('fetch', server.fetch);
    TestBed.configureTestingModule({ providers: [provideRouter([])] });
  });

  afterEach(() => {
    fixture.destroy();
    vi.unstubAllGlobals();
  });

  it('shows figures, three charts that say in words what they show, and the open connections', async () => {
    await show(aConnection('s1', { averageLatencyMs: 12 }), aConnection('s2', { disconnectedAt: 1 }));
    expect(find('collab-numbers').textContent).toContain('12.0 ms');
    const charts = [...page.querySelectorAll('svg[role="img"]')];
    expect(charts.map((chart) => chart.querySelector('title')?.textContent)).toEqual([
      'Connections, last 5 minutes',
      'Messages per second, last 5 minutes',
      'Latency, last 5 minutes',
    ]);
    expect(charts[0]?.querySelector('desc')?.textContent).toBe('Open: now 1, between 1 and 1.');
    expect(rows()).toEqual(['s1']);
  });

  it('disconnects after a question, says so, and takes the focus along', async () => {
    await show(aConnection('s1', { userId: 'bo' }), aConnection('s2', { connectedAt: 2 }));
    await click('tr[data-session="s1"] .action button');
    expect(find('[data-testid="disconnect-dialog"] h2').textContent.trim()).toBe('Disconnect bo?');
    expect(server.asked.some((request) => request.startsWith('DELETE'))).toBe(false);
    await click('[data-testid="disconnect-confirm"]');
    expect(server.asked).toContain('DELETE /api/admin/websocket/connections/s1');
    await refresh();
    expect(said('admin-result')).toBe('bo was disconnected.');
    expect(document.activeElement).toBe(find('[data-testid="admin-result"]'));
    expect(rows()).toEqual(['s2']);
    expect(page.querySelector('[data-testid="disconnect-dialog"]')).toBeNull();
  });

  it('disconnects nobody when the question is answered with no', async () => {
    await show(aConnection('s1'));
    await click('tr[data-session="s1"] .action button');
    await click('[data-testid="disconnect-dialog"] button');
    expect(page.querySelector('[data-testid="disconnect-dialog"]')).toBeNull();
    expect(server.asked.some((request) => request.startsWith('DELETE'))).toBe(false);
  });

  it.each([
    [404, 'ana’s connection had ended already.'],
    [503, 'That did not work. The server answered 503.'],
    ['gone' as const, 'That did not work: the server does not answer.'],
  ])('says when a connection could not be ended: %s', async (refusal, text) => {
    await show(aConnection('s1'));
    await click('tr[data-session="s1"] .action button');
    server.refusal = refusal;
    await click('[data-testid="disconnect-confirm"]');
    await vi.waitFor(() => expect(said('admin-result')).toBe(text));
  });

  it('has the server forget connections that ended', async () => {
    await show(aConnection('s1'), aConnection('s2', { disconnectedAt: 1 }), aConnection('s3', { disconnectedAt: 1 }));
    expect(said('forget-ended')).toBe('Forget 2 ended');
    await click('[data-testid="forget-ended"]');
    await refresh();
    expect(said('admin-result')).toBe('2 ended connections were forgotten.');
    expect(find('[data-testid="forget-ended"]').matches(':disabled')).toBe(true);
  });

  it('tells of what is no WebSocket, and why a connection was ended', async () => {
    await show(aConnection('s1', { kind: 'stream' }), aConnection('s2', { disconnectedAt: Date.now(), reason: 'kicked' }));
    find('input[type="checkbox"]').click();
    await fixture.whenStable();

    expect(find('[data-session="s1"] .kind').textContent).toBe('stream');
    expect(find('[data-session="s2"] .action').textContent).toContain('by an administrator');
    expect(page.querySelector('[data-session="s2"] .kind')).toBeNull();
  });

  it('sorts by a column, the other way at the second press, and tells it', async () => {
    await show(aConnection('s1', { messagesSent: 5 }), aConnection('s2', { messagesSent: 50 }));
    await sort('Out');
    expect(rows()).toEqual(['s2', 's1']);
    expect(page.querySelectorAll('[aria-sort]')).toHaveLength(1);
    expect(find('[aria-sort="descending"]').textContent).toBe('Out');
    await sort('Out');
    expect(rows()).toEqual(['s1', 's2']);
    expect(find('[aria-sort="ascending"]').textContent).toBe('Out');
  });

  it('leaves rows in their places while somebody is at one', async () => {
    await show(aConnection('s1', { messagesSent: 5 }), aConnection('s2', { messagesSent: 50 }));
    await sort('Out');
    find('tbody').dispatchEvent(new Event('focusin'));
    server.connections = [aConnection('s3', { messagesSent: 70 }), aConnection('s1', { messagesSent: 500 }), aConnection('s2')];
    await refresh();
    expect(rows()).toEqual(['s2', 's1', 's3']);
    find('tbody').dispatchEvent(new Event('focusout'));
    await fixture.whenStable();
    expect(rows()).toEqual(['s1', 's3', 's2']);
  });

  it('narrows down by text and health, and back', async () => {
    await show(aConnection('s1', { userId: 'bo' }), aConnection('s2', { healthStatus: 'DEGRADED' }));
    const [text, health] = [
      page.querySelector<HTMLInputElement>('input[type="search"]')!,
      page.querySelector<HTMLSelectElement>('select[aria-label="Health"]')!,
    ];
    health.value = 'DEGRADED';
    health.dispatchEvent(new Event('change'));
    await fixture.whenStable();
    expect(rows()).toEqual(['s2']);
    text.value = 'bo';
    text.dispatchEvent(new Event('input'));
    await fixture.whenStable();
    expect(rows()).toEqual([]);
    await click('.none button');
    expect(rows()).toHaveLength(2);
  });

  // 400 rows take jsdom some seconds on a busy machine.
  it('draws 200 rows, and 200 more on demand', async () => {
    await show(...Array.from({ length: 450 }, (_, i) => aConnection(`s${i}`)));
    expect(rows()).toHaveLength(200);
    expect(find('.more').textContent).toContain('250 more');
    await click('.more button');
    expect(rows()).toHaveLength(400);
  }, 60_000);

  it('says that the server is gone, and shows what was known', async () => {
    await show(aConnection('s1'));
    server.refusal = 'gone';
    await refresh();
    expect(said('admin-problem')).toBe('The server is gone. Trying again every 2 seconds.');
    expect(rows()).toEqual(['s1']);
    server.refusal = null;
    await refresh();
    expect(said('admin-problem')).toBe('');
  });

  it('explains itself to who is no administrator', async () => {
    TestBed.inject(Access).paste(`a.${btoa('{"sub":"ana"}')}.c`);
    server.refusal = 403;
    await show();
    expect(said('admin-refused')).toContain('does not have the role admin');
    expect(page.querySelector('collab-connections')).toBeNull();
    await click('[data-testid="admin-refused"] button');
    expect(find('#welcome-title').textContent).toContain('access token');
    expect(find('collab-welcome').textContent).toContain('with the role admin');
  });
});
