/** Where a client stands in a run's log. */
export interface Cursor {
  /** Identity of the log; null before the first answer. */
  readonly epoch: string | null;
  /** The highest sequence number seen; 0 before the first. */
  readonly last: number;
}

/** What an event is to a client that stands at a cursor: seen before, the one that comes next, or one after some that are missing. */
export function place(cursor: Cursor, sequence: number): 'duplicate' | 'next' | 'gap' {
  if (sequence <= cursor.last) return 'duplicate';
  return sequence === cursor.last + 1 ? 'next' : 'gap';
}
