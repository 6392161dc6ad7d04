import { userColours } from '@collab/angular';
import { readFileSync } from 'node:fs';

const css = readFileSync('demo/src/styles/tokens.css', 'utf8');
const tokens = new Map<string | undefined, { readonly light?: string | undefined; readonly dark?: string | undefined }>(
  [...css.matchAll(/--([\w-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)/g)].map(([, name, light, dark]) => [name, { light, dark }]),
);

function luminance(colour: string): number {
  const [r, g, b] = [1, 3, 5].map((at) => {
    const channel = parseInt(colour.slice(at, at + 2), 16) / 255;
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
}

function contrast(one: string, other: string, theme: 'light' | 'dark'): number {
  const [a, b] = [tokens.get(one)![theme]!, tokens.get(other)![theme]!].map(luminance);
  return (Math.max(a!, b!) + 0.05) / (Math.min(a!, b!) + 0.05);
}

// The library's, on the surfaces of this page.
const users = userColours.map((colour, i) => {
  tokens.set(`user-${i + 1}`, colour);
  return `user-${i + 1}`;
});
const texts = ['text', 'text-2', 'text-3', 'accent', 'second', 'ok', 'warn', 'danger'];
const pairs = [
  ...[...texts, ...users].flatMap((text) => ['bg', 'surface', 'surface-2'].map((ground) => [text, ground] as const)),
  ...users.map((user) => ['user-ink', user] as const),
  ...['accent', 'ok', 'warn', 'danger'].map((tone) => [tone, `${tone}-soft`] as const),
  ['text', 'warn-soft'] as const,
  ['text', 'danger-soft'] as const,
  ['text-2', 'surface-3'] as const,
  ['accent-ink', 'accent'] as const,
  ['accent-ink', 'accent-strong'] as const,
];

it.each(['light', 'dark'] as const)('every text of the %s theme has a contrast of at least 4.5', (theme) => {
  expect(tokens.size).toBeGreaterThan(users.length + texts.length);
  const faint = pairs.filter(([text, ground]) => contrast(text, ground, theme) < 4.5);
  expect(faint.map(([text, ground]) => `${text} on ${ground}: ${contrast(text, ground, theme).toFixed(2)}`)).toEqual([]);
});
