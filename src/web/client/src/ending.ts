/** Why the server ended a connection. */
export type EndingCode = 'slow' | 'expired' | 'revoked' | 'kicked' | 'replaced' | 'shutdown' | 'too_many' | 'idle' | 'protocol';

/** Why the server ended the connection, and when. */
export interface Ending {
  readonly code: EndingCode;
  /** The server's sentence. */
  readonly message: string;
  /** Unix milliseconds, this client's clock. */
  readonly at: number;
}

/** Whether to come back where the server does not say. */
const comesBack: Readonly<Record<EndingCode, boolean>> = {
  slow: true,
  expired: true,
  revoked: false,
  kicked: true,
  replaced: true,
  shutdown: true,
  too_many: true,
  idle: true,
  protocol: false,
};

export function isEndingCode(value: unknown): value is EndingCode {
  return typeof value === 'string' && Object.hasOwn(comesBack, value);
}

/** The server ended the connection, and says why. */
export class EndedByServer extends Error {
  override readonly name = 'EndedByServer';
  readonly code: EndingCode;
  /** Whether the client may come back by itself. */
  readonly allowReconnect: boolean;

  /** @param allowReconnect What the server says; null where it says nothing. */
  constructor(code: EndingCode, message: string, allowReconnect: boolean | null = null) {
    super(message);
    this.code = code;
    this.allowReconnect = allowReconnect ?? comesBack[code];
  }
}
