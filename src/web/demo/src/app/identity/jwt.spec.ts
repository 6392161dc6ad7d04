import { mayWrite, readToken } from './jwt';

const run = '550e8400-e29b-41d4-a716-446655440000';

function token(claims: object): string {
  return `header.${btoa(JSON.stringify({ sub: 'ana', ...claims }))}.signature`;
}

describe('readToken', () => {
  it('reads who it is of, until when, and what it gives', () => {
    expect(readToken(token({ exp: 100, run_access: ['*:read'] }))).toEqual({ sub: 'ana', expiresAt: 100_000, runAccess: ['*:read'] });
    expect(readToken(token({ run_access: '*:write' }))).toEqual({ sub: 'ana', expiresAt: null, runAccess: ['*:write'] });
  });

  it('reads nothing of what is no token, or of nobody', () => {
    expect(readToken('rubbish')).toBeNull();
    expect(readToken(token({ sub: 7 }))).toBeNull();
  });
});

describe('mayWrite', () => {
  it.each([
    ['*:write', true],
    [['*:read', `${run}:write`], true],
    [[`${run.toUpperCase()}:write`], true],
    ['*:read', false],
    [`${run}:read`, false],
    ['11111111-1111-4111-8111-111111111111:write', false],
    [undefined, null],
    [7, null],
  ])('of %o: %o', (run_access, expected) => {
    expect(mayWrite(readToken(token({ run_access }))!, run)).toBe(expected);
    expect(mayWrite(readToken(token({ run_access }))!, run.toUpperCase())).toBe(expected);
  });
});
