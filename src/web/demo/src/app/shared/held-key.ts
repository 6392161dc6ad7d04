import { Directive } from '@angular/core';

/** Keeps a key that was pressed before its element got the focus, and is still held, from typing there. */
@Directive({ selector: '[collabNoHeldKey]', host: { '(keydown)': 'check($event)' } })
export class NoHeldKey {
  private isFresh = false;

  protected check(event: KeyboardEvent): void {
    this.isFresh ||= !event.repeat;
    if (!this.isFresh) event.preventDefault();
  }
}
