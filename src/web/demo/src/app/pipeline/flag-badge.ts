import { ChangeDetectionStrategy, Component, computed, effect, ElementRef, input, signal, viewChild } from '@angular/core';
import { called, isolated, legible, Names, userColour } from '@collab/angular';
import { Icon } from '../shared/icon';
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
      [attr.aria-label]="label()"
      [attr.aria-describedby]="id"
      (click)="toggle()"
      (focus)="focused.set(true)"
      (blur)="leave()"
    >
      <collab-icon name="flag" />
    </button>
    <div #popover class="popover" popover="manual" role="tooltip" data-testid="flag-note" [id]="id" [style.--user]="colour()">
      <p class="by">
        <collab-icon name="flag" /><strong [title]="flag().userId"
          ><bdi>{{ who() }}</bdi></strong
        >
        flagged this · #{{ flag().sequenceNumber }}
      </p>
      <p [class.hint]="flag().note === null" dir="auto">{{ note() }}</p>
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
  /** What users are called. */
  readonly names = input<Names>({});

  protected readonly id = `flag-note-${++count}`;
  protected readonly focused = signal(false);
  protected readonly colour = computed(() => userColour(this.flag().userId));
  protected readonly who = computed(() => called(this.flag().userId, this.names()));
  protected readonly label = computed(() => `Flag of ${isolated(this.who())}`);
  protected readonly note = computed(() => {
    const { note } = this.flag();
    return note === null ? 'No note.' : legible(note);
  });
  private readonly hovered = signal(false);
  private readonly pinned = signal(false);
  private readonly open = computed(() => this.pinned() || this.focused() || this.hovered());
  private readonly badge = viewChild.required<ElementRef<HTMLElement>>('badge');
  private readonly popover = viewChild.required<ElementRef<HTMLElement>>('popover');
  private leaving: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    effect((onCleanup) => {
      if (!this.open()) return;
      const note = this.popover().nativeElement;
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
