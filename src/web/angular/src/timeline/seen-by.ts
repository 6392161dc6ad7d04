import { CollaborationEvent } from '@collab/client';
import { byName, called, Names } from '../look/user';

/** Of more people the names are not told. */
const mostNames = 20;

/** Who has seen an event, as the timeline tells it. */
export interface SeenBy {
  /** `Seen by 3 of 5`. */
  readonly text: string;
  /** `: Ana, Ben and 12 more`; empty: it needs no names. */
  readonly names: string;
}

/** What is known of how far people have seen. */
export interface Seeing {
  readonly activeUsers: readonly string[];
  readonly self: string | null;
  readonly seen: Readonly<Record<string, number>>;
  readonly names: Names;
}

/**
 * Who of the others has seen which event, by number: oneself and who did it have. Told of events that not all of them have seen, and of the
 * newest that all have; of none where nobody says what they have seen.
 * @param events Newest first.
 */
export function seenBy(events: readonly CollaborationEvent[], { activeUsers, self, seen, names }: Seeing): ReadonlyMap<number, SeenBy> {
  const told = new Map<number, SeenBy>();
  const others = activeUsers.filter((user) => user !== self);
  if (!others.some((user) => user in seen)) return told;
  for (const { sequenceNumber, userId } of events) {
    if (sequenceNumber === null) continue;
    const awaited = others.filter((user) => user !== userId);
    const have = awaited.filter((user) => (seen[user] ?? 0) >= sequenceNumber);
    if (awaited.length === 0) continue;
    const isAll = have.length === awaited.length;
    if (isAll) {
      told.set(sequenceNumber, { text: awaited.length === 1 ? 'Seen' : `Seen by all ${awaited.length}`, names: listed(have, names) });
      // What is older has been seen by all of them too.
      break;
    }
    told.set(sequenceNumber, { text: `Seen by ${have.length} of ${awaited.length}`, names: listed(have, names) });
  }
  return told;
}

function listed(users: readonly string[], names: Names): string {
  if (users.length === 0) return '';
  const sorted = users.map((user) => called(user, names)).sort(byName);
  const shown = sorted.slice(0, mostNames);
  const more = sorted.length - shown.length;
  return `: ${shown.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
