import { ChangeDetectionStrategy, Component, input } from '@angular/core';
import { RouterLink } from '@angular/router';
import { Logo } from '../shared/logo';

/** For an address at which there is nothing. What it contains says why, in the place of the usual words. */
@Component({
  selector: 'collab-not-found',
  imports: [Logo, RouterLink],
  template: `
    <main data-testid="not-found">
      <collab-logo />
      <h1>{{ heading() ?? 'There is nothing here' }}</h1>
      <p><ng-content>The address may be mistyped, or what it led to is gone.</ng-content></p>
      <a class="button primary" routerLink="/">All runs</a>
    </main>
  `,
  styles: `
    main {
      display: grid;
      justify-items: center;
      align-content: center;
      gap: var(--space-3);
      min-height: 100dvh;
      padding: var(--space-5);
      text-align: center;
    }
    p {
      max-width: 100%;
      color: var(--text-2);
    }
  `,
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class NotFound {
  /** Default: that there is nothing. The router sets it to nothing at all. */
  readonly heading = input<string>();
}
