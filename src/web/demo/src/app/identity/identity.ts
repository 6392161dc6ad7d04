import { Injectable, signal } from '@angular/core';
import { firstCharacters, isVisible, wellFormed } from '@collab/angular/look/text';
import { recall, remember } from '../shared/storage';
import { suggestedUserName } from '../shared/names';

const key = 'collab.user';
/** In characters as a reader counts them, and in the units that a server counts. */
const maxLength = 40;
const maxUnits = 128;

/**
 * Who uses this page. `?user=` decides, then what this tab was told before, then what any tab was told last: two tabs can be two people,
 * and stay so over a reload.
 */
@Injectable({ providedIn: 'root' })
export class Identity {
  private readonly chosen = signal(
    clean(new URLSearchParams(location.search).get('user')) ?? clean(recall('sessionStorage', key)) ?? clean(recall('localStorage', key)),
  );

  /** Null until the user has a name. */
  readonly userName = this.chosen.asReadonly();
  /** For the form that asks for a name. */
  readonly suggestion = suggestedUserName();

  constructor() {
    const userName = this.chosen();
    if (userName !== null) this.choose(userName);
  }

  /** Takes a name and remembers it. Returns whether it can be one. */
  choose(name: string): boolean {
    const userName = clean(name);
    if (userName === null) return false;
    remember('sessionStorage', key, userName);
    remember('localStorage', key, userName);
    this.chosen.set(userName);
    return true;
  }
}

function clean(name: string | null): string | null {
  if (name === null || !isVisible(name)) return null;
  const cut = firstCharacters(wellFormed(name.trim()), maxLength);
  // A character can be as long as one likes; one that is too long on its own is cut all the same, and never in the middle of a pair.
  return cut.length <= maxUnits ? cut : wellFormed(cut.slice(0, maxUnits));
}
