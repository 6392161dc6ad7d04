import { createHmac, randomBytes } from 'node:crypto';

/** The key that the server of these tests and their tokens share. */
export const signingKey = randomBytes(32).toString('hex');

/** A token for a user who may do what the grants say, by default everything with every run. */
export function tokenFor(user, access = ['*:write'], admin = false) {
  const expiresAt = Math.floor(Date.now() / 1000) + 3600;
  const content = [{ alg: 'HS256', typ: 'JWT' }, { sub: user, run_access: access, exp: expiresAt, ...(admin && { role: 'admin' }) }]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.');
  return `${content}.${createHmac('sha256', signingKey).update(content).digest('base64url')}`;
}
