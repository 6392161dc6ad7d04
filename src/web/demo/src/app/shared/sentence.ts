import { CollaborationEvent } from '@collab/client';

type Act = Pick<CollaborationEvent, 'eventType' | 'data'>;

/** A piece of a sentence; `strong` for the names in it. */
export interface Words {
  readonly text: string;
  readonly strong?: boolean;
}

/** What kind of thing happened, for colours and filters. */
export type Kind = 'graft' | 'prune' | 'flag' | 'join' | 'leave' | 'other';

const kinds: Readonly<Record<string, Kind>> = { GRAFT: 'graft', PRUNE: 'prune', FLAG: 'flag', USER_JOIN: 'join', USER_LEAVE: 'leave' };

export function kindOf(eventType: string): Kind {
  return kinds[eventType] ?? 'other';
}

/** What was done, without who did it: `grafted security-scanner-v1 after ARCHITECT`. */
export function predicate({ eventType, data }: Act): readonly Words[] {
  switch (kindOf(eventType)) {
    case 'graft':
      return [{ text: 'grafted ' }, name(data['agentName']), { text: ' after ' }, name(data['after'])];
    case 'prune':
      return [{ text: data['isPruned'] === false ? 'restored ' : 'pruned ' }, name(data['stepId'])];
    case 'flag':
      return [{ text: 'flagged ' }, name(data['stepId']), ...note(data['note'])];
    case 'join':
      return [{ text: 'joined' }];
    case 'leave':
      return [{ text: 'left' }];
    case 'other':
      return [{ text: 'sent ' }, name(eventType)];
  }
}

/** The whole sentence as plain text: `ana pruned DEVELOPER`. */
export function sentence(event: Act & Pick<CollaborationEvent, 'userId'>): string {
  return `${event.userId} ${predicate(event)
    .map((words) => words.text)
    .join('')}`;
}

function name(value: unknown): Words {
  return { text: typeof value === 'string' && value.length > 0 ? value : '?', strong: true };
}

function note(value: unknown): readonly Words[] {
  return typeof value === 'string' && value.length > 0 ? [{ text: `: “${value}”` }] : [];
}
