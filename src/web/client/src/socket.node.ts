import { openSocket as openPlainSocket } from './socket.js';

type HeaderSocket = new (url: string, protocols: readonly string[], options: { readonly headers: Record<string, string> }) => WebSocket;

/**
 * Stays out of bundles, for it asks for `require`, which a bundle of modules does not have; Node finds it beside the bundle. Bundlers look
 * through a constant, and not into an object.
 */
const beside = { name: 'ws' };
let loading: Promise<HeaderSocket | null> | undefined;

/**
 * Opens a WebSocket on Node, with the token in a header, where no log of addresses has it. Without `ws`, beside a bundle that was taken
 * elsewhere, it is the WebSocket that Node has since version 22.
 */
export async function openSocket(url: string, token: string | null): Promise<WebSocket> {
  const Socket = await (loading ??= load());
  if (Socket === null) return openPlainSocket(url, token);
  return new Socket(url.replace(/^http/, 'ws'), [], { headers: token === null ? {} : { Authorization: `Bearer ${token}` } });
}

async function load(): Promise<HeaderSocket | null> {
  try {
    const { default: socket } = (await import(/* webpackIgnore: true */ /* @vite-ignore */ beside.name)) as { default: HeaderSocket };
    return socket;
  } catch {
    if (typeof WebSocket === 'undefined') {
      console.warn(
        'Collab polls over HTTP, for there is no WebSocket: install the package `ws` beside this program, or run it on Node 22 or later.',
      );
    }
    return null;
  }
}
