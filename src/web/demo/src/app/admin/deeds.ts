import { signal } from '@angular/core';
import { problemOf, SilentServer } from '../shared/request';

/** Does what an administrator asks for, and says how it went. */
export class Deeds {
  private readonly sentence = signal('');

  /** @param focus Takes the focus to where it is said: the button that was pressed may go away with its row. */
  constructor(private readonly focus: () => void) {}

  /** How the last one went; empty before. */
  readonly said = this.sentence.asReadonly();

  /** Completes, whether it could be done or not, when it is known. */
  async do(deed: () => Promise<string>): Promise<void> {
    this.sentence.set('');
    try {
      this.sentence.set(await deed());
    } catch (error) {
      this.sentence.set(
        error instanceof SilentServer ? 'That did not work: the server does not answer.' : `That did not work. ${problemOf(error)}`,
      );
    }
    this.focus();
  }
}
