import { DefaultUrlSerializer, UrlTree } from '@angular/router';

/**
 * Reads addresses that were cut in the middle of a character, as links in chats are: the router alone would refuse them, and show its first
 * page.
 */
export class WellFormedUrls extends DefaultUrlSerializer {
  override parse(url: string): UrlTree {
    return super.parse(url.replace(/(%[0-9a-f]{2})+|%/gi, wellFormed));
  }
}

/** Escaped bytes as they are, if they are text; else with U+FFFD for what is not. */
function wellFormed(escaped: string): string {
  try {
    decodeURIComponent(escaped);
    return escaped;
  } catch {
    const bytes = [...escaped.matchAll(/%[0-9a-f]{2}/gi)].map(([whole]) => parseInt(whole.slice(1), 16));
    return bytes.length === 0 ? '%25' : encodeURIComponent(new TextDecoder().decode(new Uint8Array(bytes)));
  }
}
