import { byName, called, initials, userColour, userColours } from './user';

describe('userColour', () => {
  it('gives a user the same colour every time', () => {
    expect(userColour('ana')).toBe(userColour('ana'));
  });

  it('uses all twelve colours, each about as often', () => {
    const uses = new Map<string, number>();
    for (let i = 0; i < 1200; i++) {
      const colour = userColour(`user_${i}`);
      uses.set(colour, (uses.get(colour) ?? 0) + 1);
    }
    expect([...uses.keys()].sort()).toEqual(
      userColours.map(({ light, dark }, i) => `var(--collab-user-${i + 1}, light-dark(${light}, ${dark}))`).sort(),
    );
    for (const count of uses.values()) expect(count).toBeGreaterThan(60);
  });
});

describe('What a user is called', () => {
  it('is their name, else their id, and never what every object has', () => {
    expect(called('u1', { u1: 'Ana' })).toBe('Ana');
    expect(called('u2', { u1: 'Ana' })).toBe('u2');
    expect(called('constructor', {})).toBe('constructor');
    expect(called('u1', { u1: '\u202e' })).toBe('(blank)');
  });
});

describe('People', () => {
  it('are sorted as people sort', () => {
    expect(['person 20', 'Person 19', 'person 2', 'ana'].sort(byName)).toEqual(['ana', 'person 2', 'Person 19', 'person 20']);
  });
});

describe('initials', () => {
  it.each([
    ['ana', 'AN'],
    ['ana.lopez', 'AL'],
    ['user_123', 'U1'],
    ['Ŝan Li', 'ŜL'],
    ['person 7', 'P7'],
    ['person 11', 'P11'],
    ['x', 'X'],
    ['--', '?'],
    ['\u202eana', '?'],
    ['👩‍👩‍👧‍👦 x', '👩‍👩‍👧‍👦X'],
  ])('of %s are %s', (userId, expected) => {
    expect(initials(userId)).toBe(expected);
  });
});
