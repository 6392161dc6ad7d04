import type { CollabError } from './errors.js';
import type { PublishAck } from './event.js';
import type { PendingSend } from './snapshot.js';

/** What became of a publish: the server's acknowledgement, or its refusal. */
export type PublishResult = PublishAck | CollabError;

/** What takes sends to the server: the hub, or HTTP. */
export interface Carrier {
  /**
   * Publishes sends in their order, as this user and no other: the first one, and those that go with it in one batch. Answers what became
   * of each. Rejects with a `CollabError` where the server refused the first one or the whole batch, and with `NoAnswer` where it is not
   * known what became of them.
   */
  publish(sends: readonly PendingSend[], userId: string | null): Promise<readonly PublishResult[]>;
  /** Tells where the user's focus is; nobody waits for it. */
  moveCursor(nodeId: string | null): void;
}
