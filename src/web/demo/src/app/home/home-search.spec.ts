import { ComponentFixture, TestBed } from '@angular/core/testing';
import { provideRouter } from '@angular/router';
import { emptyState, PipelineState } from '@collab/client';
import { titleData, titleType } from '../shared/run-title';
import { ListedRun, RunsApi, RunsPage } from '../shared/runs-api';
import { Home } from './home';

const idOf = (n: number): string => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;

describe('The search of the runs', () => {
  let fixture: ComponentFixture<Home>;
  let page: HTMLElement;
  let count: number;
  let asked: number[];
  let states: number[];
  const rows = (): number[] => [...page.querySelectorAll('li code')].map((code) => Number(code.textContent.slice(-12)));
  const found = (): string => page.querySelector('[data-testid="run-found"]')!.textContent;
  const field = (): HTMLInputElement => page.querySelector<HTMLInputElement>('[data-testid="run-search"]')!;
  const button = (id: string): HTMLButtonElement | null => page.querySelector<HTMLButtonElement>(`[data-testid="${id}"]`);
  const aRun = (n: number): ListedRun => ({
    runId: idOf(n),
    lastSequence: 500,
    createdAt: 0,
    updatedAt: n,
    lastEvent: null,
    activeUsers: [],
  });

  // Run number n is the n-th newest but of `count`; each has the title "Straße n".
  const list = (cursor: string | null = null, limit = 20): Promise<RunsPage> => {
    asked.push(limit);
    const from = cursor === null ? count : Number(cursor);
    const ids = Array.from({ length: Math.min(limit, from) }, (_, i) => from - i);
    return Promise.resolve({ runs: ids.map(aRun), nextCursor: from > limit ? String(from - limit) : null });
  };
  const state = (runId: string): Promise<PipelineState> => {
    const n = Number(runId.slice(-12));
    states.push(n);
    const latest = { [titleType]: { run: { data: titleData(`Straße ${n}`), userId: 'ana', sequenceNumber: 1 } } };
    return Promise.resolve({ ...emptyState, asOfSequence: 500, latest, latestBy: { [titleType]: 'of' } });
  };
  const show = async (): Promise<void> => {
    const api = { list, state, recent: () => Promise.resolve([]) };
    TestBed.configureTestingModule({ providers: [provideRouter([]), { provide: RunsApi, useValue: api }] });
    fixture = TestBed.createComponent(Home);
    page = fixture.nativeElement as HTMLElement;
    document.body.append(page);
    await vi.waitFor(async () => {
      await fixture.whenStable();
      expect(page.querySelector('.ghost')).toBeNull();
    });
  };
  const type = async (text: string): Promise<void> => {
    field().value = text;
    field().dispatchEvent(new Event('input'));
    await vi.waitFor(() => expect(found()).not.toMatch(/^(Searching….*)?$/));
    await fixture.whenStable();
  };

  beforeEach(() => {
    sessionStorage.clear();
    [count, asked, states] = [130, [], []];
  });

  afterEach(() => {
    fixture.destroy();
    page.remove();
    history.replaceState(null, '', '/');
  });

  it('finds the ones that are not shown, by their titles, however they are written', async () => {
    await show();
    expect(rows()).toHaveLength(20);
    await type('ＳＴＲＡＳＳＥ\u30007');
    expect(asked).toEqual([20, 100, 100]);
    expect(rows()).toEqual(
      Array.from({ length: 130 }, (_, i) => 130 - i)
        .filter((n) => String(n).includes('7'))
        .slice(0, 20),
    );
    expect(found()).toBe('22 runs found');
    expect(button('more-runs')).not.toBeNull();
    expect(button('search-older')).toBeNull();
  });

  it('reads no title twice, and none where no words are looked for', async () => {
    await show();
    const when = page.querySelector<HTMLSelectElement>('[data-testid="run-state"]')!;
    when.value = 'open';
    when.dispatchEvent(new Event('change'));
    await vi.waitFor(() => expect(asked).toEqual([20, 100, 100]));
    await fixture.whenStable();
    const before = states.length;
    await type('straße');
    expect(states).toHaveLength(new Set(states).size);
    expect(states.length).toBeGreaterThan(before);
    await type('strasse 12');
    expect(states).toHaveLength(130);
  });

  it('ends somewhere, says so, and goes on when it is told to', async () => {
    count = 700;
    await show();
    await type('straße 1');
    expect(asked).toEqual([20, 100, 100, 100, 100, 100]);
    expect(found()).toMatch(/^\d+ runs found among the newest 520 runs$/);
    button('search-older')!.click();
    await vi.waitFor(() => expect(found()).toMatch(/^\d+ runs found$/));
    expect(button('search-older')).toBeNull();
    expect(states).toHaveLength(700);
  }, 60_000);

  it('draws no more rows than were shown once it is over', async () => {
    await show();
    await type('straße');
    expect(rows()).toHaveLength(20);
    field().value = '';
    field().dispatchEvent(new Event('input'));
    await fixture.whenStable();
    expect(rows()).toHaveLength(20);
    button('more-runs')!.click();
    await fixture.whenStable();
    expect(rows()).toHaveLength(40);
  });

  it('is in the address', async () => {
    history.replaceState(null, '', '/?user=ana&q=strasse+13&state=open&within=nonsense');
    await show();
    await vi.waitFor(() => expect(found()).toMatch(/found$/));
    await fixture.whenStable();
    expect(field().value).toBe('strasse 13');
    expect(page.querySelector<HTMLSelectElement>('[data-testid="run-state"]')!.value).toBe('open');
    expect(page.querySelector<HTMLSelectElement>('[data-testid="run-activity"]')!.value).toBe('');
    await type('strasse 99');
    await vi.waitFor(() => expect(location.search).toContain('q=strasse+99'));
  });
});
