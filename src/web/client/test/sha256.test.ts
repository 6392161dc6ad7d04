import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { sha256 } from '../src/sha256.js';

test.each([0, 1, 3, 55, 56, 63, 64, 65, 119, 120, 1000, 100_000])('SHA-256 of %i bytes is as others make it', (length) => {
  const bytes = Uint8Array.from({ length }, (_, index) => (index * 7919) >> 3);
  expect(Buffer.from(sha256(bytes)).toString('hex')).toBe(createHash('sha256').update(bytes).digest('hex'));
});
