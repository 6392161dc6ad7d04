import type { PublishAck } from './event.js';
import type { PendingSend } from './snapshot.js';

/** What takes sends to the server: the hub, or HTTP. */
export interface Carrier {
  /**
   * Publishes one send, as this user and nobody else. Rejects with a `CollabError` where the server refused it, and with `NoAnswer` where nobody knows what became of it.
   */
  publish(send: PendingSend, userId: string | null): Promise<PublishAck>;
  /** Tells where the user's focus is; nobody waits for it. */
  moveCursor(nodeId: string | null): void;
}
