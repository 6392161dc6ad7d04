import { ChangeDetectionStrategy, Component, computed, effect, inject, signal } from '@angular/core';
import { CollabAvatar, CollabWords } from '@collab/angular';
import { Icon } from '../shared/icon';
import { Notices } from './notices';

/** The notices, bottom right, also told to screen readers. */
@Component({
  selector: 'collab-notice-list',
  imports: [CollabAvatar, Icon, CollabWords],
  template: `
    <div
      role="log"
      aria-live="polite"
      aria-relevant="additions"
      aria-label="Notices"
      (pointermove)="pointAt($event)"
      (pointerleave)="isPointedAt.set(false)"
      (focusin)="focus($event.target)"
      (focusout)="hasFocus.set(false)"
    >
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
  protected readonly isPointedAt = signal(false);
  protected readonly hasFocus = signal(false);
  private readonly isEmpty = computed(() => this.notices.list().length === 0);

  constructor() {
    // Where none is left, none is pointed at, and browsers do not say so.
    effect(() => {
      if (!this.isEmpty()) return;
      this.isPointedAt.set(false);
      this.hasFocus.set(false);
    });
    effect(() => this.notices.hold(this.isPointedAt() || this.hasFocus()));
  }

  /** Not where a notice comes up under a pointer that rests on what is below: it would cover that for ever. */
  protected pointAt({ movementX, movementY }: PointerEvent): void {
    if (movementX !== 0 || movementY !== 0) this.isPointedAt.set(true);
  }

  /** Not where a click has left the focus: only who uses the keyboard sees it there, and goes on from it. */
  protected focus(target: EventTarget | null): void {
    this.hasFocus.set(target instanceof Element && target.matches(':focus-visible'));
  }
}
