import { sparkline } from './sparkline';

describe('sparkline', () => {
  it('goes from left to right on a scale that starts at 0', () => {
    expect(sparkline([0, 50, 100], 120, 28)).toBe('0,28 60,14 120,0');
  });

  it('is a level line for one value, and nothing for none', () => {
    expect(sparkline([40], 120, 28)).toBe('0,0 120,0');
    expect(sparkline([], 120, 28)).toBe('');
  });
});
