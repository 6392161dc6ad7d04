import { ChangeDetectionStrategy, Component } from '@angular/core';
import { RouterLink } from '@angular/router';
import { Logo } from '../shared/logo';

/** For an address at which there is nothing. */
@Component({
  selector: 'collab-not-found',
  imports: [Logo, RouterLink],
  template: `
    <main data-testid="not-found">
      <collab-logo />
      <h1>There is nothing here</h1>
      <p>The address may be mistyped, or what it led to is gone.</p>
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
      color: var(--text-2);
    }
  `,
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class NotFound {}
