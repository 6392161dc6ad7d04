import { dictionary } from './dictionary.js';
import type { CollaborationEvent } from './event.js';
import type { PresenceEntry } from './wire.js';

/** So many agents are remembered; past it those that were told first are forgotten. */
const mostAgents = 2000;

/** Who is in the run, where each one's cursor is, and how far each has seen. */
export class Presence {
  #users: readonly string[] = [];
  #cursors: Readonly<Record<string, string | null>> = dictionary();
  #seen: Readonly<Record<string, number>> = dictionary();
  readonly #agents = new Set<string>();
  #shownAgents: readonly string[] = [];
  #knowsMarks = false;

  /** Sorted. */
  get users(): readonly string[] {
    return this.#users;
  }

  /** The step each user's cursor is on. */
  get cursors(): Readonly<Record<string, string | null>> {
    return this.#cursors;
  }

  /** Up to which number each user who is there has applied the run, of those who have said. */
  get seen(): Readonly<Record<string, number>> {
    return this.#seen;
  }

  /** The users who are agents as far as is known, also such as have left; sorted. */
  get agents(): readonly string[] {
    return this.#shownAgents;
  }

  /** Whether the server has shown that it takes marks: one of a version before would refuse a ping that has them. */
  get knowsMarks(): boolean {
    return this.#knowsMarks;
  }

  replace(
    users: readonly string[],
    cursors: Readonly<Record<string, string | null>>,
    entries: readonly PresenceEntry[] | null = null,
  ): void {
    this.#users = users;
    this.#cursors = cursors;
    this.#knowsMarks = entries !== null;
    const seen = dictionary<number>();
    for (const { userId, kind, seen: mark } of entries ?? []) {
      if (mark !== null) seen[userId] = mark;
      this.#isAgent(userId, kind === 'agent');
    }
    this.#seen = Object.freeze(seen);
  }

  /** Marks have moved. Of those who are not there any more, or not yet, nothing is kept. */
  mark(moved: Readonly<Record<string, number>>): void {
    const there = new Set(this.#users);
    const seen = dictionary(this.#seen);
    for (const [user, mark] of Object.entries(moved)) if (there.has(user)) seen[user] = Math.max(mark, seen[user] ?? 0);
    this.#seen = Object.freeze(seen);
  }

  apply({ eventType, userId, data }: CollaborationEvent): void {
    if (eventType === 'USER_JOIN') {
      if (!this.#users.includes(userId)) this.#users = [...this.#users, userId].sort();
      this.#isAgent(userId, data['kind'] === 'agent');
    } else if (eventType === 'USER_LEAVE') {
      this.#users = this.#users.filter((user) => user !== userId);
      this.#moveCursor(userId, null);
      const { [userId]: _, ...others } = this.#seen;
      this.#seen = Object.freeze(dictionary(others));
    } else if (eventType === 'CURSOR_MOVE') {
      const nodeId = data['nodeId'];
      this.#moveCursor(userId, typeof nodeId === 'string' ? nodeId : null);
    }
  }

  #isAgent(userId: string, isAgent: boolean): void {
    if (this.#agents.has(userId) === isAgent) return;
    if (isAgent) this.#agents.add(userId);
    else this.#agents.delete(userId);
    const [oldest] = this.#agents;
    if (this.#agents.size > mostAgents && oldest !== undefined) this.#agents.delete(oldest);
    this.#shownAgents = Object.freeze([...this.#agents].sort());
  }

  #moveCursor(userId: string, nodeId: string | null): void {
    const { [userId]: _, ...others } = this.#cursors;
    const cursors = dictionary(others);
    if (nodeId !== null) cursors[userId] = nodeId;
    this.#cursors = cursors;
  }
}
