import { activity } from './activity';

describe('activity', () => {
  it('counts each time once', () => {
    expect(activity([0, 1, 2, 50, 99, 100], 4)).toEqual([3, 0, 1, 2]);
  });

  it('puts what happened at one moment at the end', () => {
    expect(activity([7, 7], 3)).toEqual([0, 0, 2]);
  });

  it('is flat where nothing happened', () => {
    expect(activity([], 3)).toEqual([0, 0, 0]);
  });
});
