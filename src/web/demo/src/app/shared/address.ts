/** Where the page and its server lie, without the slash at the end: a proxy may have put them below another path. */
export function baseAddress(): string {
  return new URL('.', document.baseURI).href.replace(/\/$/, '');
}

/** Where the page lies on its machine, like `/` or `/tenant/`. */
export function basePath(): string {
  return new URL('.', document.baseURI).pathname;
}

/** The address of something of the server, like `api/runs?limit=20`, on the machine that the page came from. */
export function serverAddress(path: string): string {
  const { pathname, search } = new URL(path, document.baseURI);
  return pathname + search;
}
