import { ChangeDetectionStrategy, Component, computed, input } from '@angular/core';
import { ConnectionHistory } from './admin-contract';
import { count } from './figures';
import { endingsOf } from './history';

/** How many connections the servers ended in the last 15 minutes, and why. */
@Component({
  selector: 'collab-endings',
  template: `
    <h2>Ended by the server</h2>
    <p class="total">
      <strong>{{ count(total()) }}</strong> in 15 minutes
    </p>
    <ul>
      @for (row of rows(); track row.why) {
        <li [style.--share]="row.count / total()">
          <span>{{ row.why }}</span> <strong>{{ count(row.count) }}</strong>
        </li>
      } @empty {
        <li class="hint">{{ history() === null ? 'Not known.' : 'None. Who closes a tab ends its connection without the server.' }}</li>
      }
    </ul>
  `,
  styles: `
    :host {
      display: grid;
      align-content: start;
      gap: var(--space-2);
      min-width: 0;
      padding: var(--space-4);
    }
    h2 {
      font-size: var(--text-md);
    }
    .total {
      color: var(--text-2);
      font-size: var(--text-sm);
    }
    .total strong {
      color: var(--text);
      font-size: var(--text-lg);
      font-weight: 600;
    }
    ul {
      display: grid;
      gap: var(--space-1);
    }
    li {
      display: flex;
      justify-content: space-between;
      gap: var(--space-2);
      padding: var(--space-1) var(--space-2);
      border-radius: var(--radius-1);
    }
    li:not(.hint) {
      background: linear-gradient(to right, var(--warn-soft) calc(var(--share) * 100%), var(--surface-2) 0);
    }
    li.hint {
      padding: 0;
    }
  `,
  host: { class: 'card', role: 'region', 'aria-label': 'Ended by the server', 'data-testid': 'endings' },
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class Endings {
  /** Null: the servers tell nothing, or have not yet. */
  readonly history = input.required<ConnectionHistory | null>();

  protected readonly rows = computed(() => {
    const history = this.history();
    return history === null ? [] : endingsOf(history);
  });
  protected readonly total = computed(() => this.rows().reduce((sum, row) => sum + row.count, 0));
  protected readonly count = count;
}
