import { afterNextRender, ChangeDetectionStrategy, Component, computed, ElementRef, input, output, viewChild } from '@angular/core';

/** What a user can do to a step. */
export type Action = 'graft' | 'prune' | 'flag';

/** What a key means while a step has the focus. */
export type Intent =
  { readonly kind: 'act'; readonly action: Action } | { readonly kind: 'move'; readonly to: 'next' | 'previous' | 'first' | 'last' };

const intents: Readonly<Partial<Record<string, Intent>>> = {
  g: { kind: 'act', action: 'graft' },
  p: { kind: 'act', action: 'prune' },
  f: { kind: 'act', action: 'flag' },
  arrowright: { kind: 'move', to: 'next' },
  arrowdown: { kind: 'move', to: 'next' },
  arrowleft: { kind: 'move', to: 'previous' },
  arrowup: { kind: 'move', to: 'previous' },
  home: { kind: 'move', to: 'first' },
  end: { kind: 'move', to: 'last' },
};

/** Null: the key belongs to the browser. */
export function intentOf(event: KeyboardEvent): Intent | null {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return null;
  const intent = intents[event.key.toLowerCase()] ?? null;
  // With Shift they move the canvas.
  if (event.shiftKey && intent?.kind === 'move') return null;
  // A key that is held goes on from step to step, and changes a step once.
  return event.repeat && intent?.kind === 'act' ? null : intent;
}

const rows: readonly { readonly keys: readonly string[]; readonly does: string; readonly changes?: true }[] = [
  { keys: ['←', '→'], does: 'Go from step to step' },
  { keys: ['Home', 'End'], does: 'First and last step' },
  { keys: ['G'], does: 'Graft an agent after the step', changes: true },
  { keys: ['P'], does: 'Prune the step, or restore it', changes: true },
  { keys: ['F'], does: 'Flag the step for review', changes: true },
  { keys: ['Ctrl', 'Z'], does: 'Take back what you changed last, for ten seconds', changes: true },
  { keys: ['/'], does: 'Find a step' },
  { keys: ['+', '−'], does: 'Look closer, look from afar' },
  { keys: ['0', '1'], does: 'See the whole pipeline, see it at 100 %' },
  { keys: ['Shift', '← → ↑ ↓'], does: 'Move the canvas' },
  { keys: ['?'], does: 'Show these shortcuts' },
];

/** The keys of the pipeline, in a dialog. */
@Component({
  selector: 'collab-shortcuts',
  template: `
    <dialog #dialog class="popover" aria-labelledby="shortcuts-title" data-testid="shortcuts-dialog" (close)="closed.emit()">
      <h2 id="shortcuts-title">Keyboard shortcuts</h2>
      @if (mayChange()) {
        <p class="hint">Letters act on the step that has the focus.</p>
      }
      <dl>
        @for (row of rows(); track row.does) {
          <dt>
            @for (key of row.keys; track key) {
              <kbd>{{ key }}</kbd>
            }
          </dt>
          <dd>{{ row.does }}</dd>
        }
      </dl>
      <form method="dialog"><button class="button" type="submit">Close</button></form>
    </dialog>
  `,
  styleUrl: '../shared/dialog.css',
  styles: `
    dl {
      display: grid;
      grid-template-columns: max-content 1fr;
      align-items: center;
      gap: var(--space-2) var(--space-4);
      margin-block: var(--space-4);
    }
    dt {
      display: flex;
      gap: var(--space-1);
    }
    form {
      display: grid;
    }
  `,
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class Shortcuts {
  /** Whether the user may change steps: else only the keys to look about are told. */
  readonly mayChange = input(true);
  readonly closed = output();
  protected readonly rows = computed(() => rows.filter(({ changes }) => this.mayChange() || changes !== true));
  private readonly dialog = viewChild.required<ElementRef<HTMLDialogElement>>('dialog');

  constructor() {
    afterNextRender(() => this.dialog().nativeElement.showModal());
  }
}
