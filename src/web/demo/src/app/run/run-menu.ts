import { ChangeDetectionStrategy, Component, ElementRef, inject, input, signal, viewChild } from '@angular/core';
import { CollaborationStore, refusalWords } from '@collab/angular';
import { CollabError } from '@collab/client';
import { Notices } from '../notices/notices';
import { Icon } from '../shared/icon';
import { EndDialog } from './end-dialog';

/** What is done to a run as a whole, and seldom. */
@Component({
  selector: 'collab-run-menu',
  imports: [EndDialog, Icon],
  template: `
    <button
      #opener
      type="button"
      class="button quiet icon"
      aria-label="More about this run"
      aria-controls="run-menu"
      data-testid="run-menu"
      [attr.aria-expanded]="isOpen()"
      (click)="isOpen.set(!isOpen())"
    >
      <collab-icon name="more" />
    </button>
    @if (isOpen()) {
      <div id="run-menu" class="menu popover">
        <button type="button" class="button quiet" data-testid="end-run" [disabled]="disabled()" (click)="ask()">
          <collab-icon name="end" />End this run…
        </button>
      </div>
    }
    @if (isAsking()) {
      <collab-end-dialog (confirmed)="end($event)" (closed)="closed()" />
    }
  `,
  styles: `
    :host {
      position: relative;
    }
    .menu {
      position: absolute;
      z-index: 40;
      top: calc(100% + var(--space-1));
      left: 0;
      width: max-content;
      padding: var(--space-1);
    }
  `,
  host: {
    '(keydown.escape)': 'close(true)',
    '(document:pointerdown)': 'closeUnlessInside($event.target)',
    '(focusout)': 'closeUnlessInside($event.relatedTarget)',
  },
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class RunMenu {
  /** Whether the run cannot be ended by this user now. */
  readonly disabled = input(false);

  private readonly store = inject(CollaborationStore);
  private readonly notices = inject(Notices);
  private readonly host = inject<ElementRef<HTMLElement>>(ElementRef);
  private readonly opener = viewChild.required<ElementRef<HTMLButtonElement>>('opener');
  protected readonly isOpen = signal(false);
  protected readonly isAsking = signal(false);

  protected ask(): void {
    this.isOpen.set(false);
    this.isAsking.set(true);
  }

  protected closed(): void {
    this.isAsking.set(false);
    this.opener().nativeElement.focus();
  }

  protected end(outcome: string | null): void {
    this.store.end(outcome).catch((error: unknown) => {
      if (error instanceof CollabError) this.notices.problem(`Not ended: ${refusalWords(error)}.`);
    });
  }

  protected close(returnFocus: boolean): void {
    if (!this.isOpen()) return;
    this.isOpen.set(false);
    if (returnFocus) this.opener().nativeElement.focus();
  }

  protected closeUnlessInside(at: EventTarget | null): void {
    if (at instanceof Node && !this.host.nativeElement.contains(at)) this.close(false);
  }
}
