/** A token of a user, unsigned: clients read tokens, they do not check them. */
export function tokenOf(user: string | null, expiresAt: number | null, id: number): string {
  const claims = { jti: id, ...(user === null ? {} : { sub: user }), ...(expiresAt === null ? {} : { exp: expiresAt / 1000 }) };
  return ['{}', JSON.stringify(claims)].map((part) => Buffer.from(part).toString('base64url')).join('.') + '.unsigned';
}

/** The id that {@link tokenOf} was given. */
export function idOf(token: string): number {
  return (JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as { jti: number }).jti;
}
