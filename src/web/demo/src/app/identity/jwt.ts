import { claimsOf } from '@collab/client/claims';

/** What the page reads of a token; the server alone decides whether it is good. */
export interface TokenClaims {
  readonly sub: string;
  /** When it ends, Unix ms; null if it does not say. */
  readonly expiresAt: number | null;
  /** What it gives, like `*:read` or `{runId}:write`; null if it does not say. */
  readonly runAccess: readonly string[] | null;
}

/** The claims of a JWT; null for anything else, and for one that names nobody. */
export function readToken(token: string): TokenClaims | null {
  const { sub, exp, run_access } = claimsOf(token);
  if (typeof sub !== 'string') return null;
  return { sub, expiresAt: typeof exp === 'number' ? exp * 1000 : null, runAccess: grants(run_access) };
}

/** How long a token lives from when it was made, in ms; null if it does not say. */
export function lifetimeOf(token: string): number | null {
  const { exp, iat } = claimsOf(token);
  return typeof exp === 'number' && typeof iat === 'number' && iat < exp ? (exp - iat) * 1000 : null;
}

/** Whether a token gives the right to change a run; null if it does not say. */
export function mayWrite({ runAccess }: TokenClaims, runId: string): boolean | null {
  if (runAccess === null) return null;
  return ['*:write', `${runId.toLowerCase()}:write`].some((grant) => runAccess.includes(grant));
}

/** A claim that is there once is no list. */
function grants(claim: unknown): readonly string[] | null {
  const claims: readonly unknown[] = Array.isArray(claim) ? claim : [claim];
  const texts = claims.filter((one) => typeof one === 'string').map((one) => one.replace(/^[^:]*/, (run) => run.toLowerCase()));
  return texts.length === 0 ? null : texts;
}
