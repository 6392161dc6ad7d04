import {
  afterNextRender,
  ChangeDetectionStrategy,
  Component,
  computed,
  ElementRef,
  inject,
  Injector,
  input,
  signal,
  viewChild,
} from '@angular/core';
import { CollaborationStore, firstCharacters, isolated, refusalWords } from '@collab/angular';
import { Notices } from '../notices/notices';
import { Icon } from '../shared/icon';
import { runName } from '../shared/names';
import { currentTitle, keepsTitles, longestTitle, readTitle, titleData, titleIn, titleType } from '../shared/run-title';
import { wasNotSent } from './not-sent';

/** What the run is called: the title that somebody gave it, else the name made from its id. Edited in its place. */
@Component({
  selector: 'collab-run-title',
  imports: [Icon],
  template: `
    @if (isEditing()) {
      <input
        #field
        class="field small"
        aria-label="Title of this run"
        autocomplete="off"
        dir="auto"
        data-testid="title-field"
        [placeholder]="madeUp()"
        [value]="begunWith()"
        (keydown.enter)="save(field.value)"
        (keydown.escape)="leave($event)"
        (blur)="save(field.value)"
      />
    } @else {
      <h1 #heading tabindex="-1" [class.sending]="onTheWay() !== undefined" [title]="name()" dir="auto" data-testid="run-title">
        {{ name() }}
      </h1>
      @if (canEdit()) {
        <button
          #edit
          type="button"
          class="button quiet icon small"
          aria-label="Give this run a title"
          title="Give this run a title"
          [disabled]="reason() !== null"
          (click)="begin()"
        >
          <collab-icon name="edit" />
        </button>
      }
    }
  `,
  styles: `
    :host {
      display: flex;
      align-items: center;
      gap: var(--space-1);
      min-width: 0;
      min-height: 1.625rem;
    }
    h1 {
      overflow: hidden;
      font-size: var(--text-lg);
      text-overflow: ellipsis;
      white-space: nowrap;
    }
    h1.sending {
      color: var(--text-3);
    }
    .field {
      width: 18rem;
      max-width: 100%;
      font-size: var(--text-lg);
      outline-offset: -1px;
    }
    button {
      --icon-size: 0.875rem;
      flex: none;
    }
  `,
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class RunTitle {
  readonly runId = input.required<string>();
  /** Whether the user may change the run at all: else it is not offered. */
  readonly mayChange = input(true);
  /** Why the run cannot be changed; null: it can. */
  readonly reason = input.required<string | null>();

  private readonly store = inject(CollaborationStore);
  private readonly notices = inject(Notices);
  private readonly injector = inject(Injector);
  private readonly field = viewChild<ElementRef<HTMLInputElement>>('field');
  private readonly editButton = viewChild<ElementRef<HTMLButtonElement>>('edit');
  private readonly heading = viewChild<ElementRef<HTMLElement>>('heading');
  protected readonly isEditing = signal(false);
  /** The title when its editing began: what others call the run meanwhile takes nothing away of what is typed. */
  protected readonly begunWith = signal('');
  protected readonly madeUp = computed(() => runName(this.runId()));
  /** What oneself has sent, and the server has not acknowledged; undefined: nothing. */
  protected readonly onTheWay = computed(() =>
    this.store
      .pending()
      .filter(({ status }) => status !== 'refused')
      .map(titleIn)
      .findLast((title) => title !== undefined),
  );
  protected readonly title = computed(() => {
    const onTheWay = this.onTheWay();
    return onTheWay === undefined ? currentTitle(this.store.state(), this.store.events()) : onTheWay;
  });
  protected readonly name = computed(() => this.title() ?? this.madeUp());
  protected readonly canEdit = computed(() => this.mayChange() && keepsTitles(this.store.state()));

  protected begin(): void {
    this.begunWith.set(this.title() ?? '');
    this.isEditing.set(true);
    afterNextRender(
      () => {
        this.field()?.nativeElement.focus();
        this.field()?.nativeElement.select();
      },
      { injector: this.injector },
    );
  }

  protected leave(event: Event): void {
    // It closes this, and nothing behind it.
    event.stopPropagation();
    this.end();
  }

  protected save(text: string): void {
    // Enter takes the field away, which then loses the focus.
    if (!this.isEditing()) return;
    const title = firstCharacters(readTitle(text) ?? '', longestTitle);
    if (title !== this.begunWith() && title !== (this.title() ?? '')) this.send(title);
    this.end();
  }

  /** What the server refuses stands in the timeline. What cannot even be sent is told, with what was typed. */
  private send(title: string): void {
    const what = title === '' ? 'The title is not taken away' : `“${isolated(title)}” is not saved as the title`;
    const reason = this.reason();
    if (reason !== null) {
      this.notices.problem(`${what}. ${reason}`);
      return;
    }
    this.store.publish(titleType, titleData(title)).catch((error: unknown) => {
      if (wasNotSent(error)) this.notices.problem(`${what}: ${refusalWords(error)}.`);
    });
  }

  private end(): void {
    const hadFocus = document.activeElement === this.field()?.nativeElement;
    this.isEditing.set(false);
    if (!hadFocus) return;
    afterNextRender(
      () => {
        const button = this.editButton()?.nativeElement;
        // Meanwhile the run may have ended.
        (button?.disabled === false ? button : this.heading()?.nativeElement)?.focus();
      },
      { injector: this.injector },
    );
  }
}
