import { ChangeDetectionStrategy, Component, DestroyRef, inject, signal } from '@angular/core';
import { Icon } from './icon';

/** How long "Copied" stands there, in ms. */
const copiedFor = 2000;

/** The address of this page with what it is narrowed down to, and without the user's name. */
export function linkOf(href: string): string {
  const url = new URL(href);
  url.searchParams.delete('user');
  url.hash = '';
  return url.href;
}

/** Copies the address of this page. */
@Component({
  selector: 'collab-copy-link',
  imports: [Icon],
  template: `
    <button type="button" class="button small" (click)="copy()">
      <collab-icon [name]="state() === 'copied' ? 'check' : 'link'" />
      <!-- Both lie on top of each other: the button keeps its width. -->
      <span class="texts" aria-live="polite">
        <span [class.off]="state() !== 'idle'">Copy link</span>
        <span [class.off]="state() !== 'copied'">Copied</span>
        <span [class.off]="state() !== 'failed'">No access</span>
      </span>
    </button>
  `,
  styles: `
    .texts {
      display: grid;
      justify-items: start;
    }
    .texts > span {
      grid-area: 1 / 1;
    }
    .off {
      visibility: hidden;
    }
    /* Still there to be read out, as the button's name and when it changes. */
    @media (max-width: 480px), (max-width: 720px) and (max-height: 520px) {
      :host(.small-on-phones) .texts {
        position: absolute;
        width: 1px;
        height: 1px;
        overflow: hidden;
        clip-path: inset(50%);
      }
    }
  `,
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class CopyLink {
  protected readonly state = signal<'idle' | 'copied' | 'failed'>('idle');
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    inject(DestroyRef).onDestroy(() => clearTimeout(this.timer));
  }

  protected async copy(): Promise<void> {
    try {
      await navigator.clipboard.writeText(linkOf(location.href));
      this.state.set('copied');
    } catch {
      this.state.set('failed');
    }
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.state.set('idle'), copiedFor);
  }
}
