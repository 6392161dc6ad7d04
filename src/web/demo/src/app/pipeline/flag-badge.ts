import { ChangeDetectionStrategy, Component, computed, effect, ElementRef, input, signal, viewChild } from '@angular/core';
import { Icon } from '../shared/icon';
import { userColour } from '../shared/user';
import { PipelineStep } from './pipeline.model';

let count = 0;
/** Time to go from the badge to its note with the pointer, in ms. */
const patience = 120;

/** A flag on a card. Its note shows on hover, focus and click (which pins it), and goes with Escape. */
@Component({
  selector: 'collab-flag-badge',
  imports: [Icon],
  template: `
    <button
      #badge
      type="button"
      data-testid="flag-badge"
      [attr.aria-label]="'Flag of ' + flag().userId"
      [attr.aria-describedby]="id"
      (click)="toggle()"
      (focus)="focused.set(true)"
      (blur)="leave()"
    >
      <collab-icon name="flag" />
    </button>
    <div #note class="popover" popover="manual" role="tooltip" data-testid="flag-note" [id]="id" [style.--user]="colour()">
      <p class="by">
        <collab-icon name="flag" /><strong>{{ flag().userId }}</strong> flagged this · #{{ flag().sequenceNumber }}
      </p>
      <p [class.hint]="flag().note === null">{{ flag().note ?? 'No note.' }}</p>
    </div>
  `,
  styleUrl: './flag-badge.css',
  host: {
    '(pointerenter)': 'hover(true)',
    '(pointerleave)': 'hover(false)',
    '(document:keydown.escape)': 'dismiss()',
  },
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class FlagBadge {
  readonly flag = input.required<NonNullable<PipelineStep['flag']>>();

  protected readonly id = `flag-note-${++count}`;
  protected readonly focused = signal(false);
  protected readonly colour = computed(() => userColour(this.flag().userId));
  private readonly hovered = signal(false);
  private readonly pinned = signal(false);
  private readonly open = computed(() => this.pinned() || this.focused() || this.hovered());
  private readonly badge = viewChild.required<ElementRef<HTMLElement>>('badge');
  private readonly note = viewChild.required<ElementRef<HTMLElement>>('note');
  private leaving: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    effect((onCleanup) => {
      if (!this.open()) return;
      const note = this.note().nativeElement;
      note.showPopover();
      const place = (): void => this.place(note);
      place();
      document.addEventListener('scroll', place, { capture: true, passive: true });
      onCleanup(() => {
        document.removeEventListener('scroll', place, { capture: true });
        if (note.isConnected) note.hidePopover();
      });
    });
  }

  protected toggle(): void {
    if (this.pinned()) this.dismiss();
    else this.pinned.set(true);
  }

  protected hover(isOver: boolean): void {
    clearTimeout(this.leaving);
    if (isOver) this.hovered.set(true);
    else this.leaving = setTimeout(() => this.hovered.set(false), patience);
  }

  protected leave(): void {
    this.focused.set(false);
    this.pinned.set(false);
  }

  protected dismiss(): void {
    this.pinned.set(false);
    this.focused.set(false);
    this.hovered.set(false);
  }

  /** In the top layer, so that no scrolling area cuts it off; there it needs a place of its own. */
  private place(note: HTMLElement): void {
    const badge = this.badge().nativeElement.getBoundingClientRect();
    const { width, height } = note.getBoundingClientRect();
    const edge = 8;
    const left = Math.min(Math.max(edge, badge.right - width), window.innerWidth - width - edge);
    const above = badge.top - height - edge;
    note.style.left = `${left}px`;
    note.style.top = `${above >= edge ? above : badge.bottom + edge}px`;
  }
}
