/** Full jitter: anything from 0 up to a bound that doubles with each attempt, so that many clients do not come back at the same moment. */
export function fullJitter(random: () => number, baseMs = 500, capMs = 15_000): (attempt: number) => number {
  return (attempt) => random() * doubled(baseMs, capMs, attempt);
}

/** Half of the time fixed, half by chance: for a server that asked to be left alone, where coming back at once would be no pause at all. */
export function halfJitter(random: () => number, baseMs = 1000, capMs = 15_000): (attempt: number) => number {
  return (attempt) => (0.5 + 0.5 * random()) * doubled(baseMs, capMs, attempt);
}

/** Anything from 0 to a second, after the server has sent this client elsewhere: at once, but not all of its clients at the same moment. */
export function sentAway(random: () => number): () => number {
  return () => random() * 1000;
}

function doubled(baseMs: number, capMs: number, attempt: number): number {
  return Math.min(capMs, baseMs * 2 ** (Math.max(1, attempt) - 1));
}
