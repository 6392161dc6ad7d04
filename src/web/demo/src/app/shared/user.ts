import { hash } from './hash';

const colours = 12;
const segmenter = new Intl.Segmenter();

/** The colour of a user, the same on every page and machine: a custom property that fits both themes. Text on it: `--user-ink`. */
export function userColour(userId: string): string {
  return `var(--user-${(hash(userId) % colours) + 1})`;
}

/** One or two letters for an avatar. */
export function initials(userId: string): string {
  const [first, second] = userId.split(/[\s._@-]+/u).filter((word) => word.length > 0);
  if (first === undefined) return '?';
  const letters = second === undefined ? firstLetters(first, 2) : firstLetters(first, 1) + firstLetters(second, 1);
  return letters.toUpperCase();
}

// What a reader takes for a letter can be several code points.
function firstLetters(word: string, count: number): string {
  return Array.from(segmenter.segment(word), ({ segment }) => segment)
    .slice(0, count)
    .join('');
}
