import type { PipelineState } from './fold.js';
import { sha256 } from './sha256.js';

/**
 * What a run's state comes to after an event, short enough to be sent along: who folds the same events as the server has the same one.
 * States that the application adds are not in it, for not every client has their rules.
 */
export interface StateFingerprint {
  /** The last event that is folded in; 0 before the first. */
  readonly sequence: number;
  /** The first 16 bytes of the SHA-256 of the state's canonical form, as 32 digits: 0 to 9, a to f. */
  readonly hash: string;
}

/** The fingerprint of a state, as server and clients make it. */
export function fingerprintOf(state: PipelineState): StateFingerprint {
  const bytes = new TextEncoder().encode(canonical(whatCounts(state)));
  const hash = Array.from(sha256(bytes).subarray(0, 16), (byte) => byte.toString(16).padStart(2, '0')).join('');
  return { sequence: state.asOfSequence, hash };
}

/** What every client folds, with every field that there is. */
function whatCounts({ asOfSequence, ended, flags, grafts, latest, latestBy, prunedSteps }: PipelineState): unknown {
  const types = Object.keys(latestBy ?? {});
  if (types.length === 0) return { asOfSequence, ended, flags, grafts, prunedSteps };
  const kept = types.map((type) => [type, latest !== undefined && Object.hasOwn(latest, type) ? latest[type] : {}] as const);
  return { asOfSequence, ended, flags, grafts, latest: new Map(kept), latestBy, prunedSteps };
}

/**
 * A value in the one form of which fingerprints and signatures are made: the same in every language, whatever a store or a transport has
 * made of the order of fields and the form of numbers.
 */
export function canonical(value: unknown): string {
  if (typeof value === 'string') return `s${String(lengthOf(value))}:${value}`;
  if (typeof value === 'number') return `d${bitsOf(value)}`;
  if (value === null) return 'n';
  if (typeof value === 'boolean') return value ? 't' : 'f';
  if (Array.isArray(value)) return `[${value.map(canonical).join('')}]`;
  const fields = value instanceof Map ? [...(value as Map<string, unknown>)] : Object.entries(value as object);
  const written = fields.filter(([, field]) => field !== undefined).sort(([one], [other]) => (one < other ? -1 : 1));
  return `{${written.map(([name, field]) => canonical(name) + canonical(field)).join('')}}`;
}

const double = new DataView(new ArrayBuffer(8));

/** Stores and transports differ on the sign of zero. */
function bitsOf(value: number): string {
  double.setFloat64(0, value === 0 ? 0 : value);
  return [0, 4].map((at) => double.getUint32(at).toString(16).padStart(8, '0')).join('');
}

/** Bytes in UTF-8. */
function lengthOf(text: string): number {
  let length = text.length;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    // Each half of a pair counts for two of its four bytes.
    if (unit >= 0x80) length += unit < 0x800 || (unit >= 0xd800 && unit < 0xe000) ? 1 : 2;
  }
  return length;
}
