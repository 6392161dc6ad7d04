import { ChangeDetectionStrategy, Component, computed, ElementRef, input, output, signal, viewChild } from '@angular/core';
import { isolated } from '@collab/angular';
import { folded } from '../shared/folded';
import { Icon } from '../shared/icon';
import { PipelineStep } from './pipeline.model';

/** Finds steps by their names: the first as one types, the others with the arrow keys, and Enter goes there. */
@Component({
  selector: 'collab-find-step',
  imports: [Icon],
  template: `
    <search>
      <collab-icon name="search" />
      <input
        #field
        type="search"
        class="field small"
        aria-label="Find a step"
        placeholder="Find a step"
        aria-keyshortcuts="/"
        autocomplete="off"
        spellcheck="false"
        data-testid="find-step"
        [value]="query()"
        (input)="type(field.value)"
        (keydown)="press($event)"
      />
      @if (query()) {
        <span class="count" aria-hidden="true">{{ found().length === 0 ? 'none' : at() + 1 + ' / ' + found().length }}</span>
      } @else {
        <kbd aria-hidden="true">/</kbd>
      }
    </search>
    <p class="visually-hidden" role="status">{{ said() }}</p>
  `,
  styles: `
    search {
      position: relative;
      display: flex;
      align-items: center;
      --icon-size: 0.875rem;
    }
    collab-icon {
      position: absolute;
      left: 7px;
      color: var(--text-3);
      pointer-events: none;
    }
    input {
      width: 11rem;
      padding-inline: 1.625rem 3.5rem;
    }
    input::-webkit-search-cancel-button {
      display: none;
    }
    .count,
    kbd {
      position: absolute;
      right: 7px;
      color: var(--text-3);
      font-size: var(--text-xs);
      pointer-events: none;
    }
    @media (hover: none) {
      kbd {
        display: none;
      }
    }
    @media (max-width: 640px) {
      input {
        width: 9rem;
        padding-inline-end: var(--space-3);
      }
      .count {
        display: none;
      }
    }
  `,
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class FindStep {
  readonly steps = input.required<readonly PipelineStep[]>();
  /** The step to show; null: none any more. */
  readonly shown = output<string | null>();
  /** The step to go to. */
  readonly chosen = output<string>();

  private readonly field = viewChild.required<ElementRef<HTMLInputElement>>('field');
  protected readonly query = signal('');
  private readonly place = signal(0);
  protected readonly found = computed(() => {
    const query = folded(this.query()).trim();
    return query === '' ? [] : this.steps().filter(({ name }) => folded(name).includes(query));
  });
  protected readonly at = computed(() => Math.min(this.place(), Math.max(0, this.found().length - 1)));
  protected readonly said = computed(() => {
    if (this.query().trim() === '') return '';
    const step = this.found()[this.at()];
    return step ? `${isolated(step.name)}, ${this.at() + 1} of ${this.found().length} found` : 'No step found';
  });

  focus(): void {
    this.field().nativeElement.focus();
    this.field().nativeElement.select();
  }

  protected type(query: string): void {
    this.query.set(query);
    this.go(0);
  }

  protected press(event: KeyboardEvent): void {
    if (event.isComposing) return;
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (by !== undefined && this.found().length > 0) {
      event.preventDefault();
      this.go((this.at() + by + this.found().length) % this.found().length);
    } else if (event.key === 'Enter') {
      const step = this.found()[this.at()];
      if (step) this.chosen.emit(step.id);
    } else if (event.key === 'Escape' && this.query() !== '') {
      event.preventDefault();
      event.stopPropagation();
      this.type('');
    }
  }

  private go(place: number): void {
    this.place.set(place);
    this.shown.emit(this.found()[place]?.id ?? null);
  }
}
