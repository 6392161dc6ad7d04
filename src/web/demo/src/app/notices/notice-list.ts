import { ChangeDetectionStrategy, Component, inject } from '@angular/core';
import { CollabAvatar, CollabWords } from '@collab/angular';
import { Icon } from '../shared/icon';
import { Notices } from './notices';

/** The notices, bottom right, also told to screen readers. */
@Component({
  selector: 'collab-notice-list',
  imports: [CollabAvatar, Icon, CollabWords],
  template: `
    <div role="log" aria-live="polite" aria-relevant="additions" aria-label="Notices">
      @for (notice of notices.list(); track notice.id) {
        <div class="notification notif-{{ notice.kind }}">
          @if (notice.userId; as user) {
            <collab-avatar [userId]="user" [name]="notice.who" />
          } @else {
            <collab-icon name="warning" />
          }
          <p class="notif-message">
            @if (notice.userId !== null) {
              <bdi>{{ notice.who }}</bdi>
            }
            <collab-words [words]="notice.words" />
          </p>
          <button type="button" class="notif-close button quiet icon small" aria-label="Dismiss" (click)="notices.dismiss(notice.id)">
            <collab-icon name="close" />
          </button>
        </div>
      }
    </div>
  `,
  styleUrl: './notice-list.css',
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class NoticeList {
  protected readonly notices = inject(Notices);
}
