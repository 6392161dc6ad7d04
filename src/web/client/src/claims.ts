/**
 * The claims of a token that is a JWT, such as `sub`, `exp` (Unix seconds) and `run_access`; empty for a token of another kind. Nothing is
 * checked: the server alone decides whether a token is good.
 */
export function claimsOf(token: string): Readonly<Record<string, unknown>> {
  try {
    const base64 = (token.split('.')[1] ?? '').replace(/-/g, '+').replace(/_/g, '/');
    const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
    const claims: unknown = JSON.parse(new TextDecoder().decode(bytes));
    return typeof claims === 'object' && claims !== null ? (claims as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
