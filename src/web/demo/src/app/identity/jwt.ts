/** What the page reads of a token; the server alone decides whether it is good. */
export interface TokenClaims {
  readonly sub: string;
  /** When it ends, Unix ms; null if it does not say. */
  readonly expiresAt: number | null;
}

/** The claims of a JWT; null for anything else, and for one that names nobody. */
export function readToken(token: string): TokenClaims | null {
  try {
    const [, payload = ''] = token.split('.');
    const bytes = Uint8Array.from(atob(payload.replace(/-/g, '+').replace(/_/g, '/')), (character) => character.charCodeAt(0));
    const { sub, exp } = JSON.parse(new TextDecoder().decode(bytes)) as { sub?: unknown; exp?: unknown };
    if (typeof sub !== 'string') return null;
    return { sub, expiresAt: typeof exp === 'number' ? exp * 1000 : null };
  } catch {
    return null;
  }
}
