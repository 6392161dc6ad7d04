import { dictionary } from './dictionary.js';

/** Longer names are cut, in code points: the server's own bound. */
const longest = 128;
/** So many names are remembered; past it those that were told first are forgotten. */
const most = 2000;

/** What a user wants to be called, as the server tells it; null for what is no name. */
export function readName(value: unknown): string | null {
  if (typeof value !== 'string' || value.trim() === '') return null;
  return value.length <= longest ? value : Array.from(value).slice(0, longest).join('');
}

/** What users are called, by user id. The last word counts: people change their names. */
export class UserNames {
  readonly #names = new Map<string, string>();
  #shown: Readonly<Record<string, string>> | null = null;

  /** An object that never changes; the same one until something does. It has no prototype. */
  get shown(): Readonly<Record<string, string>> {
    return (this.#shown ??= Object.freeze(dictionary(Object.fromEntries(this.#names))));
  }

  remember(userId: string, name: string): void {
    if (this.#names.get(userId) === name) return;
    this.#names.delete(userId);
    this.#names.set(userId, name);
    const [oldest] = this.#names.keys();
    if (this.#names.size > most && oldest !== undefined) this.#names.delete(oldest);
    this.#shown = null;
  }

  rememberAll(names: Readonly<Record<string, string>>): void {
    for (const [userId, name] of Object.entries(names)) this.remember(userId, name);
  }
}
