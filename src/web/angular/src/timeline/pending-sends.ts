import {
  afterNextRender,
  ChangeDetectionStrategy,
  Component,
  computed,
  ElementRef,
  inject,
  Injector,
  signal,
  viewChild,
  viewChildren,
} from '@angular/core';
import { PendingSend } from '@collab/client';
import { CollabAvatar } from '../avatar/avatar';
import { CollaborationStore } from '../collaboration-store';
import { refusalWords } from '../events/refusal';
import { CollabSentences, Words } from '../events/sentences';
import { CollabWords } from '../events/words';
import { isVisible, wellFormed } from '../look/text';
import { called } from '../look/user';

interface Row {
  readonly messageId: string;
  readonly status: PendingSend['status'];
  readonly words: readonly Words[];
  readonly says: string;
  /** Whether others have changed the same since the user saw it: there is something to review. */
  readonly isConflict: boolean;
  /** What others did meanwhile. */
  readonly meanwhile: readonly { readonly sequence: number | null; readonly who: string; readonly words: readonly Words[] }[];
  readonly data: PendingSend['data'];
  /** What can be edited, as a label says it; null: nothing. */
  readonly label: string | null;
  readonly field: string;
  readonly value: string;
  /** In characters. */
  readonly longest: number;
}

/** What of a change can be edited, by its type: a label, the field of its data, and how long that can be. */
const editable: Readonly<Record<string, readonly [label: string, field: string, longest: number]>> = {
  GRAFT: ['Agent', 'agentName', 200],
  FLAG: ['Note', 'note', 2000],
};

/**
 * What the user did and the server has not acknowledged, newest first, drawn like the events they are about to be. What was refused for
 * what others have changed meanwhile shows that, to be applied anyway, edited or dropped.
 */
@Component({
  selector: 'collab-pending-sends',
  imports: [CollabAvatar, CollabWords],
  template: `
    <ol aria-label="Changes on the way" data-testid="pending-list">
      @for (row of rows(); track row.messageId) {
        <li tabindex="-1" [class]="row.status" [attr.data-status]="row.status">
          <collab-avatar [userId]="userId()" [name]="name()" />
          <div>
            <p>
              <bdi>{{ name() }}</bdi><collab-words [words]="row.words" />
            </p>
            <p class="status">{{ row.says }}</p>
            @if (row.meanwhile.length > 0) {
              <ul class="meanwhile" aria-label="Changed meanwhile" data-testid="conflict-events">
                @for (other of row.meanwhile; track other.sequence) {
                  <li>
                    <bdi>{{ other.who }}</bdi>{{ ' ' }}<collab-words [words]="other.words" /> · #{{ other.sequence }}
                  </li>
                }
              </ul>
            }
            @if (row.status === 'refused') {
              @if (edited() === row.messageId) {
                <form class="choices" (submit)="edit($event, row, field.value)" (keydown.escape)="leave($event)">
                  <label class="unseen" [attr.for]="'edit-' + row.messageId">{{ row.label }}</label>
                  <input
                    #field
                    [id]="'edit-' + row.messageId"
                    [value]="row.value"
                    [attr.maxlength]="row.longest"
                    [attr.aria-invalid]="problem() !== null"
                    [attr.aria-describedby]="problem() === null ? null : 'problem-' + row.messageId"
                    data-testid="conflict-field"
                    (input)="problem.set(null)"
                  />
                  <button type="submit" class="press">Send</button>
                  <button type="button" class="press quiet" (click)="cancel()">Cancel</button>
                  @if (problem(); as text) {
                    <p class="problem" role="alert" [id]="'problem-' + row.messageId">{{ text }}</p>
                  }
                </form>
              } @else {
                <p class="choices">
                  <!-- A run that has ended takes nothing any more. -->
                  @if (!store.ended()) {
                    <button type="button" class="press" (click)="store.retry(row.messageId)">
                      {{ row.isConflict ? 'Apply anyway' : 'Retry' }}
                    </button>
                  }
                  @if (row.isConflict && row.label !== null && !store.ended()) {
                    <button #editButton type="button" class="press" (click)="begin(row.messageId)">Edit</button>
                  }
                  <button type="button" class="press quiet" (click)="store.discard(row.messageId)">
                    {{ row.isConflict ? 'Drop' : 'Discard' }}
                  </button>
                </p>
              }
            }
          </div>
        </li>
      }
    </ol>
  `,
  styleUrls: ['../look/controls.css', './pending-sends.css'],
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class PendingSends {
  protected readonly store = inject(CollaborationStore);
  private readonly sentences = inject(CollabSentences);
  protected readonly userId = computed(() => this.store.userId() ?? 'You');
  protected readonly name = computed(() => called(this.userId(), this.store.userNames()));
  protected readonly rows = computed(() =>
    this.store
      .pending()
      .map((send) => this.rowOf(send))
      .reverse(),
  );
  /** The change whose words are being edited; null: none. */
  protected readonly edited = signal<string | null>(null);
  /** Why what was typed cannot be sent; null: nothing is wrong. */
  protected readonly problem = signal<string | null>(null);
  private readonly field = viewChild<ElementRef<HTMLInputElement>>('field');
  private readonly editButtons = viewChildren<ElementRef<HTMLButtonElement>>('editButton');
  private readonly injector = inject(Injector);

  protected begin(messageId: string): void {
    this.problem.set(null);
    this.edited.set(messageId);
    afterNextRender(() => this.field()?.nativeElement.select(), { injector: this.injector });
  }

  protected cancel(): void {
    const before = new Set(this.editButtons());
    this.edited.set(null);
    afterNextRender(
      () =>
        this.editButtons()
          .find((button) => !before.has(button))
          ?.nativeElement.focus(),
      { injector: this.injector },
    );
  }

  protected leave(event: Event): void {
    // It closes this, and nothing around it.
    event.stopPropagation();
    this.cancel();
  }

  protected edit(event: Event, row: Row, value: string): void {
    event.preventDefault();
    if (row.field === 'agentName' && !isVisible(value)) {
      this.problem.set('An agent needs a name.');
      this.field()?.nativeElement.focus();
      return;
    }
    this.edited.set(null);
    this.store.edit(row.messageId, { ...row.data, [row.field]: wellFormed(value.trim()) });
  }

  private rowOf(send: PendingSend): Row {
    const { messageId, status, eventType, data, error } = send;
    const [label = null, field = '', longest = 0] = Object.hasOwn(editable, eventType) ? (editable[eventType] ?? []) : [];
    const value = data[field];
    return {
      messageId,
      status,
      words: [{ text: ' ' }, ...this.sentences.predicate(send)],
      says: this.describe(send),
      isConflict: status === 'refused' && error?.code === 'conflict',
      meanwhile: status === 'refused' ? this.meanwhile(error) : [],
      data,
      label,
      field,
      value: typeof value === 'string' ? value : '',
      longest,
    };
  }

  private meanwhile(error: PendingSend['error']): Row['meanwhile'] {
    return (error?.events ?? []).map((event) => ({
      sequence: event.sequenceNumber,
      who: called(event.userId, this.store.userNames()),
      words: this.sentences.predicate(event),
    }));
  }

  private describe({ status, error }: PendingSend): string {
    switch (status) {
      case 'sending':
        return 'Sending…';
      case 'refused':
        return `Refused: ${refusalWords(error)}`;
      case 'queued':
        if (!this.store.isConnected()) return 'Queued: goes out when the connection is back';
        return error ? `Queued: ${refusalWords(error)}. It is tried again by itself` : 'Queued: waits for its turn';
    }
  }
}
