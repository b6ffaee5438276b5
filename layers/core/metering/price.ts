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

/**
 * The most that so many tokens can cost: input at the dearest way of reading it (a cache write costs more), output at
 * the dearer of answer and reasoning.
 */
export function dearestMicros(inputTokens: number, outputTokens: number, price: Price | null): number {
  if (price === null) return 0;
  const { input, output } = dearestRates(price);
  const sum = BigInt(inputTokens) * input + BigInt(outputTokens) * output;
  return Number((sum + UNITS_PER_PRICE / 2n) / UNITS_PER_PRICE);
}

/** How much output such an amount buys besides the input; below zero when it does not even buy that. */
export function affordableOutput(request: { micros: number; inputTokens: number; price: Price | null }): number {
  if (request.price === null) return Infinity;
  const { input, output } = dearestRates(request.price);
  const left = BigInt(Math.trunc(request.micros)) * UNITS_PER_PRICE - BigInt(request.inputTokens) * input;
  if (left < 0n) return -1;
  return output === 0n ? Infinity : Number(left / output);
}

function dearestRates(price: Price): { input: bigint; output: bigint } {
  const { inputMicros, cacheReadMicros, cacheWrite5mMicros, cacheWrite1hMicros } = price;
  return {
    input: BigInt(Math.max(inputMicros, cacheReadMicros, cacheWrite5mMicros, cacheWrite1hMicros)),
    output: BigInt(Math.max(price.outputMicros, price.reasoningMicros ?? 0)),
  };
}
