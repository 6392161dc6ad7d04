import { afterEveryRender, Directive, ElementRef, inject, input } from '@angular/core';

const controls = 'a[href], button, input, select, textarea, [tabindex]';

/**
 * Where what has the focus may go away, or be disabled: the focus then goes to what is around it and takes it, to what comes next, or else
 * before, and not to the document, from where the keyboard would begin anew. It stays in the same child of this element. Where nothing is
 * left there, it goes to what the value, a selector, finds in the document; without a value to the closest element that takes it, from this
 * one on.
 */
@Directive({
  selector: '[collabKeepsFocus]',
  host: { '(focusin)': 'remember($event.target)', '(focusout)': 'forget()' },
})
export class KeepsFocus {
  readonly otherwise = input('', { alias: 'collabKeepsFocus' });

  private readonly host = inject<ElementRef<HTMLElement>>(ElementRef).nativeElement;
  private focused: HTMLElement | null = null;
  /** The elements from the one with the focus up to this one, each with the siblings before it. */
  private way: readonly { readonly parent: Element; readonly before: readonly Element[] }[] = [];

  constructor() {
    afterEveryRender({ write: () => this.keep() });
  }

  protected remember(target: EventTarget | null): void {
    if (!(target instanceof HTMLElement) || target === this.host) return;
    this.focused = target;
    const way = [];
    for (let at: Element = target; at !== this.host && at.parentElement; at = at.parentElement) {
      const parent = at.parentElement;
      const siblings = [...parent.children];
      way.push({ parent, before: siblings.slice(0, siblings.indexOf(at)) });
    }
    this.way = way;
  }

  /** Some browsers say so too when what had the focus goes away: that is seen a moment later. */
  protected forget(): void {
    const { focused } = this;
    queueMicrotask(() => {
      if (this.focused === focused && focused?.isConnected && focused !== document.activeElement) this.focused = null;
    });
  }

  private keep(): void {
    const { focused } = this;
    if (focused === null || (focused.isConnected && !focused.matches(':disabled'))) return;
    this.focused = null;
    const { activeElement } = document;
    if (activeElement !== null && activeElement !== document.body && activeElement !== focused) return;
    (this.near() ?? this.around())?.focus();
  }

  private near(): HTMLElement | null {
    for (const { parent, before } of this.way) {
      if (!(parent instanceof HTMLElement) || !parent.isConnected) continue;
      if (parent === this.host) return null;
      if (parent.hasAttribute('tabindex')) return parent;
      const children = [...parent.children];
      const at = children.reduce((last, child, i) => (before.includes(child) ? i + 1 : last), 0);
      const found = first(children.slice(at)) ?? first(children.slice(0, at).reverse());
      if (found) return found;
    }
    return null;
  }

  private around(): HTMLElement | null {
    return this.otherwise() === '' ? this.host.closest('[tabindex]') : document.querySelector<HTMLElement>(this.otherwise());
  }
}

function first(elements: readonly Element[]): HTMLElement | null {
  for (const element of elements) {
    const found = [element, ...element.querySelectorAll(controls)].find(takesFocus);
    if (found) return found;
  }
  return null;
}

function takesFocus(element: Element): element is HTMLElement {
  return element instanceof HTMLElement && element.matches(controls) && !element.matches(':disabled');
}
