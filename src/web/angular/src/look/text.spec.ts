import { firstCharacters, isolated, isVisible, legible, wellFormed } from './text';

describe('Others’ text', () => {
  it('is legible: whole characters, and nothing that turns what stands beside it', () => {
    expect(legible('ana')).toBe('ana');
    expect(legible('\u202eana\u2066x\u2069')).toBe('anax');
    expect(legible('\ud83d')).toBe('\ufffd');
    for (const blank of ['', '  ', '\u200b\u2060', '\u3164', '\u202e']) expect(legible(blank)).toBe('(blank)');
  });

  it('is isolated in a sentence where it runs the other way, and left alone elsewhere', () => {
    expect(isolated('ana')).toBe('ana');
    expect(isolated('عمر')).toBe('\u2068عمر\u2069');
    expect(isolated('\u2069a\u202eb')).toBe('ab');
  });

  it('is cut between characters as a reader counts them', () => {
    const family = '👩‍👩‍👧‍👦';
    expect(firstCharacters(`${family}${family}x`, 2)).toBe(family + family);
    expect(firstCharacters('é'.normalize('NFD') + 'b', 1)).toBe('é'.normalize('NFD'));
    expect(firstCharacters(`a${'\u0301'.repeat(10_000)}`, 1).length).toBeLessThan(100);
  });

  it('is visible if anything of it is', () => {
    expect([' ', '\u00a0\u200d', '\u2800', ''].some(isVisible)).toBe(false);
    expect(['a', '👍', '漢'].every(isVisible)).toBe(true);
    expect(wellFormed('a\udc00b👍')).toBe('a\ufffdb👍');
  });
});
