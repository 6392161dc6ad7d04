import { ChangeDetectionStrategy, Component, computed, input } from '@angular/core';
import { HealthStatus } from '@collab/client';
import { healthWord } from './figures';

/** A health in a word, with a shape beside it that differs as much as its colour. */
@Component({
  selector: 'collab-health-badge',
  template: '<svg viewBox="0 0 10 10" aria-hidden="true"><path [attr.d]="shape()" /></svg>{{ word() }}',
  styles: `
    :host {
      display: flex;
      align-items: center;
      gap: 0.4em;
      color: var(--tone);
      font-weight: 600;
      white-space: nowrap;
    }
    svg {
      width: 0.7em;
      height: 0.7em;
      fill: currentColor;
    }
  `,
  host: { '[style.--tone]': 'tone()' },
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class HealthBadge {
  readonly status = input.required<HealthStatus>();
  /** What to say in place of the status' own word. */
  readonly says = input<string>();

  protected readonly word = computed(() => this.says() ?? healthWord(this.status()));
  protected readonly tone = computed(() => `var(--${tones[this.status()]})`);
  protected readonly shape = computed(() => shapes[this.status()]);
}

const tones = { HEALTHY: 'ok', DEGRADED: 'warn', UNHEALTHY: 'danger' } as const;
const shapes = { HEALTHY: 'M5 1a4 4 0 1 0 0 8 4 4 0 1 0 0-8z', DEGRADED: 'M5 1 9.5 9h-9z', UNHEALTHY: 'M1 1h8v8H1z' } as const;
