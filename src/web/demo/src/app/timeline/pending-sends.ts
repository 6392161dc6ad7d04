import { ChangeDetectionStrategy, Component, computed, inject } from '@angular/core';
import { CollaborationStore } from '@collab/angular';
import { PendingSend } from '@collab/client';
import { Avatar } from '../shared/avatar';
import { refusal } from '../shared/refusal';
import { guarded } from '../shared/guarded';
import { predicate } from '../shared/sentence';
import { called } from '../shared/user';
import { WordsText } from '../shared/words';

/** What the user did and the server has not acknowledged, newest first, drawn like the events they are about to be. */
@Component({
  selector: 'collab-pending-sends',
  imports: [Avatar, WordsText],
  template: `
    <ol aria-label="Changes on the way" data-testid="pending-list">
      @for (row of rows(); track row.messageId) {
        <li [class]="row.status" [attr.data-status]="row.status">
          <collab-avatar [userId]="userId()" [name]="name()" />
          <div>
            <p>
              <bdi>{{ name() }}</bdi><collab-words [words]="row.words" />
            </p>
            <p class="status">{{ row.says }}</p>
            @if (row.status === 'refused') {
              <p class="choices">
                <button type="button" class="button small" (click)="store.retry(row.messageId)">Retry</button>
                <button type="button" class="button quiet small" (click)="store.discard(row.messageId)">Discard</button>
              </p>
            }
          </div>
        </li>
      }
    </ol>
  `,
  styles: `
    li {
      display: flex;
      gap: var(--space-3);
      padding: 0.375rem var(--space-4);
      color: var(--text-3);
    }
    collab-avatar {
      --avatar-size: 1.5rem;
      margin-top: 1px;
      filter: grayscale(1);
      opacity: 0.6;
    }
    li.refused {
      background: var(--danger-soft);
      color: var(--text);
    }
    .status {
      font-size: var(--text-sm);
    }
    .refused .status {
      color: var(--danger);
      font-weight: 500;
    }
    .choices {
      display: flex;
      gap: var(--space-1);
      padding-top: var(--space-1);
    }
  `,
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class PendingSends {
  protected readonly store = inject(CollaborationStore);
  protected readonly userId = computed(() => this.store.userId() ?? 'You');
  protected readonly name = computed(() => called(this.userId(), this.store.userNames()));
  protected readonly rows = computed(() =>
    this.store
      .pending()
      .map((send) => ({
        messageId: send.messageId,
        status: send.status,
        words: [{ text: ' ' }, ...guarded(() => predicate(send), [])],
        says: this.describe(send),
      }))
      .reverse(),
  );

  private describe({ status, error }: PendingSend): string {
    switch (status) {
      case 'sending':
        return 'Sending…';
      case 'refused':
        return `Refused: ${refusal(error)}`;
      case 'queued':
        if (!this.store.isConnected()) return 'Queued: goes out when the connection is back';
        return error ? `Queued: ${refusal(error)}. It is tried again by itself` : 'Queued: waits for its turn';
    }
  }
}
