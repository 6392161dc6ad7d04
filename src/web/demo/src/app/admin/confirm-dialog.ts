import { afterNextRender, ChangeDetectionStrategy, Component, computed, ElementRef, input, output, viewChild } from '@angular/core';

/** Asks whether something is really to be done. Opens by itself; whoever made it takes it away when it is `closed`. */
@Component({
  selector: 'collab-confirm-dialog',
  template: `
    <dialog
      #dialog
      class="popover"
      [attr.aria-labelledby]="titleId()"
      [attr.aria-describedby]="textId()"
      [attr.data-testid]="name() + '-dialog'"
      (close)="closed.emit()"
    >
      <h2 [id]="titleId()"><ng-content select="[title]" /></h2>
      <p [id]="textId()"><ng-content /></p>
      <footer role="presentation">
        <button #cancel type="button" class="button" (click)="close()">Cancel</button>
        <button type="button" class="button danger" [attr.data-testid]="name() + '-confirm'" (click)="confirm()">{{ verb() }}</button>
      </footer>
    </dialog>
  `,
  styleUrl: '../shared/dialog.css',
  styles: `
    dialog {
      --dialog-width: 26rem;
    }
    p {
      margin-top: var(--space-2);
      color: var(--text-2);
    }
  `,
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class ConfirmDialog {
  /** What its parts are called by in the document: one word. */
  readonly name = input.required<string>();
  /** What the button says that does it. */
  readonly verb = input.required<string>();
  readonly confirmed = output();
  readonly closed = output();

  protected readonly titleId = computed(() => `${this.name()}-title`);
  protected readonly textId = computed(() => `${this.name()}-what`);
  private readonly dialog = viewChild.required<ElementRef<HTMLDialogElement>>('dialog');
  private readonly cancel = viewChild.required<ElementRef<HTMLButtonElement>>('cancel');

  constructor() {
    afterNextRender(() => {
      this.dialog().nativeElement.showModal();
      // Enter pressed once too often does nothing.
      this.cancel().nativeElement.focus();
    });
  }

  protected confirm(): void {
    this.confirmed.emit();
    this.close();
  }

  protected close(): void {
    this.dialog().nativeElement.close();
  }
}
