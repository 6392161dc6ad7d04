import type { PendingSend } from './snapshot.js';

/** So many sends the server takes at once. */
export const maxBatch = 100;

/** A frame of more than 64 KiB would end the connection. What SignalR and each event put around the data is counted in full. */
const maxBytes = 48 * 1024;
const overhead = 250;

const encoder = new TextEncoder();

/**
 * The first of what waits that go together: `most` at most, and no more bytes than a frame has room for; the first one goes in any case.
 * @param isLast Nothing goes behind it, for it may have to be sent again.
 */
export function batchOf<T extends { readonly send: PendingSend }>(
  waiting: readonly T[],
  most: number,
  isLast: (entry: T) => boolean = () => false,
): readonly [T, ...T[]] | null {
  const [first, ...others] = waiting;
  if (first === undefined) return null;
  const batch: [T, ...T[]] = [first];
  let bytes = sizeOf(first.send);
  let end = first;
  for (const entry of others.slice(0, most - 1)) {
    bytes += sizeOf(entry.send);
    if (bytes > maxBytes || isLast(end)) break;
    batch.push(entry);
    end = entry;
  }
  return batch;
}

function sizeOf({ data, eventType }: PendingSend): number {
  return encoder.encode(JSON.stringify(data)).length + eventType.length + overhead;
}
