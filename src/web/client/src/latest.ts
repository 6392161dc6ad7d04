import { dictionary } from './dictionary.js';

/** The newest event of a type that has one value in the field that the type is configured to go by. */
export interface LatestEntry {
  readonly data: Readonly<Record<string, unknown>>;
  readonly userId: string;
  readonly sequenceNumber: number;
}

/** By the value of the field. It has no prototype. */
export type LatestEntries = Readonly<Record<string, LatestEntry>>;

/** No entries yet. */
export const noEntries: LatestEntries = Object.freeze(dictionary<LatestEntry>());

/** Text as it is, a whole number in digits, `true` or `false`; of other values, and without one, no event is kept. */
export function latestKey(value: unknown): string | null {
  if (typeof value === 'string') return value;
  return typeof value === 'boolean' || Number.isSafeInteger(value) ? String(value) : null;
}

/** What an entry counts, beside its key. */
export const lengthOfLatest = (entry: LatestEntry): number => entry.userId.length + lengthOf(entry.data);

/** About the length of the JSON, counted as every server and client counts it: the form of numbers makes no difference. */
function lengthOf(value: unknown): number {
  if (typeof value === 'string') return 2 + value.length;
  if (Array.isArray(value)) return value.reduce<number>((sum, element) => sum + 1 + lengthOf(element), 2);
  if (typeof value !== 'object' || value === null) return 8;
  return Object.entries(value).reduce((sum, [name, field]) => sum + 4 + name.length + lengthOf(field), 2);
}
