import { inject, Injectable, InjectionToken, Provider } from '@angular/core';
import { CollaborationEvent } from '@collab/client';
import { guarded } from '../look/guarded';
import { isolated, legible } from '../look/text';

/** A piece of a sentence; `strong` for the names in it, `others` for whatever is others' text: it is shown isolated. */
export interface Words {
  readonly text: string;
  readonly strong?: boolean;
  readonly others?: boolean;
}

/** How events of a type are told. */
export interface EventTelling {
  /** What kind of thing happened, as one word: the timeline filters by it, and its colour is `--collab-{kind}`. */
  readonly kind: string;
  /** The button that narrows the timeline down to the kind, such as `Grafts`; absent: there is none. */
  readonly filter?: string;
  /** What was done, without who did it. `data` is of any shape: others' programs send it. */
  readonly words: (data: CollaborationEvent['data']) => readonly Words[];
}

/** How types of events are told, by type. */
export type EventTellings = Readonly<Record<string, EventTelling>>;

/** A button that narrows the timeline down. */
export interface KindFilter {
  readonly kind: string;
  readonly title: string;
  /** The one type of event that it leaves, where nothing is known of that; absent: all of the kind. */
  readonly eventType?: string;
}

const COLLAB_EVENT_TELLINGS = new InjectionToken<readonly EventTellings[]>('COLLAB_EVENT_TELLINGS');

/** Says how event types of the application are told, beside the built-in ones; goes into the application's own providers. */
export function provideEventTellings(tellings: EventTellings): Provider {
  return { provide: COLLAB_EVENT_TELLINGS, useValue: tellings, multi: true };
}

const builtIn: EventTellings = {
  GRAFT: {
    kind: 'graft',
    filter: 'Grafts',
    words: (data) => [{ text: 'grafted ' }, named(data['agentName']), { text: ' after ' }, named(data['after'])],
  },
  PRUNE: {
    kind: 'prune',
    filter: 'Prunes',
    words: (data) => [{ text: data['isPruned'] === false ? 'restored ' : 'pruned ' }, named(data['stepId'])],
  },
  FLAG: { kind: 'flag', filter: 'Flags', words: (data) => [{ text: 'flagged ' }, named(data['stepId']), ...quoted(data['note'])] },
  USER_JOIN: { kind: 'join', words: () => [{ text: 'joined' }] },
  USER_LEAVE: { kind: 'leave', words: () => [{ text: 'left' }] },
  RUN_END: { kind: 'end', words: (data) => [{ text: 'ended the run' }, ...quoted(data['outcome'])] },
};
/** Of more types of which nothing is known, one button is for all. */
const mostTypes = 6;
const alwaysThere: readonly string[] = Object.values(builtIn).map(({ kind }) => kind);

/** The filter that leaves one type of which nothing is known. */
export function filterOfType(eventType: string): KindFilter {
  return { kind: 'other', title: legible(eventType), eventType };
}

/** Events as English sentences: `ana grafted security-scanner-v1 after ARCHITECT`. */
@Injectable({ providedIn: 'root' })
export class CollabSentences {
  // No plain object: a type can be called like something that every object has.
  private readonly tellings: ReadonlyMap<string, EventTelling> = new Map(
    [builtIn, ...(inject(COLLAB_EVENT_TELLINGS, { optional: true }) ?? [])].flatMap((tellings) => Object.entries(tellings)),
  );

  /** What kind of thing an event of this type is; `other` where nothing is known of the type. */
  kindOf(eventType: string): string {
    return this.tellings.get(eventType)?.kind ?? 'other';
  }

  /** What was done, without who did it: `grafted security-scanner-v1 after ARCHITECT`. */
  predicate({ eventType, data }: Pick<CollaborationEvent, 'eventType' | 'data'>): readonly Words[] {
    const telling = this.tellings.get(eventType);
    // One event that cannot be told must not keep the others from being shown.
    return guarded(() => telling?.words(data) ?? unknown(eventType, data), []);
  }

  /** The whole sentence as plain text: `ana pruned DEVELOPER`. `who`: what to call the user; else what the event says. */
  sentence(
    event: Pick<CollaborationEvent, 'eventType' | 'data' | 'userId' | 'userName'>,
    who: string = event.userName ?? event.userId,
  ): string {
    return `${isolated(who)} ${plain(this.predicate(event))}`;
  }

  /** The filters of a timeline: those of grafts, prunes and flags, and of what else is among the events, known or not. */
  filters(events: readonly CollaborationEvent[]): readonly KindFilter[] {
    const types = new Set(events.map(({ eventType }) => eventType));
    const titles = new Map<string, string>();
    for (const [eventType, { kind, filter }] of this.tellings) {
      if (filter !== undefined && (alwaysThere.includes(kind) || types.has(eventType))) titles.set(kind, filter);
    }
    const unknown = [...types].filter((eventType) => !this.tellings.has(eventType)).sort();
    const others = unknown.length > mostTypes ? [{ kind: 'other', title: 'Other' }] : unknown.map(filterOfType);
    return [...Array.from(titles, ([kind, title]) => ({ kind, title })), ...others];
  }
}

/** A name in a sentence, of whatever a field holds: `?` where it is none. */
export function named(value: unknown): Words {
  return { text: typeof value === 'string' && value.length > 0 ? legible(value) : '?', strong: true, others: true };
}

/** What somebody has written, after what was done: `: “who pays?”`; nothing where the field holds no text. */
export function quoted(value: unknown): readonly Words[] {
  return typeof value === 'string' && value.length > 0 ? [{ text: ': “' }, { text: legible(value), others: true }, { text: '”' }] : [];
}

/** Words as plain text, without markup that would isolate what is in it. */
export function plain(words: readonly Words[]): string {
  return words.map(({ text, others }) => (others ? isolated(text) : text)).join('');
}

/** A type that is not known may be about a step, and say something, all the same. */
function unknown(eventType: string, data: CollaborationEvent['data']): readonly Words[] {
  const step = data['stepId'];
  const about = typeof step === 'string' && step.length > 0 ? [{ text: ' for ' }, named(step)] : [];
  return [{ text: 'sent ' }, named(eventType), ...about, ...quoted(saidIn(data))];
}

/** What it has to say, if it says it where most do. */
function saidIn(data: CollaborationEvent['data']): unknown {
  return ['text', 'message', 'note', 'comment', 'title', 'result'].map((field) => data[field]).find((value) => typeof value === 'string');
}
