import { afterNextRender, ChangeDetectionStrategy, Component, computed, ElementRef, input, output, viewChild } from '@angular/core';
import { called, CollabWords, legible, Words } from '@collab/angular';
import { NoHeldKey } from '../shared/held-key';
import { Icon } from '../shared/icon';
import { PipelineStep } from './pipeline.model';

/** Asks for a note beside a flag. Opens by itself; whoever made it takes it away when it is `closed`. */
@Component({
  selector: 'collab-flag-dialog',
  imports: [Icon, NoHeldKey, CollabWords],
  template: `
    <dialog #dialog class="popover" aria-labelledby="flag-title" data-testid="flag-dialog" (close)="closed.emit()">
      <form (submit)="submit($event, note.value)">
        <h2 id="flag-title">
          Flag <bdi>{{ shown(step().name) }}</bdi> for review
        </h2>
        <p class="hint">Everybody in this run sees the flag and its note.</p>
        <label class="label" for="flag-note">Note (optional)</label>
        <textarea
          #note
          collabNoHeldKey
          id="flag-note"
          class="field"
          rows="3"
          maxlength="2000"
          data-testid="flag-note-input"
          placeholder="What should somebody look at?"
          (keydown.control.enter)="submit($event, note.value)"
          (keydown.meta.enter)="submit($event, note.value)"
        ></textarea>
        @if (step().flag) {
          <p class="note"><collab-icon name="warning" /><collab-words [words]="already()" /></p>
        }
        @if (obstacle(); as text) {
          <p class="error" role="alert" data-testid="obstacle"><collab-icon name="warning" />{{ text }} What you typed is not sent.</p>
        }
        <footer role="presentation">
          <button type="button" class="button" (click)="close()">Cancel</button>
          <button type="submit" class="button primary" data-testid="flag-submit" [attr.aria-disabled]="obstacle() !== null">
            <collab-icon name="flag" />Flag
          </button>
        </footer>
      </form>
    </dialog>
  `,
  styleUrl: '../shared/dialog.css',
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class FlagDialog {
  readonly step = input.required<PipelineStep>();
  /** Why nothing can be flagged any more: the dialog stays, with what was typed, and sends nothing. Null: it can. */
  readonly obstacle = input<string | null>(null);
  /** The note without the spaces around it; null: none. */
  readonly noted = output<string | null>();
  readonly closed = output();

  private readonly dialog = viewChild.required<ElementRef<HTMLDialogElement>>('dialog');
  private readonly field = viewChild.required<ElementRef<HTMLTextAreaElement>>('note');

  constructor() {
    afterNextRender(() => {
      this.dialog().nativeElement.showModal();
      this.field().nativeElement.focus();
    });
  }

  protected readonly shown = legible;
  /** What is lost when this step is flagged once more. */
  protected readonly already = computed<readonly Words[]>(() => {
    const { flag, names = {} } = this.step();
    if (flag === null) return [];
    const note = flag.note ? [{ text: ': “' }, { text: legible(flag.note), others: true }, { text: '”' }] : [];
    const who = { text: called(flag.userId, names), others: true };
    return [who, { text: ' flagged it already' }, ...note, { text: ". Your flag takes that one's place." }];
  });

  protected submit(event: Event, note: string): void {
    event.preventDefault();
    if (this.obstacle() !== null) return;
    this.noted.emit(note.trim() || null);
    this.close();
  }

  protected close(): void {
    this.dialog().nativeElement.close();
  }
}
