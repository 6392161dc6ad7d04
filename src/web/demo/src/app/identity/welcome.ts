import {
  afterNextRender,
  ChangeDetectionStrategy,
  Component,
  DestroyRef,
  ElementRef,
  inject,
  input,
  signal,
  viewChild,
} from '@angular/core';
import { Logo } from '../shared/logo';
import { Access } from './access';
import { Identity } from './identity';

/** Asks for what is missing before one can take part: a name, or a token that has one. */
@Component({
  selector: 'collab-welcome',
  imports: [Logo],
  template: `
    <dialog #dialog class="popover" aria-labelledby="welcome-title" (cancel)="cancel($event)" (close)="open()">
      <collab-logo />
      @if (access.isAsking()) {
        <form (submit)="useToken($event, token.value)">
          <h2 id="welcome-title">An access token, please</h2>
          <p>
            {{ access.isOptional() ? 'It takes the place of the one in use.' : 'This server hands out no tokens itself.' }} Paste one from
            your identity provider: a JWT
            @if (isForAdmin()) {
              with the role <code>admin</code>.
            } @else {
              whose <code>run_access</code> claim covers this run, like <code>*:write</code>.
            }
          </p>
          <label class="label" for="welcome-token">Access token</label>
          <textarea #token id="welcome-token" class="field mono" rows="4" required spellcheck="false" autocomplete="off"></textarea>
          @if (access.problem(); as problem) {
            <p class="problem" role="alert">{{ problem }}</p>
          }
          <p class="hint">It is kept in this tab only, and forgotten when you close it.</p>
          <button type="submit" class="button primary">Continue</button>
          @if (access.isOptional()) {
            <button type="button" class="button" (click)="access.keep()">Go on with the old one</button>
          }
        </form>
      } @else {
        <form (submit)="useName($event, name.value)">
          <h2 id="welcome-title">What should the others call you?</h2>
          <p>Your name stands beside what you do in a run.</p>
          <label class="label" for="welcome-name">Your name</label>
          <input #name id="welcome-name" class="field" [value]="identity.suggestion" maxlength="128" required autocomplete="nickname" />
          @if (isNameless()) {
            <p class="problem" role="alert">A name needs something that can be seen.</p>
          }
          <button type="submit" class="button primary">Join</button>
        </form>
      }
    </dialog>
  `,
  styles: `
    dialog {
      width: min(26rem, calc(100vw - 2rem));
      padding: var(--space-5);
      background: var(--surface);
    }
    form {
      display: grid;
      gap: var(--space-3);
      margin-top: var(--space-4);
    }
    p {
      color: var(--text-2);
    }
    .problem {
      color: var(--danger);
    }
    textarea {
      overflow-wrap: anywhere;
    }
  `,
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class Welcome {
  /** Whether the page behind it is for administrators. */
  readonly isForAdmin = input(false);

  protected readonly identity = inject(Identity);
  protected readonly access = inject(Access);
  protected readonly isNameless = signal(false);
  private readonly dialog = viewChild.required<ElementRef<HTMLDialogElement>>('dialog');

  constructor() {
    const opener = document.activeElement;
    inject(DestroyRef).onDestroy(() => {
      this.access.keep();
      // A dialog that is taken away gives nothing back by itself.
      setTimeout(() => {
        if (document.activeElement === document.body && opener instanceof HTMLElement) opener.focus();
      });
    });
    afterNextRender(() => this.open());
  }

  /** Also when a browser closes it in spite of `cancel`, as Chromium does on a second Escape: without an answer the page is of no use. */
  protected open(): void {
    const dialog = this.dialog().nativeElement;
    dialog.showModal();
    // One press of Enter takes the suggestion, typing replaces it.
    dialog.querySelector<HTMLInputElement | HTMLTextAreaElement>('input, textarea')?.select();
  }

  /** Escape: goes on with what there is, if there is anything. */
  protected cancel(event: Event): void {
    event.preventDefault();
    this.access.keep();
  }

  protected useName(event: Event, name: string): void {
    event.preventDefault();
    this.isNameless.set(!this.identity.choose(name));
  }

  protected useToken(event: Event, token: string): void {
    event.preventDefault();
    this.access.paste(token);
  }
}
