/** An answer that takes longer, in ms, does not come any more. */
const timeout = 10_000;
/** So often a server that has no time is asked again, and how long to wait at least and at most, in ms. */
const tries = 3;
const [shortest, longest] = [500, 5000];

/** Nothing came back. What goes wrong in the page itself is another thing, and must not be taken for it. */
export class SilentServer extends Error {
  constructor(cause: unknown) {
    super('The server does not answer.', { cause });
  }
}

/** An answer that is not what was asked for. */
export class HttpError extends Error {
  constructor(readonly status: number) {
    super(`The server answered ${status}.`);
  }
}

/** Asks the server, and again after a while where it has no time now. Fails with a `SilentServer` where nothing comes back. */
export async function request(address: string, init: RequestInit = {}, stop?: AbortSignal): Promise<Response> {
  for (let left = tries; ; left--) {
    const response = await ask(address, init, stop);
    const isBusy = response.status === 429 || (response.status === 503 && response.headers.has('Retry-After'));
    if (!isBusy || left <= 1) return response;
    const seconds = Number(response.headers.get('Retry-After') ?? 1);
    await pause(Math.min(longest, Math.max(shortest, Number.isFinite(seconds) ? seconds * 1000 : 0)), stop);
  }
}

/** What to tell the user of something that failed. */
export function problemOf(error: unknown): string {
  if (error instanceof SilentServer) return 'The server does not answer. Trying again.';
  if (error instanceof HttpError) return error.message;
  return `Something went wrong in this page: ${error instanceof Error ? error.message : String(error)}`;
}

async function ask(address: string, init: RequestInit, stop?: AbortSignal): Promise<Response> {
  const limit = AbortSignal.timeout(timeout);
  const signal = stop === undefined ? limit : AbortSignal.any([stop, limit]);
  try {
    return await fetch(address, { ...init, signal });
  } catch (error) {
    if (stop?.aborted === true) throw error;
    throw new SilentServer(error);
  }
}

function pause(ms: number, stop?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms);
    stop?.addEventListener('abort', () => {
      clearTimeout(timer);
      reject(stop.reason as Error);
    });
  });
}
