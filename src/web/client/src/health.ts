/** What the quality score says in a word. */
export type HealthStatus = 'HEALTHY' | 'DEGRADED' | 'UNHEALTHY';

/** How good the connection is. */
export interface ConnectionHealth {
  /** The median of the last five round trips, in milliseconds; null before the first. */
  readonly latencyMs: number | null;
  /** How often the live connection was made again. */
  readonly reconnectionCount: number;
  /** Critical events that came as they should / those plus the ones that were found missing and had to be fetched; 0 to 1. */
  readonly messageDeliveryRate: number;
  /** 0 to 100, see {@link qualityScore}. */
  readonly qualityScore: number;
  /** `HEALTHY` from 80, `DEGRADED` from 50. */
  readonly status: HealthStatus;
  /** Connected, and `HEALTHY`. */
  readonly isHealthy: boolean;
  /**
   * How often the state was not what the server says it comes to after the same event. It was taken from the server anew then, three times
   * in a row at most. 0 is as it should be; absent where nothing was ever connected.
   */
  readonly fingerprintMismatches?: number;
}

/**
 * The quality of a connection, 0 to 100: 0.4 × latency score + 0.3 × reconnection score + 0.3 × delivery rate × 100. Server and clients
 * use the same formula.
 * @param latencyMs Round trip in milliseconds; null, not measured yet, counts as the best.
 * @param reconnections How often the connection was made again.
 * @param deliveryRate 0 to 1.
 */
export function qualityScore(latencyMs: number | null, reconnections: number, deliveryRate: number): number {
  return 0.4 * latencyScore(latencyMs ?? 0) + 0.3 * reconnectionScore(reconnections) + 0.3 * deliveryRate * 100;
}

function latencyScore(ms: number): number {
  if (ms <= 50) return 100;
  if (ms <= 100) return 90;
  if (ms <= 200) return 75;
  if (ms <= 500) return 50;
  if (ms <= 1000) return 25;
  return 10;
}

function reconnectionScore(count: number): number {
  if (count <= 0) return 100;
  if (count === 1) return 80;
  if (count === 2) return 60;
  if (count <= 5) return 40;
  if (count <= 10) return 20;
  return 5;
}

const keptLatencies = 60;
const medianOf = 5;

/** Measures one run's connection. */
export class HealthMeter {
  #latencies: readonly number[] = [];
  #reconnections = 0;
  #received = 0;
  #missing = 0;
  #differences = 0;

  /** The last 60 round trips, in milliseconds, oldest first. */
  get latencies(): readonly number[] {
    return this.#latencies;
  }

  /** How often the live connection was made again. */
  get reconnections(): number {
    return this.#reconnections;
  }

  roundTrip(ms: number): void {
    this.#latencies = [...this.#latencies, ms].slice(-keptLatencies);
  }

  reconnected(): void {
    this.#reconnections++;
  }

  /** Critical events that arrived. */
  received(count: number): void {
    this.#received += count;
  }

  /** Critical events that should have arrived and did not. */
  missed(count: number): void {
    this.#missing += count;
  }

  /** The state was not what the server says it comes to. */
  fingerprintDiffered(): void {
    this.#differences++;
  }

  health(isConnected: boolean): ConnectionHealth {
    const latencyMs = median(this.#latencies.slice(-medianOf));
    const messageDeliveryRate = this.#received === 0 && this.#missing === 0 ? 1 : this.#received / (this.#received + this.#missing);
    const score = qualityScore(latencyMs, this.#reconnections, messageDeliveryRate);
    const status = score >= 80 ? 'HEALTHY' : score >= 50 ? 'DEGRADED' : 'UNHEALTHY';
    return {
      latencyMs,
      reconnectionCount: this.#reconnections,
      messageDeliveryRate,
      qualityScore: score,
      status,
      isHealthy: isConnected && status === 'HEALTHY',
      fingerprintMismatches: this.#differences,
    };
  }
}

/** One round trip that took long says little; the median of a few says how it is. */
function median(values: readonly number[]): number | null {
  if (values.length === 0) return null;
  return [...values].sort((a, b) => a - b)[Math.floor((values.length - 1) / 2)] ?? null;
}
