import { ComponentFixture, TestBed } from '@angular/core/testing';
import { Router } from '@angular/router';
import { CollabTimeTravel } from '@collab/angular';
import { HttpError } from '../shared/request';
import { RunsApi } from '../shared/runs-api';
import { FakeStore, anEvent, events } from '@collab/angular/testing';
import { BranchButton } from './branch-button';

describe('BranchButton', () => {
  let store: FakeStore;
  let travel: CollabTimeTravel;
  let fixture: ComponentFixture<BranchButton>;
  let answer: () => Promise<{ runId: string }>;
  const asked: unknown[][] = [];
  const opened: unknown[] = [];

  beforeEach(() => {
    store = new FakeStore();
    [asked.length, opened.length] = [0, 0];
    answer = () => Promise.resolve({ runId: 'the-new-one' });
    const api = {
      branch: (...args: unknown[]) => {
        asked.push(args);
        return answer();
      },
    };
    const router = {
      navigate: (to: unknown) => {
        opened.push(to);
        return Promise.resolve(true);
      },
    };
    TestBed.configureTestingModule({
      providers: [...store.providers, CollabTimeTravel, { provide: RunsApi, useValue: api }, { provide: Router, useValue: router }],
    });
    travel = TestBed.inject(CollabTimeTravel);
    fixture = TestBed.createComponent(BranchButton);
  });

  const button = (): HTMLButtonElement => (fixture.nativeElement as HTMLElement).querySelector('button')!;
  const press = async (): Promise<void> => {
    button().click();
    await fixture.whenStable();
  };

  it('copies the run up to the event that is shown, and opens the copy', async () => {
    store.keep(events(1, 9));
    await travel.goTo(4);
    await fixture.whenStable();
    await press();
    expect(asked.map(([from, at]) => [from, at])).toEqual([['550e8400-e29b-41d4-a716-446655440000', 4]]);
    expect(opened).toEqual([['/runs', 'the-new-one']]);
  });

  it('has nothing to copy before the first event', async () => {
    store.keep([anEvent(1), anEvent(2)]);
    await travel.goTo(0);
    await fixture.whenStable();
    expect(button().disabled).toBe(true);
  });

  it('says what went wrong, and asks for the same run again', async () => {
    store.keep(events(1, 9));
    await travel.goTo(4);
    await fixture.whenStable();
    answer = () => Promise.reject(new HttpError(429));
    await press();
    expect((fixture.nativeElement as HTMLElement).querySelector('[role="alert"]')?.textContent).toContain('Too many');
    expect(opened).toEqual([]);
    await press();
    await travel.goTo(5);
    await fixture.whenStable();
    await press();
    const ids = asked.map(([, , id]) => id);
    expect(ids[1]).toBe(ids[0]);
    expect(ids[2]).not.toBe(ids[0]);
  });

  it('takes the focus along to the new run', async () => {
    const title = document.body.appendChild(document.createElement('h1'));
    title.tabIndex = -1;
    title.dataset['testid'] = 'run-title';
    store.keep(events(1, 9));
    await travel.goTo(4);
    await fixture.whenStable();
    await press();
    await vi.waitFor(() => expect(document.activeElement).toBe(title));
    title.remove();
  });
});
