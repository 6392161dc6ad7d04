import { dictionary } from './dictionary.js';
import type { CollaborationEvent } from './event.js';

/** Who is in the run, and where each one's cursor is. */
export class Presence {
  #users: readonly string[] = [];
  #cursors: Readonly<Record<string, string | null>> = dictionary();

  /** Sorted. */
  get users(): readonly string[] {
    return this.#users;
  }

  /** The step each user's cursor is on. */
  get cursors(): Readonly<Record<string, string | null>> {
    return this.#cursors;
  }

  replace(users: readonly string[], cursors: Readonly<Record<string, string | null>>): void {
    this.#users = users;
    this.#cursors = cursors;
  }

  apply({ eventType, userId, data }: CollaborationEvent): void {
    if (eventType === 'USER_JOIN') {
      if (!this.#users.includes(userId)) this.#users = [...this.#users, userId].sort();
    } else if (eventType === 'USER_LEAVE') {
      this.#users = this.#users.filter((user) => user !== userId);
      this.#moveCursor(userId, null);
    } else if (eventType === 'CURSOR_MOVE') {
      const nodeId = data['nodeId'];
      this.#moveCursor(userId, typeof nodeId === 'string' ? nodeId : null);
    }
  }

  #moveCursor(userId: string, nodeId: string | null): void {
    const { [userId]: _, ...others } = this.#cursors;
    const cursors = dictionary(others);
    if (nodeId !== null) cursors[userId] = nodeId;
    this.#cursors = cursors;
  }
}
