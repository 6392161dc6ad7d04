import { hash } from './hash';
import { firstCharacters, legible, wellFormed } from './text';

/** Twelve people, light and dark. Each works as a fill under `--collab-user-ink`, and as a line or text on the surfaces. */
export const userColours: readonly { readonly light: string; readonly dark: string }[] = [
  { light: '#b42355', dark: '#ff8fb0' },
  { light: '#b4381a', dark: '#ff9a7a' },
  { light: '#8f5a00', dark: '#f0b252' },
  { light: '#6b6a00', dark: '#d3cf4c' },
  { light: '#3d7317', dark: '#9bd76a' },
  { light: '#0d7550', dark: '#58d3a2' },
  { light: '#0a7280', dark: '#55cfdd' },
  { light: '#0b66b8', dark: '#74b9ff' },
  { light: '#3b55d4', dark: '#9fb0ff' },
  { light: '#6b40cf', dark: '#bda2ff' },
  { light: '#9131b8', dark: '#e19cff' },
  { light: '#7a4a2b', dark: '#e0b394' },
];

/**
 * The colour of a user, the same on every page and machine, as a value for CSS: `--collab-user-1` to `--collab-user-12` where the page sets
 * them, else one of twelve that fit light and dark. Text on it: `--collab-user-ink`.
 */
export function userColour(userId: unknown): string {
  const at = hash(String(userId)) % userColours.length;
  const { light, dark } = userColours[at] ?? { light: '', dark: '' };
  return `var(--collab-user-${at + 1}, light-dark(${light}, ${dark}))`;
}

/** What users are called, by user id. Others' text. */
export type Names = Readonly<Record<string, string>>;

/** What to call a user; the id where nothing else is known. Others' text made legible: for inside a `bdi`. */
export function called(userId: string, names: Names): string {
  return legible((Object.hasOwn(names, userId) ? names[userId] : null) ?? userId);
}

const collator = new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' });

/** Compares names as people sort them: 2 before 19. */
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
