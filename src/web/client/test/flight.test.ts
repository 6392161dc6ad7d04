import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { EndedByServer, type EndingCode } from '../src/ending.js';
import { CollabError, NoAnswer, type CollabErrorCode } from '../src/errors.js';
import { FlightRecorder, type FlightStep } from '../src/flight.js';
import { FakeClock } from './kit/fake-clock.js';

interface Failure {
  readonly ended?: EndingCode;
  readonly refused?: CollabErrorCode;
  readonly noAnswer?: string;
  readonly silent?: boolean;
  readonly message?: string;
}

interface Deed {
  readonly add?: FlightStep;
  readonly connected?: boolean;
  readonly advance?: number;
  readonly heard?: boolean;
  readonly ran?: boolean;
  readonly lost?: Failure;
  readonly failed?: Failure;
  readonly online?: boolean;
}

interface Case {
  readonly name: string;
  readonly do: readonly Deed[];
  readonly expect: readonly (readonly [FlightStep, string | null, number])[];
}

const cases = JSON.parse(readFileSync(new URL('../../../../tests/conformance/flight/cases.json', import.meta.url), 'utf8')) as Case[];

describe('What became of a connection', () => {
  it.each(cases)('$name', async (one) => {
    const clock = new FakeClock();
    const recorder = new FlightRecorder('tab', clock);
    for (const deed of one.do) await act(deed, recorder, clock);
    expect(recorder.flight.entries.map(({ step, cause, times }) => [step, cause, times])).toEqual(one.expect);
  });

  it('is kept for the last 100 steps', () => {
    const recorder = new FlightRecorder('tab', new FakeClock());
    for (let i = 0; i < 101; i++) recorder.add('failed', `Attempt ${String(i)}.`);
    expect(recorder.flight.entries).toHaveLength(100);
    expect(recorder.flight.entries[0]?.cause).toBe('Attempt 1.');
    expect(recorder.flight.entries.at(-1)?.cause).toBe('Attempt 100.');
    expect(recorder.flight.traceId).toBe('tab');
  });
});

async function act(deed: Deed, recorder: FlightRecorder, clock: FakeClock): Promise<void> {
  if (deed.add !== undefined) recorder.add(deed.add);
  if (deed.connected === true) recorder.connected(false);
  if (deed.advance !== undefined) await clock.advance(deed.advance);
  if (deed.heard === true) recorder.heard();
  if (deed.ran === true) recorder.ran();
  if (deed.lost !== undefined) recorder.lost(errorOf(deed.lost), deed.online ?? true);
  if (deed.failed !== undefined) recorder.failed('failed', errorOf(deed.failed), deed.online ?? true);
}

function errorOf({ ended, refused, noAnswer, silent, message = '' }: Failure): unknown {
  if (ended !== undefined) return new EndedByServer(ended, message);
  if (refused !== undefined) return new CollabError(refused, message);
  if (noAnswer !== undefined) return new NoAnswer(noAnswer);
  return silent === true ? new Error('Server timeout elapsed without receiving a message from the server.') : undefined;
}
