/** Why the server refused something. Each code means the same over the hub and over HTTP. */
export type CollabErrorCode =
  | 'unauthorized'
  | 'forbidden'
  | 'invalid_event'
  | 'payload_too_large'
  | 'rate_limited'
  | 'overloaded'
  | 'unavailable';

const retryableByCode: Readonly<Record<CollabError['code'], boolean>> = {
  unauthorized: false,
  forbidden: false,
  invalid_event: false,
  payload_too_large: false,
  rate_limited: true,
  overloaded: true,
  unavailable: true,
  queue_full: true,
  closed: false,
};

/** A refusal, by the server or by this client itself (`queue_full`: too many sends wait; `closed`: the connection was closed). */
export class CollabError extends Error {
  override readonly name = 'CollabError';
  readonly code: CollabErrorCode | 'queue_full' | 'closed';
  /** How long to wait before the next try, in milliseconds, where the server said so. */
  readonly retryAfterMs: number | null;

  constructor(code: CollabError['code'], message: string, retryAfterMs: number | null = null) {
    super(message);
    this.code = code;
    this.retryAfterMs = retryAfterMs;
  }

  /** Whether the same request can succeed later. */
  get retryable(): boolean {
    return retryableByCode[this.code];
  }
}
