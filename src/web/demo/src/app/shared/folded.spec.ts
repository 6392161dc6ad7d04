import { folded } from './folded';

describe('A text that is searched for', () => {
  it.each([
    ['Café', 'cafe'],
    ['Cafe\u0301', 'cafe'],
    ['ＣＨＥＣＫ　ｏｕｔ', 'check out'],
    ['STRASSE', 'straße'],
    ['Straẞe', 'strasse'],
    ['İSTANBUL', 'istanbul'],
    ['ISPARTA', 'ısparta'],
    ['ΟΔΟΣ', 'οδος'],
    ['ﬁle', 'FILE'],
    ['Łódź', 'lodz'],
    ['Ærø', 'aero'],
    ['soft\u00adware', 'software'],
    ['한국', '한국'],
  ])('%s is found by %s', (text, query) => expect(folded(text)).toBe(folded(query)));

  it.each([
    ['はは', 'ぱぱ'],
    ['कि', 'का'],
    ['cafe', 'caff'],
  ])('%s is not %s', (text, query) => expect(folded(text)).not.toBe(folded(query)));
});
