import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { CollaborationEvent } from '../src/event.js';
import { formOf, SignatureCheck } from '../src/signatures.js';

interface Example {
  readonly keys: string[];
  readonly epoch: string;
  readonly events: { readonly event: CollaborationEvent & { signature: string }; readonly form: string }[];
}

const example = JSON.parse(readFileSync(new URL('../../../../tests/conformance/signing/chain.json', import.meta.url), 'utf8')) as Example;
const [first, second] = example.events.map(({ event }) => event) as [Example['events'][0]['event'], Example['events'][0]['event']];

function wrongAfter(...events: CollaborationEvent[]): unknown {
  const check = new SignatureCheck(example.keys);
  for (const event of events) check.take(example.epoch, event, event.sequenceNumber ?? 0);
  return check.wrong;
}

describe('signatures', () => {
  it('are made of the form of the example', () => {
    for (const { event, form } of example.events) expect(formOf(example.epoch, event, event.signature.split('.')[2] ?? null)).toBe(form);
  });

  it('are found to be right, from the first event on and from a later one', () => {
    expect(wrongAfter(first, second)).toBeNull();
    expect(wrongAfter(second)).toBeNull();
  });

  it.each([
    { userId: 'eve' },
    { userName: 'Eve' },
    { eventType: 'PRUNE' },
    { timestamp: 1 },
    { data: {} },
    { messageId: 'other' },
    { signature: `2026.${'x'.repeat(43)}` },
    { signature: 'none' },
    { signature: '2026.' },
  ])('name an event in which something was changed: %o', (change) => {
    expect(wrongAfter(first, { ...second, ...change })).toEqual({ sequenceNumber: 2, reason: 'changed' });
  });

  it('name what has none behind one that has, what does not follow, and what an unknown key has signed', () => {
    const bare = { ...second } as Partial<typeof second>;
    delete bare.signature;
    expect(wrongAfter(first, bare as CollaborationEvent)).toEqual({ sequenceNumber: 2, reason: 'unsigned' });
    expect(wrongAfter(bare as CollaborationEvent, { ...second, sequenceNumber: 3 })).toEqual({ sequenceNumber: 3, reason: 'changed' });
    expect(wrongAfter({ ...(bare as CollaborationEvent), sequenceNumber: 1 }, second)).toEqual({ sequenceNumber: 2, reason: 'changed' });
    const check = new SignatureCheck(example.keys.slice(0, 1));
    check.take(example.epoch, first, 1);
    expect(check.wrong).toEqual({ sequenceNumber: 1, reason: 'unknown_key' });
    check.forget();
    expect(check.wrong).toBeNull();
  });

  it('are not looked at without keys, and keys that are none are refused without being told', () => {
    const check = new SignatureCheck();
    check.take(example.epoch, { ...first, userId: 'eve' }, 1);
    expect(check.wrong).toBeNull();
    expect(() => new SignatureCheck(['k:short'])).toThrow('signingKeys[0] must be an id, a colon, and 32 bytes or more.');
  });
});
