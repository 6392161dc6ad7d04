import { CollaborationEvent } from '@collab/client';
import { isolated, legible } from './text';

type Act = Pick<CollaborationEvent, 'eventType' | 'data'>;

/** A piece of a sentence; `strong` for the names in it, `others` for whatever is others' text: it is shown isolated. */
export interface Words {
  readonly text: string;
  readonly strong?: boolean;
  readonly others?: boolean;
}

/** What kind of thing happened, for colours and filters. */
export type Kind = 'graft' | 'prune' | 'flag' | 'join' | 'leave' | 'other';

// No plain object: a type can be called like something that every object has.
const kinds: ReadonlyMap<string, Kind> = new Map<string, Kind>([
  ['GRAFT', 'graft'],
  ['PRUNE', 'prune'],
  ['FLAG', 'flag'],
  ['USER_JOIN', 'join'],
  ['USER_LEAVE', 'leave'],
]);

export function kindOf(eventType: string): Kind {
  return kinds.get(eventType) ?? 'other';
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
      return [{ text: 'sent ' }, name(eventType), ...about(data['stepId'])];
  }
}

/** The predicate as plain text, without markup that would isolate what is in it. */
export function plain(words: readonly Words[]): string {
  return words.map(({ text, others }) => (others ? isolated(text) : text)).join('');
}

/** The whole sentence as plain text: `ana pruned DEVELOPER`. `who`: what to call the user; else what the event says. */
export function sentence(event: Act & Pick<CollaborationEvent, 'userId' | 'userName'>, who = event.userName ?? event.userId): string {
  return `${isolated(who)} ${plain(predicate(event))}`;
}

function name(value: unknown): Words {
  return { text: typeof value === 'string' && value.length > 0 ? legible(value) : '?', strong: true, others: true };
}

/** Types that this page does not know may be about a step all the same. */
function about(step: unknown): readonly Words[] {
  return typeof step === 'string' && step.length > 0 ? [{ text: ' for ' }, name(step)] : [];
}

function note(value: unknown): readonly Words[] {
  return typeof value === 'string' && value.length > 0 ? [{ text: ': “' }, { text: legible(value), others: true }, { text: '”' }] : [];
}
