import { ChangeDetectionStrategy, Component, computed, effect, inject, input, output, untracked } from '@angular/core';
import { RouterLink } from '@angular/router';
import { fullTime, minuteTitle } from '@collab/angular/look/format';
import { firstCharacters, isolated, legible } from '@collab/angular/look/text';
import { RunTitles } from '../shared/run-titles';

/** So much of a reason is shown before somebody asks for the rest. */
const shortReason = 160;

/** Something of a run that waits for an administrator: what it is, why, and the two ways on. */
@Component({
  selector: 'collab-stuck-entry',
  imports: [RouterLink],
  template: `
    <div class="head">
      <a [routerLink]="['/runs', runId()]" [title]="runId()">{{ name() }}</a>
      <span>{{ what() }}</span>
      <time class="hint" [title]="fullTime(since())">{{ minuteTitle(since(), now()) }}</time>
    </div>
    @if (rest() === '') {
      <p class="reason">
        <bdi>{{ reason() }}</bdi>
      </p>
    } @else {
      <details class="reason">
        <summary>
          <bdi>{{ reason() }}…</bdi>
        </summary>
        <bdi>…{{ rest() }}</bdi>
      </details>
    }
    <div class="ways">
      <button type="button" class="button small" [disabled]="isBusy()" [attr.aria-label]="'Retry ' + label()" (click)="retried.emit()">
        Retry
      </button>
      <button
        type="button"
        class="button small danger"
        [disabled]="isBusy()"
        [attr.aria-label]="verb() + ' ' + label()"
        (click)="givenUp.emit()"
      >
        {{ verb() }}
      </button>
    </div>
  `,
  styles: `
    :host {
      display: grid;
      grid-template: 'head ways' auto 'reason ways' auto / minmax(0, 1fr) auto;
      align-items: center;
      gap: var(--space-1) var(--space-4);
      padding: var(--space-2) 0;
    }
    .head {
      display: flex;
      flex-wrap: wrap;
      grid-area: head;
      gap: 0 var(--space-3);
    }
    .reason {
      grid-area: reason;
      color: var(--danger);
      font-size: var(--text-sm);
    }
    summary {
      cursor: pointer;
    }
    .ways {
      display: flex;
      grid-area: ways;
      gap: var(--space-2);
    }
    @media (max-width: 640px) {
      :host {
        grid-template: 'head' auto 'reason' auto 'ways' auto / minmax(0, 1fr);
      }
      .ways .button {
        flex: 1;
      }
    }
  `,
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class StuckEntry {
  readonly runId = input.required<string>();
  /** What it is, after the run's name. */
  readonly what = input.required<string>();
  /** Since when, in Unix ms. */
  readonly since = input.required<number>();
  readonly error = input.required<string>();
  /** What giving it up is called. */
  readonly verb = input.required<string>();
  /** Something is being done to it. */
  readonly isBusy = input.required<boolean>();
  readonly retried = output();
  readonly givenUp = output();

  private readonly titles = inject(RunTitles);
  protected readonly name = computed(() => isolated(this.titles.name(this.runId())));
  protected readonly label = computed(() => `${this.what()} of ${this.name()}`);
  protected readonly reason = computed(() => firstCharacters(legible(this.error()), shortReason));
  protected readonly rest = computed(() => legible(this.error()).slice(this.reason().length));
  protected readonly fullTime = fullTime;
  protected readonly minuteTitle = minuteTitle;
  protected readonly now = computed(() => Math.max(Date.now(), this.since()));

  constructor() {
    effect(() => {
      const runId = this.runId();
      untracked(() => void this.titles.find([runId]));
    });
  }
}
