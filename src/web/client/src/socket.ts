/**
 * Opens a WebSocket where that is all a program can do, as in browsers. A page cannot set headers, so the token goes into the address.
 * Bundles for Node get `socket.node.ts` in its place: `imports` of package.json.
 */
export function openSocket(url: string, token: string | null): WebSocket | Promise<WebSocket> {
  const address = new URL(url, typeof document === 'undefined' ? undefined : document.baseURI);
  address.protocol = address.protocol.replace('http', 'ws');
  if (token !== null) address.searchParams.append('access_token', token);
  return new WebSocket(address.href);
}
