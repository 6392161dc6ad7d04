import { count, duration, milliseconds, percent, rate } from './figures';

it.each([
  [count(12_345), '12,345'],
  [count(1_234_567), '1.23M'],
  [rate(0), '0'],
  [rate(0.44), '0.4'],
  [rate(99.96), '100'],
  [rate(1250.4), '1,250'],
  [rate(null), '–'],
  [milliseconds(8.44), '8.4 ms'],
  [milliseconds(null), '–'],
  [percent(1), '100 %'],
  [percent(0.99999), '99.9 %'],
  [percent(0.5), '50 %'],
  [duration(59), '59 s'],
  [duration(3599), '59 min'],
  [duration(3660), '1 h 1 min'],
  [duration(90_000), '1 d 1 h'],
])('%s is written %s', (written, expected) => expect(written).toBe(expected));
