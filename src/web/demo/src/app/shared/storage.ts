type Place = 'localStorage' | 'sessionStorage';

/** Reads what was kept; null where there is nothing, or no storage (private windows, embedded pages). */
export function recall(place: Place, key: string): string | null {
  try {
    return window[place].getItem(key);
  } catch {
    return null;
  }
}

/** Keeps a value, or forgets it (null). Without storage it lasts as long as the page. */
export function remember(place: Place, key: string, value: string | null): void {
  try {
    if (value === null) window[place].removeItem(key);
    else window[place].setItem(key, value);
  } catch {
    // Nothing that the page needs to go on.
  }
}
