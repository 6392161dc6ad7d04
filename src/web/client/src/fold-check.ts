import { fingerprintOf, type StateFingerprint } from './fingerprint.js';
import type { PipelineState } from './fold.js';

/** So often in a row a state is taken anew without one of this client's own folding that agrees. */
const maxHeals = 3;
/** More are never waited for: each is passed, or of a number that this client comes to soon. */
const maxExpected = 8;

/**
 * Compares what this client has folded with what the server says the state comes to. One that differs is to be taken from the server anew,
 * a few times at most: a client that folds in another way, or a server that does, would else ask for ever.
 */
export class FoldCheck {
  readonly #differs: (sequence: number) => void;
  readonly #expected = new Map<number, string>();
  #isSure = false;
  #heals = 0;
  #isWanted = false;
  #isToBeAsked = false;
  /** Where the state last came from the server. */
  #takenAt = 0;

  constructor(differs: (sequence: number) => void) {
    this.#differs = differs;
  }

  /** The state began where the server's does. Before that nothing is known of it: not the fields that it goes by, either. */
  get isSure(): boolean {
    return this.#isSure;
  }

  /** The state is not the server's, and shall be taken anew. */
  get isWanted(): boolean {
    return this.#isWanted;
  }

  /** Whether to ask for it now. It is not worth to ask again before there is another difference. */
  takeQuestion(): boolean {
    const isToBeAsked = this.#isToBeAsked;
    this.#isToBeAsked = false;
    return isToBeAsked;
  }

  /** The server says what the state comes to after an event. */
  expect(fingerprint: StateFingerprint | null): void {
    if (fingerprint === null) return;
    this.#expected.set(fingerprint.sequence, fingerprint.hash);
    if (this.#expected.size > maxExpected) this.#expected.delete(Math.min(...this.#expected.keys()));
  }

  /** The state is one of the server's. */
  taken(sequence: number): void {
    this.#isSure = true;
    this.#takenAt = sequence;
    this.#isWanted = false;
    this.#isToBeAsked = false;
  }

  /** The state has come to an event: if the server has said what it is then, it is compared. */
  compare(state: PipelineState): void {
    // What is known to differ is not counted twice.
    if (!this.#isSure || this.#isWanted || this.#expected.size === 0) return;
    const hash = this.#expected.get(state.asOfSequence);
    if (hash !== undefined) this.#compare(state, hash);
    for (const sequence of this.#expected.keys()) if (sequence <= state.asOfSequence) this.#expected.delete(sequence);
  }

  /** The log is another one. */
  forget(): void {
    this.#expected.clear();
    this.#heals = 0;
    this.taken(0);
    this.#isSure = false;
  }

  #compare(state: PipelineState, hash: string): void {
    if (fingerprintOf(state).hash === hash) {
      // That a state which was just taken is the server's says nothing of how this client folds.
      if (state.asOfSequence > this.#takenAt) this.#heals = 0;
      return;
    }
    this.#differs(state.asOfSequence);
    if (this.#heals === maxHeals) return;
    this.#heals++;
    this.#isWanted = true;
    this.#isToBeAsked = true;
  }
}
