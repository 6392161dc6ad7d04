import { afterNextRender, ChangeDetectionStrategy, Component, effect, inject, Injector, signal, untracked } from '@angular/core';
import { Router } from '@angular/router';
import { CollaborationStore, CollabTimeTravel } from '@collab/angular';
import { newUuid } from '@collab/client';
import { HttpError, problemOf } from '../shared/request';
import { RunsApi } from '../shared/runs-api';

/** Begins a new run as a copy of the moment of the past that is shown, and opens it. */
@Component({
  selector: 'collab-branch-button',
  template: `
    @if (problem(); as problem) {
      <span class="problem" role="alert">{{ problem }}</span>
    }
    <button
      type="button"
      class="button small"
      data-testid="branch"
      aria-label="Branch from here"
      [disabled]="travel.event() === null || isBranching()"
      (click)="branch()"
    >
      Branch<span class="more">&nbsp;from here</span>
    </button>
  `,
  styles: `
    :host {
      display: flex;
      align-items: center;
      gap: var(--space-2);
      margin-left: auto;
    }
    .problem {
      color: var(--danger);
    }
    /* In a scrubber that has little room. */
    @container (max-width: 34rem) {
      .more {
        display: none;
      }
    }
    @media (max-height: 520px) {
      @container (max-width: 52rem) {
        .more {
          display: none;
        }
      }
    }
  `,
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class BranchButton {
  protected readonly travel = inject(CollabTimeTravel);
  protected readonly isBranching = signal(false);
  protected readonly problem = signal<string | null>(null);

  private readonly store = inject(CollaborationStore);
  private readonly api = inject(RunsApi);
  private readonly router = inject(Router);
  private readonly injector = inject(Injector);
  /** Pressed again after an answer that was lost, it finds the run that was made. */
  private newRun = newUuid();

  constructor() {
    // Of another moment another copy.
    effect(() => {
      this.travel.sequence();
      untracked(() => {
        this.newRun = newUuid();
        this.problem.set(null);
      });
    });
  }

  protected async branch(): Promise<void> {
    if (this.isBranching()) return;
    this.isBranching.set(true);
    this.problem.set(null);
    try {
      const { runId } = await this.api.branch(this.store.runId(), this.travel.sequence(), this.newRun);
      await this.router.navigate(['/runs', runId]);
      // The button has gone with the past: the keyboard begins where the new run does.
      afterNextRender(() => document.querySelector<HTMLElement>('[data-testid="run-title"]')?.focus(), { injector: this.injector });
    } catch (error) {
      this.problem.set(error instanceof HttpError ? sentence(error.status) : problemOf(error));
    } finally {
      this.isBranching.set(false);
    }
  }
}

function sentence(status: number): string {
  if (status === 400) return 'That event is kept no more.';
  if (status === 403) return 'You have no right to make a run.';
  if (status === 429) return 'Too many branches. Try again in a minute.';
  return `The run could not be made: the server answered ${String(status)}.`;
}
