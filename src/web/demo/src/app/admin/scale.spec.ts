import { niceTop, path } from './scale';

describe('niceTop', () => {
  it.each([
    [0, 2],
    [2, 2],
    [2.1, 4],
    [5, 6],
    [9, 10],
    [10, 10],
    [11, 20],
    [1234, 2000],
    [90_001, 100_000],
  ])('above %d is %d', (value, top) => expect(niceTop(value)).toBe(top));
});

describe('path', () => {
  it('goes from left to right, and up with the value', () => {
    const points = [
      { at: 0, value: 0 },
      { at: 50, value: 10 },
      { at: 100, value: 5 },
    ];
    expect(path(points, 0, 100, 10, 60)).toBe('M0 100h0L150 0L300 50');
  });

  it('breaks where nothing is known, and where nobody looked', () => {
    const points = [0, 10, null, 30, 90].map((value) => ({ at: value ?? 20, value: value === null ? null : 1 }));
    expect(path(points, 0, 100, 1, 20)).toBe('M0 0h0L30 0M90 0h0M270 0h0');
  });
});
