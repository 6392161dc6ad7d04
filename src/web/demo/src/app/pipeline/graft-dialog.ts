import { afterNextRender, ChangeDetectionStrategy, Component, computed, ElementRef, input, output, signal, viewChild } from '@angular/core';
import { isVisible, legible, wellFormed } from '@collab/angular';
import { NoHeldKey } from '../shared/held-key';
import { Icon } from '../shared/icon';

const longestName = 200;
const agents: readonly { readonly name: string; readonly does: string }[] = [
  { name: 'security-scanner-v1', does: 'Looks for holes and leaked secrets' },
  { name: 'test-writer-v2', does: 'Writes the tests that are missing' },
  { name: 'docs-writer-v1', does: 'Keeps the documentation true' },
  { name: 'perf-profiler-v1', does: 'Finds what is slow, and why' },
  { name: 'cost-guard-v1', does: 'Watches tokens and spending' },
];

/** Null: an agent may be called so. */
export function whyNot(name: string): string | null {
  if (name === '') return 'An agent needs a name.';
  if (!isVisible(name)) return 'A name needs something that can be seen.';
  return name.length > longestName ? `A name has at most ${longestName} characters; this one has ${name.length}.` : null;
}

/** Asks which agent to graft after a step. Opens by itself; whoever made it takes it away when it is `closed`. */
@Component({
  selector: 'collab-graft-dialog',
  imports: [Icon, NoHeldKey],
  templateUrl: './graft-dialog.html',
  styleUrls: ['../shared/dialog.css', './graft-dialog.css'],
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class GraftDialog {
  /** The name of the step. */
  readonly after = input.required<string>();
  /** The agent that stands there already, and would give way; null: none. */
  readonly replaces = input<string | null>(null);
  /** Why no agent can be grafted any more: the dialog stays, with what was typed, and sends nothing. Null: one can. */
  readonly obstacle = input<string | null>(null);
  /** An agent's name, fit to be sent. */
  readonly chosen = output<string>();
  readonly closed = output();

  protected readonly agents = agents;
  protected readonly shown = legible;
  protected readonly name = signal('');
  /** Whether that very agent stands there already. */
  protected readonly isThere = computed(() => this.replaces() !== null && this.name().trim() === this.replaces());
  protected readonly problem = signal<string | null>(null);
  private readonly dialog = viewChild.required<ElementRef<HTMLDialogElement>>('dialog');
  private readonly field = viewChild.required<ElementRef<HTMLInputElement>>('field');

  constructor() {
    afterNextRender(() => {
      this.dialog().nativeElement.showModal();
      this.field().nativeElement.focus();
    });
  }

  protected type(name: string): void {
    this.name.set(name);
    if (this.problem() !== null) this.problem.set(whyNot(name.trim()));
  }

  protected suggest(name: string): void {
    this.type(name);
    this.field().nativeElement.focus();
  }

  protected submit(event: Event): void {
    event.preventDefault();
    if (this.obstacle() !== null) return;
    const name = wellFormed(this.name().trim());
    this.problem.set(whyNot(name));
    if (this.problem() !== null) {
      this.field().nativeElement.focus();
      return;
    }
    this.chosen.emit(name);
    this.close();
  }

  protected close(): void {
    this.dialog().nativeElement.close();
  }
}
