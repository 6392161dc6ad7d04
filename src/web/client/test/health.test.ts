import { describe, expect, test } from 'vitest';
import { qualityScore } from '../src/index.js';
import { HealthMeter } from '../src/health.js';

describe('The quality score', () => {
  test.each([
    [null, 100],
    [0, 100],
    [50, 100],
    [50.1, 96],
    [100, 96],
    [101, 90],
    [200, 90],
    [201, 80],
    [500, 80],
    [501, 70],
    [1000, 70],
    [1001, 64],
  ])('with a latency of %s ms is %d', (latency, expected) => {
    expect(qualityScore(latency, 0, 1)).toBeCloseTo(expected, 9);
  });

  test.each([
    [0, 100],
    [1, 94],
    [2, 88],
    [3, 82],
    [5, 82],
    [6, 76],
    [10, 76],
    [11, 71.5],
    [1000, 71.5],
  ])('after %d reconnections is %d', (reconnections, expected) => {
    expect(qualityScore(10, reconnections, 1)).toBeCloseTo(expected, 9);
  });

  test.each([
    [1, 100],
    [0.5, 85],
    [0, 70],
  ])('with a delivery rate of %d is %d', (rate, expected) => {
    expect(qualityScore(10, 0, rate)).toBeCloseTo(expected, 9);
  });
});

describe('The health of a connection', () => {
  test('before anything was measured is the best there is, but healthy only while connected', () => {
    const meter = new HealthMeter();
    expect(meter.health(true)).toEqual({
      latencyMs: null,
      reconnectionCount: 0,
      messageDeliveryRate: 1,
      fingerprintMismatches: 0,
      qualityScore: 100,
      status: 'HEALTHY',
      isHealthy: true,
    });
    expect(meter.health(false)).toMatchObject({ status: 'HEALTHY', isHealthy: false });
  });

  test('follows the median of the last five round trips', () => {
    const meter = new HealthMeter();
    for (const ms of [900, 900, 900, 10, 20, 5000, 30, 40]) meter.roundTrip(ms);
    expect(meter.health(true).latencyMs).toBe(30);
  });

  test('keeps the last sixty round trips, in an array that never changes', () => {
    const meter = new HealthMeter();
    meter.roundTrip(0);
    const before = meter.latencies;
    for (let i = 1; i <= 100; i++) meter.roundTrip(i);
    expect(before).toEqual([0]);
    expect(meter.latencies).toEqual(Array.from({ length: 60 }, (_, i) => i + 41));
  });

  test('counts events that were missing against those that came', () => {
    const meter = new HealthMeter();
    meter.received(9);
    meter.missed(1);
    expect(meter.health(true).messageDeliveryRate).toBe(0.9);
  });

  test('has a word for the score', () => {
    const meter = new HealthMeter();
    for (let i = 0; i < 20; i++) meter.reconnected();
    expect(meter.health(true)).toMatchObject({ status: 'DEGRADED', isHealthy: false, reconnectionCount: 20 });
    meter.roundTrip(2000);
    meter.missed(5);
    expect(meter.health(true)).toMatchObject({ status: 'UNHEALTHY', messageDeliveryRate: 0 });
  });
});
