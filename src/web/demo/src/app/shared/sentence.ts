import { CollaborationEvent } from '@collab/client';
import { readTitle, titleType } from './run-title';
import { isolated, legible } from './text';

type Act = Pick<CollaborationEvent, 'eventType' | 'data'>;

/** A piece of a sentence; `strong` for the names in it, `others` for whatever is others' text: it is shown isolated. */
export interface Words {
  readonly text: string;
  readonly strong?: boolean;
  readonly others?: boolean;
}

/** What kind of thing happened, for colours and filters. */
export type Kind = 'graft' | 'prune' | 'flag' | 'join' | 'leave' | 'step' | 'end' | 'title' | 'other';

// No plain object: a type can be called like something that every object has.
const kinds: ReadonlyMap<string, Kind> = new Map<string, Kind>([
  ['GRAFT', 'graft'],
  ['PRUNE', 'prune'],
  ['FLAG', 'flag'],
  ['USER_JOIN', 'join'],
  ['USER_LEAVE', 'leave'],
  ['STEP_STARTED', 'step'],
  ['STEP_HELD', 'step'],
  ['STEP_APPROVED', 'step'],
  ['STEP_FINISHED', 'step'],
  ['STEP_SKIPPED', 'step'],
  ['RUN_FINISHED', 'step'],
  ['RUN_END', 'end'],
  [titleType, 'title'],
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
    case 'end':
      return [{ text: 'ended the run' }, ...note(data['outcome'])];
    case 'step':
      return progress(eventType, data);
    case 'title':
      return titled(readTitle(data['title']));
    case 'other':
      return [{ text: 'sent ' }, name(eventType), ...about(data['stepId']), ...note(saidIn(data))];
  }
}

function titled(title: string | null): readonly Words[] {
  return title === null ? [{ text: 'took away the title of the run' }] : [{ text: 'named the run' }, ...note(title)];
}

/** What the orchestrator example says of the steps that it carries out. */
function progress(eventType: string, data: Act['data']): readonly Words[] {
  const step = name(data['stepId']);
  switch (eventType) {
    case 'STEP_STARTED':
      return [{ text: 'started ' }, step];
    case 'STEP_FINISHED':
      return [{ text: 'finished ' }, step, ...note(data['result'])];
    case 'STEP_HELD':
      return [{ text: 'holds ' }, step, { text: ' for review' }, ...note(data['note'])];
    case 'STEP_APPROVED':
      return [{ text: 'approved ' }, step];
    case 'STEP_SKIPPED':
      return [{ text: 'skipped ' }, step];
    default:
      return [{ text: 'finished the run' }, ...counts(data['done'], data['skipped'])];
  }
}

function counts(done: unknown, skipped: unknown): readonly Words[] {
  if (typeof done !== 'number') return [];
  return [{ text: `: ${done} done${typeof skipped === 'number' && skipped > 0 ? `, ${skipped} skipped` : ''}` }];
}

/** What a type that this page does not know has to say, if it says it where most do. */
function saidIn(data: Act['data']): unknown {
  return ['text', 'message', 'note', 'comment', 'title', 'result'].map((field) => data[field]).find((value) => typeof value === 'string');
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
