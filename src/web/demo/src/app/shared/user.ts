import { hash } from './hash';

const colours = 12;

/** The colour of a user, the same on every page and machine: a custom property that fits both themes. Text on it: `--user-ink`. */
export function userColour(userId: string): string {
  return `var(--user-${(hash(userId) % colours) + 1})`;
}

/** One or two letters for an avatar. */
export function initials(userId: string): string {
  const words = userId.split(/[\s._@-]+/u).filter((word) => word.length > 0);
  const [first, second] = words;
  if (first === undefined) return '?';
  const letters = second === undefined ? [...first].slice(0, 2) : [[...first][0], [...second][0]];
  return letters.join('').toUpperCase();
}
