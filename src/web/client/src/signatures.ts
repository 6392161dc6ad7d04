import type { CollaborationEvent } from './event.js';
import { canonical } from './fingerprint.js';
import { sha256 } from './sha256.js';

/** An event that is not as it was signed. */
export interface WrongEvent {
  readonly sequenceNumber: number;
  /**
   * `changed`: something in it is not what was signed, or it does not follow the event before it. `unsigned`: it has no signature, though
   * one before it has. `unknown_key`: the key that signed it is not among those given.
   */
  readonly reason: 'changed' | 'unsigned' | 'unknown_key';
}

/** So much of the HMAC before stands in the next signature. */
const linkLength = 22;

/**
 * Looks at the events of a run as they are applied, and finds the first that is not as the server signed it. At once, not as
 * `crypto.subtle` would: what is applied stays in order, and it works on addresses that are not secure.
 */
export class SignatureCheck {
  readonly #keys: ReadonlyMap<string, Uint8Array> | null;
  #wrong: WrongEvent | null = null;
  /** The number of the last event, and what the next signature must go on from; null: it has none. */
  #last: { readonly sequence: number; readonly link: string | null } | null = null;
  #isSigned = false;

  /** @param keys Each `id:secret`; without them nothing is looked at. */
  constructor(keys: readonly string[] = []) {
    this.#keys = keys.length === 0 ? null : new Map(keys.map(readKey));
  }

  /** The first that is wrong; null: none is. */
  get wrong(): WrongEvent | null {
    return this.#wrong;
  }

  /** The next event is about to be applied. */
  take(epoch: string | null, event: CollaborationEvent, sequence: number): void {
    if (this.#keys === null || this.#wrong !== null || epoch === null) return;
    const [keyId = '', mac = '', previous = null, ...more] = event.signature?.split('.') ?? [];
    const before = this.#last?.sequence === sequence - 1 ? this.#last : sequence === 1 ? { link: null } : null;
    const key = this.#keys.get(keyId);
    if (event.signature === undefined) {
      if (this.#isSigned) this.#fail(sequence, 'unsigned');
    } else if (mac.length === 0 || more.length > 0) this.#fail(sequence, 'changed');
    else if (key === undefined) this.#fail(sequence, 'unknown_key');
    else if (macOf(key, formOf(epoch, event, previous)) !== mac) this.#fail(sequence, 'changed');
    else if (before !== null && before.link !== previous) this.#fail(sequence, 'changed');
    this.#isSigned ||= event.signature !== undefined;
    this.#last = { sequence, link: event.signature === undefined ? null : mac.slice(0, linkLength) };
  }

  /** The run's log is another one. */
  forget(): void {
    this.#wrong = null;
    this.#last = null;
    this.#isSigned = false;
  }

  #fail(sequenceNumber: number, reason: WrongEvent['reason']): void {
    this.#wrong = Object.freeze({ sequenceNumber, reason });
  }
}

/** An event in the one form of which signatures are made. */
export function formOf(epoch: string, event: CollaborationEvent, previous: string | null): string {
  const { runId, sequenceNumber, eventType, userId, userName = null, timestamp, data, messageId } = event;
  return (
    canonical('collab.event.1') +
    canonical({ data, epoch, eventType, messageId, previous, runId, sequenceNumber, timestamp, userId, userName })
  );
}

function readKey(key: string, index: number): [string, Uint8Array] {
  const at = key.indexOf(':');
  const secret = new TextEncoder().encode(key.slice(at + 1));
  // Nothing of the key is said: what is thrown goes to a log.
  if (at < 1 || secret.length < 32) throw new TypeError(`signingKeys[${String(index)}] must be an id, a colon, and 32 bytes or more.`);
  return [key.slice(0, at), secret];
}

/** HMAC-SHA256, in base64url without padding. */
function macOf(key: Uint8Array, text: string): string {
  return base64url(hmac(key, new TextEncoder().encode(text)));
}

/** HMAC-SHA256. */
export function hmac(key: Uint8Array, message: Uint8Array): Uint8Array {
  const block = new Uint8Array(64);
  block.set(key.length > 64 ? sha256(key) : key);
  const inner = sha256(
    join(
      block.map((byte) => byte ^ 0x36),
      message,
    ),
  );
  return sha256(
    join(
      block.map((byte) => byte ^ 0x5c),
      inner,
    ),
  );
}

/** Bytes as text, without padding. */
export function base64url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');
}

function join(one: Uint8Array, other: Uint8Array): Uint8Array {
  const both = new Uint8Array(one.length + other.length);
  both.set(one);
  both.set(other, one.length);
  return both;
}
