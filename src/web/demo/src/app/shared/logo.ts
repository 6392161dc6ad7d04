import { ChangeDetectionStrategy, Component } from '@angular/core';

/** The product's sign: three steps of a pipeline. */
@Component({
  selector: 'collab-logo',
  template: `
    <svg viewBox="0 0 32 32" width="28" height="28" aria-hidden="true" focusable="false">
      <rect width="32" height="32" rx="8" fill="var(--accent)" />
      <g fill="var(--accent-ink)" stroke="var(--accent-ink)">
        <path d="M8 16h16" stroke-width="2" opacity="0.55" />
        <circle cx="8" cy="16" r="3" stroke="none" />
        <circle cx="24" cy="16" r="3" stroke="none" />
        <circle cx="16" cy="16" r="4" stroke="none" />
      </g>
    </svg>
  `,
  styles: ':host { display: inline-flex; } svg { display: block; }',
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class Logo {}
