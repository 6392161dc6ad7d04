import { signal } from '@angular/core';
import { problemOf, SilentServer } from '../shared/request';

/** Does what an administrator asks for, one thing after the other, and says how it went. */
export class Deeds {
  private readonly sentence = signal('');
  private readonly busy = signal(false);

  /**
   * @param focus Takes the focus to where it is said: the button that was pressed may go away with its row.
   * @param changed Called after each: what is shown is out of date.
   */
  constructor(
    private readonly focus: () => void,
    private readonly changed: () => void,
  ) {}

  /** How the last one went; empty before. */
  readonly said = this.sentence.asReadonly();
  /** Whether one is being done. */
  readonly isBusy = this.busy.asReadonly();

  /** Completes, whether it could be done or not, when it is known. */
  async do(deed: () => Promise<string>): Promise<void> {
    this.sentence.set('');
    this.busy.set(true);
    try {
      this.sentence.set(await deed());
    } catch (error) {
      this.sentence.set(
        error instanceof SilentServer ? 'That did not work: the server does not answer.' : `That did not work. ${problemOf(error)}`,
      );
    }
    this.focus();
    this.busy.set(false);
    this.changed();
  }
}
