import { ChangeDetectionStrategy, Component, computed, inject, input, output } from '@angular/core';
import { CollabWords } from '@collab/angular';
import { Icon } from '../shared/icon';
import { Undo } from './undo';

/** Says what the user did last, and takes it back: by its button, or with Ctrl and Z anywhere. */
@Component({
  selector: 'collab-undo-bar',
  imports: [Icon, CollabWords],
  template: `
    <!-- Always there: a live region that comes together with its text is not read out. -->
    <div role="status">
      @if (offer(); as offer) {
        <div
          class="bar"
          data-testid="undo"
          (pointerenter)="undo.hold(true)"
          (pointerleave)="undo.hold(false)"
          (focusin)="undo.hold(true)"
          (focusout)="undo.hold(false)"
        >
          <p><collab-words [words]="offer.words" /></p>
          <button type="button" class="button small" data-testid="undo-button" aria-keyshortcuts="Control+Z" (click)="take()">
            <collab-icon name="undo" />Undo
          </button>
          <button type="button" class="button quiet icon small" aria-label="Dismiss" (click)="undo.forget()">
            <collab-icon name="close" />
          </button>
        </div>
      }
    </div>
  `,
  styles: `
    :host {
      max-width: 100%;
      pointer-events: none;
    }
    .bar {
      display: flex;
      align-items: center;
      gap: var(--space-2);
      padding: var(--space-2) var(--space-2) var(--space-2) var(--space-4);
      border: 1px solid var(--border-strong);
      border-radius: var(--radius-2);
      background: var(--surface);
      box-shadow: var(--shadow-2);
      pointer-events: auto;
      animation: arrive var(--slow) var(--ease);
      --icon-size: 0.875rem;
    }
    p {
      display: -webkit-box;
      max-width: 26rem;
      overflow: hidden;
      -webkit-box-orient: vertical;
      -webkit-line-clamp: 2;
    }
    @keyframes arrive {
      from {
        opacity: 0;
        transform: translateY(0.5rem);
      }
    }
  `,
  host: { '(document:keydown)': 'press($event)' },
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class UndoBar {
  /** Whether nothing can be taken back now: what is shown is not what would be changed. */
  readonly isOff = input(false);
  /** What takes the change back, under way. */
  readonly reverted = output<Promise<unknown>>();
  protected readonly undo = inject(Undo);
  protected readonly offer = computed(() => (this.isOff() ? null : this.undo.offer()));

  protected take(): void {
    const sending = this.undo.take();
    if (sending) this.reverted.emit(sending);
  }

  protected press(event: KeyboardEvent): void {
    if (event.key.toLowerCase() !== 'z' || event.shiftKey || event.altKey || !(event.ctrlKey || event.metaKey) || event.repeat) return;
    // There it takes back what was typed.
    if ((event.target as HTMLElement).closest('input:not([type="range"]), textarea, select, dialog') || !this.offer()) return;
    event.preventDefault();
    this.take();
  }
}
