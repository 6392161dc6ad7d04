import { afterNextRender, ChangeDetectionStrategy, Component, ElementRef, output, viewChild } from '@angular/core';
import { NoHeldKey } from '../shared/held-key';

/** Asks whether the run is really to end, and what came of it. Opens by itself; its maker takes it away when it is `closed`. */
@Component({
  selector: 'collab-end-dialog',
  imports: [NoHeldKey],
  template: `
    <dialog
      #dialog
      class="popover"
      aria-labelledby="end-title"
      aria-describedby="end-what"
      data-testid="end-dialog"
      (close)="closed.emit()"
    >
      <form (submit)="submit($event, outcome.value)">
        <h2 id="end-title">End this run?</h2>
        <p id="end-what" class="hint">Nobody can change it any more. It can still be read, and this cannot be taken back.</p>
        <label class="label" for="end-outcome">Outcome (optional)</label>
        <input
          #outcome
          collabNoHeldKey
          id="end-outcome"
          class="field"
          maxlength="500"
          autocomplete="off"
          data-testid="end-outcome"
          placeholder="What came of it?"
        />
        <footer role="presentation">
          <button type="button" class="button" (click)="close()">Cancel</button>
          <button type="submit" class="button danger" data-testid="end-confirm">End the run</button>
        </footer>
      </form>
    </dialog>
  `,
  styleUrl: '../shared/dialog.css',
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class EndDialog {
  /** The outcome without the spaces around it; null: none. */
  readonly confirmed = output<string | null>();
  readonly closed = output();

  private readonly dialog = viewChild.required<ElementRef<HTMLDialogElement>>('dialog');
  private readonly field = viewChild.required<ElementRef<HTMLInputElement>>('outcome');

  constructor() {
    afterNextRender(() => {
      this.dialog().nativeElement.showModal();
      this.field().nativeElement.focus();
    });
  }

  protected submit(event: Event, outcome: string): void {
    event.preventDefault();
    this.confirmed.emit(outcome.trim() || null);
    this.close();
  }

  protected close(): void {
    this.dialog().nativeElement.close();
  }
}
