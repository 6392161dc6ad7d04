import { CollaborationEvent } from '@collab/client';
import { CollabSentences, Words } from '../events/sentences';
import { clockTime, fullTime } from '../look/format';
import { isolated } from '../look/text';
import { called, Names, userColour } from '../look/user';

/** Sentences of more characters are cut. */
const longText = 180;

/** An event as the timeline shows it. */
export interface Row {
  readonly event: CollaborationEvent;
  readonly sequence: number;
  /** What to call who did it. */
  readonly who: string;
  /** Who it was, for tooltips. */
  readonly id: string;
  readonly colour: string;
  readonly words: readonly Words[];
  readonly time: string;
  readonly fullTime: string;
  /** Longer than a row should be: it is cut until one asks for all of it. */
  readonly isLong: boolean;
}

/** Events as rows. An event never changes, and its row only with what people are called: a busy run works out only what is new. */
export class Rows {
  private readonly known = new WeakMap<CollaborationEvent, Row & { readonly names: Names }>();

  constructor(private readonly sentences: CollabSentences) {}

  of(event: CollaborationEvent, names: Names): Row {
    const known = this.known.get(event);
    if (known && (known.names === names || event.userName !== undefined)) return known;
    const words = known?.words ?? this.sentences.predicate(event);
    const row = {
      event,
      names,
      words,
      sequence: event.sequenceNumber ?? 0,
      // What the event itself calls them: people change their names.
      who: called(event.userId, event.userName === undefined ? names : { [event.userId]: event.userName }),
      id: isolated(event.userId),
      colour: userColour(event.userId),
      isLong: words.reduce((sum, { text }) => sum + text.length, 0) > longText,
      time: clockTime(event.timestamp),
      fullTime: fullTime(event.timestamp),
    };
    this.known.set(event, row);
    return row;
  }
}
