import type { Price } from '../catalog/store.ts';
import type { UsageParts } from './store.ts';

const UNITS_PER_PRICE = 1_000_000n;

/**
 * What usage costs, in micro-dollars: one exact sum over all parts, rounded half up once at the end.
 * A model without a price, and a part without one, cost nothing.
 */
export function costMicros(parts: UsageParts, price: Price | null): number {
  if (price === null) return 0;
  const perMillion: readonly (readonly [number, number | null])[] = [
    [parts.input, price.inputMicros],
    [parts.cacheRead, price.cacheReadMicros],
    [parts.cacheWrite5m, price.cacheWrite5mMicros],
    [parts.cacheWrite1h, price.cacheWrite1hMicros],
    [parts.output, price.outputMicros],
    [parts.reasoning, price.reasoningMicros ?? price.outputMicros],
    [parts.audio, price.audioMicros],
  ];
  let sum = BigInt(parts.images) * BigInt(price.imageMicros ?? 0) * UNITS_PER_PRICE;
  for (const [count, micros] of perMillion) sum += BigInt(count) * BigInt(micros ?? 0);
  return Number((sum + UNITS_PER_PRICE / 2n) / UNITS_PER_PRICE);
}
