import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { StateFingerprint } from '../../src/index.js';

/** A scenario of `tests/conformance`; its README says what each field means. */
export interface Scenario {
  readonly name: string;
  readonly about: string;
  readonly options?: {
    readonly maxQueued?: number;
    readonly maxEvents?: number;
    readonly fallbackAfter?: number;
    readonly pollIntervalMs?: number;
    readonly pingIntervalMs?: number;
  };
  readonly pings?: 'manual';
  readonly tokens?: readonly (TokenText | 'fails' | 'never')[];
  readonly steps: readonly Step[];
}

export interface TokenText {
  readonly user?: string;
  readonly expiresInMs?: number;
}

/** An event: a number for the usual flag, `"5-9"` for several, or what it says. */
export type EventText =
  | number
  | string
  | {
      readonly sequenceNumber?: number;
      readonly eventType: string;
      readonly userId?: string;
      readonly userName?: string;
      readonly data?: object;
      readonly messageId?: string;
    };

export interface RunText {
  readonly epoch?: string;
  readonly events?: readonly EventText[];
  readonly lastSequence?: number;
  readonly oldestSequence?: number;
  readonly truncated?: boolean;
  readonly ended?: boolean;
  readonly state?: object;
  readonly activeUsers?: readonly string[];
  readonly cursorPositions?: Readonly<Record<string, string>>;
  readonly userNames?: Readonly<Record<string, string>>;
  readonly branchedFrom?: { readonly runId: string; readonly sequence: number };
  readonly fingerprint?: StateFingerprint;
  readonly latestBy?: Readonly<Record<string, string>>;
  readonly presence?: readonly object[];
}

interface AckText {
  readonly sequenceNumber: number | null;
  readonly duplicate?: boolean;
}

export interface AnswerStep {
  readonly answer: string;
  readonly connection?: number;
  readonly run?: RunText;
  readonly ack?: AckText;
  readonly results?: readonly (
    AckText | { readonly code: string; readonly retryAfterMs?: number; readonly events?: readonly EventText[] }
  )[];
  readonly state?: number | object;
  readonly lastSequence?: number | null;
  readonly seen?: Readonly<Record<string, number>>;
  readonly error?: string;
  readonly problem?: {
    readonly status: number;
    readonly code?: string;
    readonly retryAfter?: number;
    readonly events?: readonly EventText[];
  };
  readonly page?: string;
  readonly fails?: true;
}

export interface Expectation {
  readonly connection?: string;
  readonly error?: string | null;
  readonly reason?: string | null;
  readonly attempt?: number;
  readonly retryInMs?: number | null;
  readonly probing?: boolean;
  readonly reachable?: boolean;
  readonly isConnected?: boolean;
  readonly usingFallback?: boolean;
  readonly userId?: string | null;
  readonly canWrite?: boolean | null;
  readonly epoch?: string | null;
  readonly delivered?: readonly (number | string)[];
  readonly replayed?: readonly (number | string)[];
  readonly ephemeral?: readonly string[];
  readonly events?: readonly (number | string)[];
  readonly lastSequence?: number;
  readonly oldestSequence?: number;
  readonly truncated?: boolean;
  readonly state?: object;
  readonly activeUsers?: readonly string[];
  readonly cursorPositions?: object;
  readonly pending?: readonly (readonly [string, string])[];
  readonly conflicts?: readonly (readonly [string, readonly number[]])[];
  readonly queuedCount?: number;
  readonly seen?: object;
  readonly agents?: readonly string[];
  readonly waits?: Readonly<Record<string, string>>;
  readonly outcomes?: Readonly<Record<string, string | number>>;
  readonly health?: object;
}

export type Step =
  | { readonly connect: true }
  | { readonly retryNow: true }
  | { readonly close: true }
  | { readonly reload: 'orderly' | 'crash' }
  | { readonly otherPage: readonly string[]; readonly ends: 'orderly' | 'crash' }
  | { readonly page: 'resume' | 'online' | 'offline' | 'hide' }
  | { readonly publish: string; readonly eventType?: string; readonly data?: object; readonly basedOn?: number }
  | { readonly whenSeen: number; readonly users?: readonly string[]; readonly as: string }
  | { readonly giveUp: string }
  | { readonly moveCursor: string | null }
  | { readonly retry: string }
  | { readonly edit: string; readonly data: object }
  | { readonly discard: string }
  | { readonly advance: number }
  | { readonly live: RunText; readonly connection?: number }
  | AnswerStep
  | { readonly receive: readonly EventText[]; readonly connection: number }
  | { readonly fingerprint: StateFingerprint; readonly connection: number }
  | { readonly drop: number; readonly error?: string }
  | { readonly requests: readonly string[] }
  | { readonly expect: Expectation };

const folder = new URL('../../../../../tests/conformance/', import.meta.url);

/** Every scenario, by file name. */
export function scenarios(): [string, Scenario][] {
  const names = readdirSync(fileURLToPath(folder)).filter((name) => name.endsWith('.json'));
  return names.sort().map((name) => [name, JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as Scenario]);
}
