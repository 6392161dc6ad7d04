/**
 * A new UUID of version 7: ids made later sort later, which the server's index likes. For messages and for runs; `crypto.randomUUID` is
 * missing on pages that came without HTTPS.
 * @param now Unix milliseconds. Default: now.
 */
export function newUuid(now = Date.now()): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  const time = Math.floor(now).toString(16).padStart(12, '0').slice(-12);
  const variant = (8 + ((bytes[8] ?? 0) & 3)).toString(16);
  return `${time.slice(0, 8)}-${time.slice(8)}-7${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20)}`;
}
