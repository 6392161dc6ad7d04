import { signal, WritableSignal } from '@angular/core';
import { ComponentFixture, TestBed } from '@angular/core/testing';
import { CollabError, ConnectionHealth, ConnectionState, Ending, EndingCode, Flight } from '@collab/client';
import { CollaborationStore } from '../collaboration-store';
import { COLLAB_OPTIONS } from '../options';
import { CollabConnectionHealth } from './connection-health';

const health: ConnectionHealth = {
  latencyMs: 24.4,
  reconnectionCount: 2,
  messageDeliveryRate: 0.985,
  qualityScore: 88,
  status: 'HEALTHY',
  isHealthy: true,
};

interface Scene {
  readonly fixture: ComponentFixture<CollabConnectionHealth>;
  readonly host: HTMLElement;
  readonly connection: WritableSignal<ConnectionState>;
  readonly queued: WritableSignal<number>;
  readonly health: WritableSignal<ConnectionHealth>;
  readonly reason: WritableSignal<Ending | null>;
  readonly ended: WritableSignal<boolean>;
  readonly find: (testId: string) => HTMLElement | null;
  readonly word: () => string | undefined;
  readonly flight: WritableSignal<Flight>;
}

async function setUp(layout: 'panel' | 'pill' = 'panel', pollIntervalMs?: number): Promise<Scene> {
  const connection = signal<ConnectionState>({ kind: 'live' });
  const queued = signal(0);
  const reason = signal<Ending | null>(null);
  const ended = signal(false);
  const connectionHealth = signal(health);
  const flight = signal<Flight>({ traceId: 'tab', entries: [] });
  const store = {
    connection,
    queuedMessageCount: queued,
    reason,
    ended,
    connectionHealth,
    flight,
    usingFallback: () => connection().kind === 'polling',
    latencies: signal([20, 30, 24.4]),
  };
  TestBed.configureTestingModule({
    providers: [
      { provide: CollaborationStore, useValue: store },
      { provide: COLLAB_OPTIONS, useValue: { token: () => '', pollIntervalMs } },
    ],
  });
  const fixture = TestBed.createComponent(CollabConnectionHealth);
  fixture.componentRef.setInput('layout', layout);
  await fixture.whenStable();
  const host = fixture.nativeElement as HTMLElement;
  const find = (testId: string): HTMLElement | null => host.querySelector(`[data-testid="${testId}"]`);
  return {
    fixture,
    flight,
    host,
    connection,
    queued,
    reason,
    ended,
    health: connectionHealth,
    find,
    word: () => host.querySelector('.word')?.textContent,
  };
}

describe('CollabConnectionHealth', () => {
  afterEach(() => vi.useRealTimers());

  it.each([
    [{ kind: 'idle' }, 'Connecting', 'waiting'],
    [{ kind: 'connecting' }, 'Connecting', 'waiting'],
    [{ kind: 'live' }, 'Connected', 'good'],
    [{ kind: 'reconnecting', attempt: 1, retryAt: null }, 'Disconnected', 'bad'],
    [{ kind: 'polling', probing: false, reachable: true }, 'HTTP Polling', 'poor'],
    [{ kind: 'polling', probing: true, reachable: false }, 'Disconnected', 'bad'],
    [{ kind: 'closed', error: null }, 'Disconnected', 'bad'],
  ] as [ConnectionState, string, string][])('says of %o: %s', async (state, word, tone) => {
    const scene = await setUp();
    scene.connection.set(state);
    await scene.fixture.whenStable();
    expect(scene.word()).toBe(word);
    expect(scene.host.dataset['tone']).toBe(tone);
    expect(scene.host.querySelector('.word')?.getAttribute('role')).toBe('status');
  });

  it.each([
    [{ kind: 'live' }, 'Run ended', 'good'],
    [{ kind: 'closed', error: null }, 'Run ended', 'good'],
    [{ kind: 'reconnecting', attempt: 1, retryAt: null }, 'Disconnected', 'bad'],
    [{ kind: 'closed', error: new CollabError('forbidden', 'No.') }, 'Disconnected', 'bad'],
  ] as [ConnectionState, string, string][])('says of %o and a run that has ended: %s', async (state, word, tone) => {
    const { fixture, find, host, connection, ended, word: said } = await setUp();
    expect(find('run-ended')).toBeNull();
    connection.set(state);
    ended.set(true);
    await fixture.whenStable();
    expect(said()).toBe(word);
    expect(host.dataset['tone']).toBe(tone);
    expect(find('run-ended')?.textContent).toContain('The run has ended.');
  });

  it('says why the server ended the connection, in words and for each code, also when it is back', async () => {
    const { fixture, find, reason } = await setUp();
    expect(find('ending-reason')).toBeNull();
    const said = new Set<string>();
    const codes: EndingCode[] = ['slow', 'expired', 'revoked', 'kicked', 'replaced', 'shutdown', 'too_many', 'idle', 'protocol'];
    for (const code of codes) {
      reason.set({ code, message: 'Text of the server.', at: new Date(2026, 1, 3, 14, 3, 22).getTime() });
      await fixture.whenStable();
      const text = find('ending-reason')?.textContent ?? '';
      expect(text).toMatch(/^Last ended at 14:03:22 [A-Z][^[\]_]+\.$/);
      said.add(text);
    }
    expect(said.size).toBe(codes.length);
  });

  it('says for a while that the connection is back, and not that it is there at first', async () => {
    const { fixture, connection, word } = await setUp();
    vi.useFakeTimers();
    const saysAfter = (ms: number): string | undefined => {
      vi.advanceTimersByTime(ms);
      fixture.detectChanges();
      return word();
    };
    expect(saysAfter(0)).toBe('Connected');
    connection.set({ kind: 'reconnecting', attempt: 1, retryAt: null });
    expect(saysAfter(0)).toBe('Disconnected');
    connection.set({ kind: 'live' });
    expect(saysAfter(0)).toBe('Reconnected');
    expect(saysAfter(3999)).toBe('Reconnected');
    expect(saysAfter(1)).toBe('Connected');
  });

  it('tells screen readers of the word from beside the pill: what is inside a button is part of its name', async () => {
    const { fixture, host, connection } = await setUp('pill');
    const pill = host.querySelector('button')!;
    expect(pill.querySelector('[role]')).toBeNull();
    expect(pill.hasAttribute('aria-haspopup')).toBe(false);
    const regions = [...host.querySelectorAll('[role="status"]')];
    expect(regions.map((region) => region.textContent)).toEqual(['Connected']);
    connection.set({ kind: 'reconnecting', attempt: 1, retryAt: null });
    await fixture.whenStable();
    expect(regions[0]!.textContent).toBe('Disconnected');
    connection.set({ kind: 'live' });
    await fixture.whenStable();
    expect(regions[0]!.textContent).toBe('Reconnected');
    expect(regions[0]!.isConnected).toBe(true);
  });

  describe('whose pill is opened', () => {
    const measured = Element.prototype.getBoundingClientRect;
    afterEach(() => {
      Element.prototype.getBoundingClientRect = measured;
      vi.unstubAllGlobals();
    });

    it.each([
      ['at the right, has its details end where it ends', 1024, 900, 1000, 728],
      ['at the left, has them begin at the edge of the window', 1024, 16, 116, 8],
      ['half beyond the right edge, has them end at the edge of the window', 1024, 950, 1050, 744],
    ])('%s', async (_, windowWidth, left, right, expected) => {
      const { host, fixture } = await setUp('pill');
      document.body.append(host);
      vi.stubGlobal('innerWidth', 400);
      Element.prototype.getBoundingClientRect = function (this: Element): DOMRect {
        if (this.matches('button')) return new DOMRect(left, 10, right - left, 32);
        return this.matches('.details') ? new DOMRect(0, 50, 272, 300) : new DOMRect(100, 10, 600, 32);
      };
      host.querySelector('button')!.click();
      await fixture.whenStable();
      // Its place is said from the host's left edge, which is at 100.
      const begins = (): number => parseFloat(host.querySelector<HTMLElement>('.details')!.style.left) + 100;
      expect(begins()).toBeLessThanOrEqual(120);
      vi.stubGlobal('innerWidth', windowWidth);
      window.dispatchEvent(new Event('resize'));
      expect(begins()).toBe(expected);
    });

    it.each([
      ['its word', (scene: Scene) => scene.connection.set({ kind: 'closed', error: null })],
      ['what is queued', (scene: Scene) => scene.queued.set(3)],
      ['its latency', (scene: Scene) => scene.health.set({ ...health, latencyMs: null })],
    ])('keeps its details in the window when it moves because of %s', async (_, change) => {
      const scene = await setUp('pill');
      document.body.append(scene.host);
      vi.stubGlobal('innerWidth', 360);
      let hostLeft = 188;
      Element.prototype.getBoundingClientRect = function (this: Element): DOMRect {
        if (this.matches('.details')) return new DOMRect(0, 50, 272, 300);
        return new DOMRect(hostLeft, 10, 348 - hostLeft, 32);
      };
      const begins = (): number => parseFloat(scene.host.querySelector<HTMLElement>('.details')!.style.left) + hostLeft;
      scene.host.querySelector('button')!.click();
      await scene.fixture.whenStable();
      expect(begins()).toBe(76);
      hostLeft = 100;
      change(scene);
      await scene.fixture.whenStable();
      expect(begins()).toBe(76);
    });
  });

  it('shows the figures', async () => {
    const { host, find, queued, fixture } = await setUp();
    queued.set(3);
    await fixture.whenStable();
    const rows = [...host.querySelectorAll('dl > div')].map((row) => [...row.children].map((cell) => cell.textContent));
    expect(rows).toEqual([
      ['Transport', 'WebSocket'],
      ['Latency', '24 ms'],
      ['Delivery rate', '98.5%'],
      ['Reconnections', '2'],
      ['Queued', '3'],
      ['Quality', '88 of 100'],
    ]);
    expect(find('queued-count')?.textContent).toBe('3');
    expect(host.querySelector('meter')?.value).toBe(88);
    expect(host.querySelector('polyline')?.getAttribute('points')?.split(' ')).toHaveLength(3);
  });

  it('warns while it polls, with the interval that was chosen', async () => {
    const { connection, fixture, find } = await setUp('panel', 5000);
    expect(find('fallback-warning')).toBeNull();
    connection.set({ kind: 'polling', probing: false, reachable: true });
    await fixture.whenStable();
    expect(find('fallback-warning')?.textContent).toContain('Updates every 5 s');
    connection.set({ kind: 'polling', probing: false, reachable: false });
    await fixture.whenStable();
    expect(find('fallback-warning')?.textContent).toContain('The server does not answer. It is asked again every 5 s.');
    fixture.componentRef.setInput('showFallbackWarning', false);
    await fixture.whenStable();
    expect(find('fallback-warning')).toBeNull();
  });

  it('opens its details from the pill, and closes them on Escape and on a press elsewhere', async () => {
    const { host, fixture } = await setUp('pill');
    document.body.append(host);
    const pill = host.querySelector('button')!;
    const isOpen = async (): Promise<boolean> => {
      await fixture.whenStable();
      expect(pill.getAttribute('aria-expanded')).toBe(String(host.querySelector('dl') !== null));
      return host.querySelector('dl') !== null;
    };
    expect(await isOpen()).toBe(false);
    pill.click();
    expect(await isOpen()).toBe(true);
    expect(host.querySelector(`#${pill.getAttribute('aria-controls')}`)).not.toBeNull();
    host.dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape' }));
    expect(await isOpen()).toBe(false);
    expect(document.activeElement).toBe(pill);
    pill.click();
    expect(await isOpen()).toBe(true);
    host.querySelector('dl')!.dispatchEvent(new Event('pointerdown', { bubbles: true }));
    expect(await isOpen()).toBe(true);
    document.body.dispatchEvent(new Event('pointerdown', { bubbles: true }));
    expect(await isOpen()).toBe(false);
  });

  it('has the queued count once in the pill, also where there is nothing to see', async () => {
    const { host, find, fixture, queued } = await setUp('pill');
    expect(find('queued-count')?.textContent).toBe('0');
    expect(host.querySelector('.queued')?.classList).toContain('hidden');
    host.querySelector('button')!.click();
    queued.set(2);
    await fixture.whenStable();
    expect(host.querySelectorAll('[data-testid="queued-count"]')).toHaveLength(1);
    expect(find('queued-count')?.textContent).toBe('2');
    expect(host.querySelector('.queued')?.classList).not.toContain('hidden');
  });

  it('closes its details when the focus goes on, and not when it goes nowhere or stays inside', async () => {
    const { fixture, host, find } = await setUp('pill');
    const pill = host.querySelector<HTMLButtonElement>('.pill')!;
    const leave = async (to: EventTarget | null): Promise<void> => {
      pill.dispatchEvent(new FocusEvent('focusout', { bubbles: true, relatedTarget: to }));
      await fixture.whenStable();
    };
    pill.click();
    await fixture.whenStable();
    await leave(null);
    await leave(host.querySelector('summary'));
    expect(host.querySelector('.details')).not.toBeNull();
    await leave(document.body);
    expect(host.querySelector('.details')).toBeNull();
    expect(find('fallback-warning')).toBeNull();
  });

  it('tells what became of the connection, newest first, and gives it as a file', async () => {
    const { connection, flight, fixture, find, host } = await setUp('panel', 5000);
    expect(connection().kind).toBe('live');
    flight.set({
      traceId: 'tab-1',
      entries: [
        { at: 1_760_000_000_000, step: 'connected', cause: null, times: 1 },
        { at: 1_760_000_060_000, step: 'lost', cause: 'It was cut off.', times: 1 },
        { at: 1_760_000_090_000, step: 'failed', cause: 'No answer.', times: 3 },
      ],
    });
    expect(find('flight')).toBeNull();
    const details = host.querySelector('details')!;
    details.open = true;
    details.dispatchEvent(new Event('toggle'));
    await fixture.whenStable();
    const steps = [...(find('flight')?.querySelectorAll('li') ?? [])].map((one) => one.textContent.replace(/\s+/g, ' ').trim());
    expect(steps.map((one) => one.slice('12:34:56'.length))).toEqual([
      'Attempt failed ×3No answer.',
      'Connection lostIt was cut off.',
      'Connected',
    ]);
    expect(host.querySelector('.trace')?.textContent).toContain('tab-1');

    const urls: Blob[] = [];
    vi.stubGlobal('URL', { createObjectURL: (file: Blob) => `blob:${urls.push(file)}`, revokeObjectURL: () => undefined });
    host.querySelector<HTMLButtonElement>('collab-flight button')?.click();
    vi.unstubAllGlobals();
    expect(JSON.parse((await urls[0]?.text()) ?? '')).toEqual(flight());
  });
});
