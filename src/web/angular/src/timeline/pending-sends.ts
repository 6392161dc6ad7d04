import { ChangeDetectionStrategy, Component, computed, inject } from '@angular/core';
import { PendingSend } from '@collab/client';
import { CollabAvatar } from '../avatar/avatar';
import { CollaborationStore } from '../collaboration-store';
import { refusalWords } from '../events/refusal';
import { CollabSentences } from '../events/sentences';
import { CollabWords } from '../events/words';
import { called } from '../look/user';

/** What the user did and the server has not acknowledged, newest first, drawn like the events they are about to be. */
@Component({
  selector: 'collab-pending-sends',
  imports: [CollabAvatar, CollabWords],
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
                <button type="button" class="press" (click)="store.retry(row.messageId)">Retry</button>
                <button type="button" class="press quiet" (click)="store.discard(row.messageId)">Discard</button>
              </p>
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
      .map((send) => ({
        messageId: send.messageId,
        status: send.status,
        words: [{ text: ' ' }, ...this.sentences.predicate(send)],
        says: this.describe(send),
      }))
      .reverse(),
  );

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
