import { place, type Cursor } from './cursor.js';
import type { CollaborationEvent } from './event.js';
import { EventList } from './event-list.js';
import type { StateFingerprint } from './fingerprint.js';
import { emptyState, stateFold, type PipelineState } from './fold.js';
import { FoldCheck } from './fold-check.js';
import type { HealthMeter } from './health.js';
import { noEntries } from './latest.js';
import { isOwnName, type StateFailed, type StateReducers } from './own-state.js';
import { dictionary } from './dictionary.js';
import { Presence } from './presence.js';
import { SignatureCheck, type WrongEvent } from './signatures.js';
import { UserNames } from './user-names.js';
import type { BranchOrigin } from './reads.js';
import type { RunAnswer } from './wire.js';

/** Where an event comes from: `replayed` is the history that the first join brought. */
export type Origin = 'live' | 'replayed';

/**
 * What is known of the run, whichever transport brought it. Here, and nowhere else, events are put in order: each critical one is handed on
 * once, in the order of its number.
 */
export class RunView {
  readonly presence = new Presence();
  readonly names = new UserNames();
  readonly #events: EventList;
  readonly #health: HealthMeter;
  readonly #deliver: (event: CollaborationEvent, origin: Origin) => void;
  readonly #states: StateReducers;
  readonly #fold: ReturnType<typeof stateFold>;
  readonly #check: FoldCheck;
  readonly #signatures: SignatureCheck;
  /** What the last state from the server held beside what is built in. */
  #held = heldBy(emptyState);
  #cursor: Cursor = { epoch: null, last: 0 };
  #state = emptyState;
  #branchedFrom: BranchOrigin | null = null;
  /** Whether the history of this log is still to come. */
  #isFresh = true;
  /** How far the last answer reaches; what it did not hold yet follows as events. */
  #joinedUpTo = 0;
  #hasEnded = false;
  /** Where the history ends that was there when this client came. */
  #historyUpTo = 0;

  constructor(
    maxEvents: number,
    health: HealthMeter,
    deliver: (event: CollaborationEvent, origin: Origin) => void,
    states: StateReducers = {},
    stateFailed: StateFailed = () => undefined,
    signingKeys: readonly string[] = [],
  ) {
    this.#signatures = new SignatureCheck(signingKeys);
    this.#states = states;
    this.#fold = stateFold(states, stateFailed);
    this.#events = new EventList(maxEvents);
    this.#health = health;
    this.#deliver = deliver;
    this.#check = new FoldCheck(() => {
      health.fingerprintDiffered();
    });
  }

  get cursor(): Cursor {
    return this.#cursor;
  }

  get events(): readonly CollaborationEvent[] {
    return this.#events.shown;
  }

  get state(): PipelineState {
    return this.#state;
  }

  /** The state is not what the server says it comes to: a join, or a state over HTTP, is wanted. */
  get wantsState(): boolean {
    return this.#check.isWanted;
  }

  /** Whether to ask for it now; once for each difference. */
  takeQuestion(): boolean {
    return this.#check.takeQuestion();
  }

  /** The run takes no more events. */
  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** The run has ended, and all its events are here: there is nothing to wait for. */
  get isOver(): boolean {
    return this.#hasEnded && this.#cursor.last >= this.#joinedUpTo;
  }

  /** The first event that is not as the server signed it. */
  get wrong(): WrongEvent | null {
    return this.#signatures.wrong;
  }

  get branchedFrom(): BranchOrigin | null {
    return this.#branchedFrom;
  }

  /** The position to join or poll from; null: from the start. */
  get position(): number | null {
    return this.#isFresh ? null : this.#cursor.last;
  }

  /**
   * Applies the answer to a join or a poll.
   * @param asked The position that was asked from.
   * @returns False if the run's log is another one and the answer tells only its end: ask again, from the new position.
   */
  apply(answer: RunAnswer, asked: number | null): boolean {
    const isAnother = this.#cursor.epoch !== null && this.#cursor.epoch !== answer.epoch;
    if (isAnother) this.#forget();
    this.#cursor = { ...this.#cursor, epoch: answer.epoch };
    this.#branchedFrom = answer.branchedFrom;
    this.presence.replace(answer.activeUsers, answer.cursorPositions, answer.presence);
    this.#check.expect(answer.fingerprint);
    this.#check.compare(this.#state);
    if (answer.state !== null) this.#adopt(answer.state);
    else if (asked === null || asked === 0) this.#begin(answer.latestBy ?? {});
    if (isAnother && asked !== null && asked > 0 && answer.lastSequence > 0) return false;

    if (this.#isFresh) this.#historyUpTo = answer.lastSequence;
    this.#joinedUpTo = answer.lastSequence;
    // Another server may not have heard of it yet.
    this.#hasEnded ||= answer.ended;
    this.#isFresh = false;
    // What the server no longer keeps is a gap that nothing can fill. The state covers it; a list with a hole would mislead.
    if (answer.truncated) this.#events.clear();
    for (const event of answer.events) {
      if (event.sequenceNumber !== null && place(this.#cursor, event.sequenceNumber) !== 'duplicate')
        this.#take(event, event.sequenceNumber);
    }
    this.names.rememberAll(answer.userNames);
    return true;
  }

  /** The server says what the state comes to after an event, before or as that comes. */
  expect(fingerprint: StateFingerprint): void {
    this.#check.expect(fingerprint);
    this.#check.compare(this.#state);
  }

  /**
   * Takes events as they happen.
   * @returns False if critical events are missing before one of these: join again. That one and the critical ones after it are left to the
   * join's answer.
   */
  receive(events: readonly CollaborationEvent[]): boolean {
    let isWhole = true;
    for (const event of events) {
      if (!event.isCritical) {
        this.presence.apply(event);
        this.#rememberName(event);
        this.#deliver(event, 'live');
      } else if (isWhole && event.sequenceNumber !== null) isWhole = this.#receiveCritical(event, event.sequenceNumber);
    }
    return isWhole;
  }

  #receiveCritical(event: CollaborationEvent, sequence: number): boolean {
    switch (place(this.#cursor, sequence)) {
      case 'duplicate':
        return true;
      case 'next':
        // The rest of a join is no more a live event than its beginning was.
        if (sequence > this.#joinedUpTo) this.#health.received(1);
        this.#take(event, sequence);
        return true;
      case 'gap':
        this.#health.missed(sequence - this.#cursor.last - 1);
        return false;
    }
  }

  #take(event: CollaborationEvent, sequence: number): void {
    this.#signatures.take(this.#cursor.epoch, event, sequence);
    this.#cursor = { ...this.#cursor, last: sequence };
    this.#hasEnded ||= event.eventType === 'RUN_END';
    this.#state = this.#fold(this.#state, event);
    this.#check.compare(this.#state);
    this.#events.add(event);
    this.#rememberName(event);
    this.#deliver(event, sequence <= this.#historyUpTo ? 'replayed' : 'live');
  }

  #rememberName({ userId, userName }: CollaborationEvent): void {
    if (userName !== undefined) this.names.remember(userId, userName);
  }

  /**
   * Goes on from the server's state if it is newer, or holds what this client has never had from it: which fields the newest events are
   * kept by, say, which no event tells. A state of the application's without a rule would stand still: it is left out.
   */
  #adopt(state: PipelineState): void {
    const held = heldBy(state);
    const { asOfSequence } = this.#state;
    if (state.asOfSequence < asOfSequence) return;
    const isKnown = state.asOfSequence === asOfSequence && held === this.#held;
    if (isKnown && this.#check.isSure && !this.#check.isWanted) return;
    this.#held = held;
    const { fingerprint, ...kept } = state;
    this.#state = Object.fromEntries(
      Object.entries(kept).filter(([name]) => !isOwnName(name) || Object.hasOwn(this.#states, name)),
    ) as unknown as PipelineState;
    this.#check.taken(state.asOfSequence);
    this.#check.expect(fingerprint ?? null);
    this.#check.compare(this.#state);
  }

  /** Begins to fold at the start of a log whose state no answer has brought, with the fields that the newest events go by. */
  #begin(latestBy: Readonly<Record<string, string>>): void {
    if (this.#state.asOfSequence > 0) return;
    const types = Object.keys(latestBy);
    const latest = dictionary(Object.fromEntries(types.map((type) => [type, noEntries])));
    if (types.length > 0) this.#adopt({ ...emptyState, latest, latestBy });
    this.#check.taken(0);
    this.#check.compare(this.#state);
  }

  #forget(): void {
    this.#cursor = { epoch: null, last: 0 };
    this.#state = emptyState;
    this.#held = heldBy(emptyState);
    this.#check.forget();
    this.#signatures.forget();
    this.#events.clear();
    this.#isFresh = true;
    this.#hasEnded = false;
    this.#joinedUpTo = 0;
    this.#historyUpTo = 0;
  }
}

function heldBy(state: PipelineState): string {
  return JSON.stringify([Object.keys(state).filter(isOwnName).sort(), Object.entries(state.latestBy ?? {}).sort()]);
}
