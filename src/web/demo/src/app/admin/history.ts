import { EndingCode } from '@collab/client';
import { ConnectionHistory } from './admin-contract';
import { Sample, span } from './samples';
import { endings } from './words';

/** What the servers remember, as points of the charts. `at`: now, in ms of the clock that samples go by. */
export function samplesOf({ now, intervalMs, samples }: ConnectionHistory, at: number): readonly Sample[] {
  const perSecond = (count: number): number => count / (intervalMs / 1000);
  return samples.map((sample) => ({
    at: at - (now - sample.at),
    connections: sample.connections,
    streams: sample.streams,
    messagesIn: perSecond(sample.messagesIn),
    messagesOut: perSecond(sample.messagesOut),
    latencyP50: sample.latencyP50,
    latencyP95: sample.latencyP95,
  }));
}

/** The samples that the page took itself, and the remembered ones where it took none: before it was opened, and while it was not seen. */
export function filled(taken: readonly Sample[], remembered: readonly Sample[], interval: number): readonly Sample[] {
  const newest = taken.at(-1)?.at ?? remembered.at(-1)?.at ?? 0;
  const missing = remembered.filter(({ at }) => at <= newest && !taken.some((sample) => Math.abs(sample.at - at) < interval));
  if (missing.length === 0) return taken;
  return [...taken, ...missing].filter(({ at }) => at >= newest - span).sort((one, other) => one.at - other.at);
}

/** Why servers ended connections, in words, the most frequent reason first. */
export function endingsOf({ samples }: ConnectionHistory): readonly { readonly why: string; readonly count: number }[] {
  const counts = new Map<string, number>();
  for (const sample of samples) {
    for (const [code, count] of Object.entries(sample.endings)) counts.set(code, (counts.get(code) ?? 0) + count);
  }
  return [...counts]
    .map(([code, count]) => ({ why: Object.hasOwn(endings, code) ? endings[code as EndingCode] : code, count }))
    .sort((one, other) => other.count - one.count);
}

/** Polls per second in the newest interval; null: nothing is known yet. */
export function pollRate({ samples, intervalMs }: ConnectionHistory): number | null {
  const newest = samples.at(-1);
  return newest === undefined ? null : newest.polls / (intervalMs / 1000);
}
