/** How many of `times` (Unix ms) fall into each of `buckets` equal parts between the first and the last of them. */
export function activity(times: readonly number[], buckets: number): readonly number[] {
  const counts = new Array<number>(buckets).fill(0);
  const first = Math.min(...times);
  const span = Math.max(...times) - first;
  for (const time of times) {
    const bucket = span === 0 ? buckets - 1 : Math.min(buckets - 1, Math.floor(((time - first) / span) * buckets));
    counts[bucket] = (counts[bucket] ?? 0) + 1;
  }
  return counts;
}
