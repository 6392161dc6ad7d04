/** Letters that are one with a stroke or two in one, and what people type in their place. */
const spelt: Readonly<Record<string, string>> = { ß: 'ss', æ: 'ae', œ: 'oe', ø: 'o', ł: 'l', đ: 'd', ħ: 'h', ı: 'i', ς: 'σ', þ: 'th' };
const special = new RegExp(`[${Object.keys(spelt).join('')}]`, 'gu');
/** Accents over letters, and what is drawn as nothing. */
const left = /[\u0300-\u036f\p{Cf}]/gu;

/**
 * A text as it is searched for: what people take for the same letter is the same, whatever its case, accents, width, and the language of
 * the browser.
 */
export function folded(text: string): string {
  // Once more after the case: a capital with an accent can become two characters.
  return text
    .normalize('NFKD')
    .toLowerCase()
    .normalize('NFKD')
    .replace(left, '')
    .replace(special, (letter) => spelt[letter] ?? letter);
}
