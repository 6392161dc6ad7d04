import { ComponentFixture, TestBed } from '@angular/core/testing';
import { provideRouter } from '@angular/router';
import { CollaborationEvent } from '@collab/client';
import { titleData, titleType } from '../shared/run-title';
import { RunTitles } from '../shared/run-titles';
import { RunsApi } from '../shared/runs-api';
import { anEvent, events } from '@collab/angular/testing';
import { RunRow } from './run-row';

const runId = '550e8400-e29b-41d4-a716-446655440000';

describe('RunRow', () => {
  let fixture: ComponentFixture<RunRow>;
  let page: HTMLElement;
  const asked: number[] = [];
  const show = (lastSequence: number, activeUsers: readonly string[] = [], lastEvent: CollaborationEvent | null = null): void => {
    const run = { runId, lastSequence, createdAt: 0, updatedAt: 0, lastEvent, activeUsers };
    fixture.componentRef.setInput('run', run);
    fixture.detectChanges();
  };
  const pass = (ms: number): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);

  beforeEach(() => {
    vi.useFakeTimers();
    sessionStorage.clear();
    asked.length = 0;
    const recent = (run: { lastSequence: number }): Promise<unknown> => {
      asked.push(run.lastSequence);
      return Promise.resolve(events(1, run.lastSequence));
    };
    TestBed.configureTestingModule({ providers: [provideRouter([]), { provide: RunsApi, useValue: { recent } }] });
    fixture = TestBed.createComponent(RunRow);
    fixture.componentRef.setInput('now', 0);
    page = fixture.nativeElement as HTMLElement;
  });

  afterEach(() => {
    fixture.destroy();
    vi.useRealTimers();
  });

  it('says of a run that it has ended', () => {
    show(3);
    expect(page.querySelector('time')?.textContent).not.toContain('Ended');
    const run = {
      runId: '550e8400-e29b-41d4-a716-446655440000',
      lastSequence: 3,
      createdAt: 0,
      updatedAt: 0,
      lastEvent: null,
      activeUsers: [],
    };
    fixture.componentRef.setInput('run', { ...run, ended: true });
    fixture.detectChanges();
    expect(page.querySelector('time')?.textContent).toMatch(/^Ended /);
  });

  it('reads the events of its chart at once, and twice a minute at most while the run moves', async () => {
    show(1);
    await pass(0);
    expect(asked).toEqual([1]);
    for (let sequence = 2; sequence <= 12; sequence++) {
      await pass(5000);
      show(sequence);
    }
    expect(asked).toEqual([1, 6]);
    await pass(60_000);
    expect(asked).toEqual([1, 6, 12]);
    await pass(60_000);
    expect(asked).toHaveLength(3);
  });

  it('reads nothing where nothing has happened, or after it is gone', async () => {
    show(0);
    await pass(60_000);
    show(1);
    fixture.destroy();
    await pass(60_000);
    expect(asked).toEqual([]);
  });

  it('is called what its last event calls it, and what was learnt of it after that', async () => {
    const name = (): string | undefined => page.querySelector('strong')?.textContent.trim();
    const lastEvent = anEvent(1, { eventType: titleType, data: titleData('Checkout') });
    show(1, [], lastEvent);
    expect(name()).toBe('Checkout');
    await pass(0);
    show(2);
    expect(name()).toMatch(/^\w+ \w+$/);
    TestBed.inject(RunTitles).know(runId, 'Rework', 2);
    fixture.detectChanges();
    expect(name()).toBe('Rework');
  });

  it('shows as many faces as fit, and a number only for two and more', () => {
    const said = (users: string): (string | undefined)[] => {
      show(0, users.split(' '));
      return [...page.querySelectorAll('.people > *')].map((each) => each.getAttribute('aria-label')?.split(' ')[0] ?? each.textContent);
    };
    expect(said('a b c d e')).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(said('a b c d e f')).toEqual(['a', 'b', 'c', 'd', '+2']);
  });
});
