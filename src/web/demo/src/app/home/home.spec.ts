import { ComponentFixture, TestBed } from '@angular/core/testing';
import { provideRouter } from '@angular/router';
import { ListedRun, RunsApi, RunsPage } from '../shared/runs-api';
import { Home } from './home';

function aRun(id: number): ListedRun {
  const runId = `00000000-0000-4000-8000-${String(id).padStart(12, '0')}`;
  return { runId, lastSequence: 0, createdAt: 0, updatedAt: id, lastEvent: null, activeUsers: [] };
}

describe('Home', () => {
  let fixture: ComponentFixture<Home>;
  let page: HTMLElement;
  let answers: { readonly cursor: string | null; readonly give: (page: RunsPage) => void }[];
  const rows = (): number[] => [...page.querySelectorAll('li code')].map((code) => Number(code.textContent.slice(-12)));
  const more = (): HTMLButtonElement => page.querySelector<HTMLButtonElement>('main > .button')!;
  const answer = async (ids: readonly number[], nextCursor: string | null, activeUsers: readonly string[] = []): Promise<void> => {
    answers.shift()!.give({ runs: ids.map((id) => ({ ...aRun(id), activeUsers })), nextCursor });
    await vi.advanceTimersByTimeAsync(0);
    fixture.detectChanges();
  };

  beforeEach(async () => {
    vi.useFakeTimers();
    answers = [];
    const list = (cursor: string | null = null): Promise<RunsPage> => new Promise((give) => answers.push({ cursor, give }));
    TestBed.configureTestingModule({ providers: [provideRouter([]), { provide: RunsApi, useValue: { list } }] });
    fixture = TestBed.createComponent(Home);
    page = fixture.nativeElement as HTMLElement;
    document.body.append(page);
    fixture.detectChanges();
    await vi.advanceTimersByTimeAsync(0);
    await answer([9, 8], 'after-8');
  });

  afterEach(() => {
    fixture.destroy();
    page.remove();
    vi.useRealTimers();
  });

  it('asks once for more at a double click', async () => {
    more().click();
    more().click();
    fixture.detectChanges();
    expect(more().getAttribute('aria-disabled')).toBe('true');
    await vi.advanceTimersByTimeAsync(0);
    expect(answers.map(({ cursor }) => cursor)).toEqual(['after-8']);
    await answer([7, 6], 'after-6');
    expect(answers).toEqual([]);
    expect(rows()).toEqual([9, 8, 7, 6]);
    expect(more().getAttribute('aria-disabled')).toBe('false');
  });

  it('loses no run when a new one comes while more are asked for', async () => {
    await vi.advanceTimersByTimeAsync(5000);
    more().click();
    await answer([10, 9], 'after-9');
    expect(answers.map(({ cursor }) => cursor)).toEqual(['after-9']);
    await answer([8, 7], 'after-7');
    expect(rows()).toEqual([10, 9, 8, 7]);
    await vi.advanceTimersByTimeAsync(5000);
    await answer([11, 10], 'after-10');
    expect(rows()).toEqual([11, 10, 9, 8, 7]);
  });

  it('does not ask again while the server owes an answer', async () => {
    await vi.advanceTimersByTimeAsync(20_000);
    expect(answers).toHaveLength(1);
  });

  it('searches once there is something to search, and says how many are found', async () => {
    const search = (): HTMLInputElement | null => page.querySelector('[data-testid="run-search"]');
    expect(search()).toBeNull();
    more().click();
    await vi.advanceTimersByTimeAsync(0);
    await answer([7, 6, 5], null);
    search()!.value = '000000000007';
    search()!.dispatchEvent(new Event('input'));
    fixture.detectChanges();
    expect(rows()).toEqual([7]);
    expect(page.querySelector('[data-testid="run-found"]')?.textContent).toBe('1 run found');
    search()!.value = 'nothing of the kind';
    search()!.dispatchEvent(new Event('input'));
    fixture.detectChanges();
    expect(page.textContent).toContain('No run is like that');
    page.querySelector<HTMLButtonElement>('.none button')!.click();
    fixture.detectChanges();
    expect(rows()).toEqual([9, 8, 7, 6, 5]);
  });

  it('leads on to the runs that were asked for, and to the search when its result is cleared', async () => {
    more().focus();
    more().click();
    await vi.advanceTimersByTimeAsync(0);
    await answer([7, 6, 5], null);
    expect(document.activeElement?.getAttribute('href')).toContain(aRun(7).runId);
    const search = page.querySelector<HTMLInputElement>('[data-testid="run-search"]')!;
    search.value = 'nothing of the kind';
    search.dispatchEvent(new Event('input'));
    fixture.detectChanges();
    page.querySelector<HTMLButtonElement>('.none button')!.click();
    fixture.detectChanges();
    expect(document.activeElement).toBe(search);
  });

  it('goes on showing for whom it looks when that person has left', async () => {
    const who = (): HTMLSelectElement => page.querySelector<HTMLSelectElement>('[data-testid="run-people"]')!;
    await vi.advanceTimersByTimeAsync(5000);
    await answer([9, 8, 7, 6, 5], null, ['ana', 'person7']);
    who().value = '=person7';
    who().dispatchEvent(new Event('change'));
    fixture.detectChanges();
    expect(rows()).toEqual([9, 8, 7, 6, 5]);
    await vi.advanceTimersByTimeAsync(5000);
    await answer([9, 8, 7, 6, 5], null, ['ana']);
    expect(rows()).toEqual([]);
    expect(who().value).toBe('=person7');
  });
});
