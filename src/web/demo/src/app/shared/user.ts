import { hash } from './hash';
import { firstCharacters, legible, wellFormed } from './text';

const colours = 12;

/** The colour of a user, the same on every page and machine: a custom property that fits both themes. Text on it: `--user-ink`. */
export function userColour(userId: unknown): string {
  return `var(--user-${(hash(String(userId)) % colours) + 1})`;
}

/** What users are called, by user id. Others' text. */
export type Names = Readonly<Record<string, string>>;

/** What the page calls a user; the id where nothing else is known. For inside a `bdi`. */
export function called(userId: string, names: Names): string {
  return legible((Object.hasOwn(names, userId) ? names[userId] : null) ?? userId);
}

const collator = new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' });

/** By name as people sort: 2 before 19. */
export function byName(one: string, other: string): number {
  return collator.compare(one, other) || (one < other ? -1 : Number(one > other));
}

/** One or two letters for an avatar; a number of up to two digits is whole, so that "person 11" and "person 12" differ. */
export function initials(name: unknown): string {
  const [first, second] = wellFormed(String(name))
    .split(/[\s._@-]+/u)
    .filter((word) => word.length > 0);
  if (first === undefined) return '?';
  const letters =
    second === undefined
      ? firstCharacters(first, 2)
      : firstCharacters(first, 1) + (/^\d{1,2}$/.test(second) ? second : firstCharacters(second, 1));
  const shown = legible(letters);
  return shown === letters ? letters.toUpperCase() : '?';
}
