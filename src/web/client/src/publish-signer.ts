import { CollabError, NoAnswer, textOf } from './errors.js';
import { canonical } from './fingerprint.js';
import type { EventToPublish, PublishSignature } from './http-api.js';
import { base64url, hmac } from './signatures.js';

/**
 * Signs what is published, for servers that want that (`Collab:Signing:Clients`): by HMAC-SHA256 with the user's `secret`, of 32 bytes or
 * more, or a function that gets a user's, null for one who has none; by Ed25519 with the `privateKey` whose public half the token names; or
 * by a function of one's own, which makes the signature of some bytes for a user, null for none. Each event is signed when it is sent, and
 * again when it is sent again. Where a function fails, the publish counts as refused with `unavailable`, and is tried again.
 */
export type PublishSigner =
  | { readonly secret: string | ((userId: string) => string | null | Promise<string | null>) }
  | { readonly privateKey: CryptoKey }
  | ((form: Uint8Array<ArrayBuffer>, userId: string) => Uint8Array | null | Promise<Uint8Array | null>);

type SignFunction = Extract<PublishSigner, (...args: never) => unknown>;

/** What is signed of a publish, beside its time and its nonce. */
export interface SignedPublish {
  readonly runId: string;
  readonly userId: string;
  readonly eventType: string;
  readonly data: unknown;
  readonly messageId: string;
  readonly basedOnSequence: number | null;
}

/** A publish in the one form of which signatures are made. */
export function formOfPublish(publish: SignedPublish, timestamp: number, nonce: string): string {
  const { runId, messageId } = publish;
  const ids = { runId: runId.toLowerCase(), messageId: messageId.toLowerCase() };
  return canonical('collab.publish.1') + canonical({ ...publish, ...ids, timestamp, nonce });
}

/** Puts signatures on events that are about to be sent. */
export class PublishSigning {
  readonly #sign: SignFunction;
  readonly #now: () => number;

  /** @param now The server's time, Unix milliseconds, as far as it is known. */
  constructor(signer: PublishSigner, now: () => number) {
    this.#sign = signFunction(signer);
    this.#now = now;
  }

  /**
   * The same events, signed with the time of now. Rejects with a `CollabError` where the application could not sign one, with `NoAnswer`
   * where it is not waited for.
   */
  async sign(
    runId: string,
    userId: string | null,
    events: readonly EventToPublish[],
    stop?: AbortSignal,
  ): Promise<readonly EventToPublish[]> {
    const signed = await Promise.all(events.map((event) => this.#signOne(runId, userId ?? '', event)));
    if (stop?.aborted === true) throw new NoAnswer('The publish was given up before it was signed.');
    return signed;
  }

  async #signOne(runId: string, userId: string, event: EventToPublish): Promise<EventToPublish> {
    const { eventType, data, messageId, basedOnSequence = null } = event;
    if (messageId === null || eventType === 'CURSOR_MOVE') return event;
    const timestamp = Math.round(this.#now());
    const nonce = base64url(crypto.getRandomValues(new Uint8Array(16)));
    const form = formOfPublish({ runId, userId, eventType, data, messageId, basedOnSequence }, timestamp, nonce);
    try {
      const bytes = await this.#sign(new TextEncoder().encode(form), userId);
      if (bytes === null) return event;
      const signature: PublishSignature = { timestamp, nonce, value: base64url(bytes) };
      return { ...event, signature };
    } catch (error) {
      throw new CollabError('unavailable', `The publish could not be signed: ${textOf(error)}`);
    }
  }
}

/** What a signer does. */
export function signFunction(signer: PublishSigner): SignFunction {
  if (typeof signer === 'function') return signer;
  if ('privateKey' in signer) {
    const { privateKey } = signer;
    return async (form) => new Uint8Array(await crypto.subtle.sign('Ed25519', privateKey, form));
  }
  const { secret } = signer;
  if (typeof secret === 'function') {
    return async (form, userId) => {
      const text = await secret(userId);
      return text === null ? null : hmac(new TextEncoder().encode(text), form);
    };
  }
  const key = new TextEncoder().encode(secret);
  // Nothing of it is said: what is thrown goes to a log.
  if (key.length < 32) throw new TypeError('publishSigner: a secret has 32 bytes or more.');
  return (form) => hmac(key, form);
}
