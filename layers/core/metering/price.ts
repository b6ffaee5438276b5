import { inputTokens } from '@sluice/llm/formats/usage-figures';
import type { Price, TokenRates } from '../catalog/store.ts';
import type { UsageParts } from './store.ts';

const UNITS_PER_PRICE = 1_000_000n;

/** One part of a cost: so many, at so much. */
export interface CostLine {
  part: keyof UsageParts | 'request';
  count: number;
  /** Integer micro-dollars for `per` of them. */
  rateMicros: number;
  per: 1 | 1_000_000;
}

/**
 * What usage costs, in micro-dollars: one exact sum over all parts, rounded half up once at the end. A model without a
 * price costs nothing, and neither does a request for which nothing was made.
 */
export function costMicros(parts: UsageParts, price: Price | null): number {
  let sum = 0n;
  for (const { count, rateMicros, per } of costLines(parts, price)) {
    const micros = BigInt(count) * BigInt(rateMicros);
    sum += per === 1 ? micros * UNITS_PER_PRICE : micros;
  }
  return rounded(sum);
}

/** Why it costs that much: every part that was used, with the rate that holds for it. None without a price. */
export function costLines(parts: UsageParts, price: Price | null): CostLine[] {
  if (price === null) return [];
  const rates = ratesFor(price, inputTokens(parts));
  const { audioMicros, inputMicros, outputMicros } = rates;
  const lines: CostLine[] = [];
  const add = (part: CostLine['part'], rateMicros: number, per: CostLine['per'] = 1_000_000): void => {
    const count = part === 'request' ? 1 : parts[part];
    if (count > 0) lines.push({ part, count, rateMicros, per });
  };
  add('input', inputMicros);
  add('cacheRead', rates.cacheReadMicros);
  add('cacheWrite5m', rates.cacheWrite5mMicros);
  add('cacheWrite1h', rates.cacheWrite1hMicros);
  add('output', outputMicros);
  add('reasoning', rates.reasoningMicros ?? outputMicros);
  add('audio', audioMicros ?? 0);
  add('audioInput', rates.audioInputMicros ?? audioMicros ?? inputMicros);
  add('audioOutput', rates.audioOutputMicros ?? audioMicros ?? outputMicros);
  add('imageInput', rates.imageInputMicros ?? inputMicros);
  add('imageOutput', rates.imageOutputMicros ?? outputMicros);
  add('images', price.imageMicros ?? 0, 1);
  add('videoSeconds', price.videoSecondMicros ?? 0, 1);
  add('webSearches', price.webSearchMicros ?? 0, 1);
  if (price.requestMicros !== undefined && wasServed(parts)) add('request', price.requestMicros, 1);
  return lines;
}

/** The threshold of the tier that so many input tokens have passed; null: none. */
export function tierOf(parts: UsageParts, price: Price): number | null {
  const tokens = inputTokens(parts);
  return price.tiers?.findLast(({ aboveInputTokens }) => tokens > aboveInputTokens)?.aboveInputTokens ?? null;
}

function wasServed(parts: UsageParts): boolean {
  for (const part in parts) if (parts[part as keyof UsageParts] > 0) return true;
  return false;
}

/** The rates of the last tier whose threshold so many input tokens pass. */
function ratesFor(price: Price, tokens: number): TokenRates {
  let rates: TokenRates = price;
  for (const tier of price.tiers ?? []) if (tokens > tier.aboveInputTokens) rates = { ...price, ...tier };
  return rates;
}

/** What a request is to have made that is charged by the piece. */
export interface WantedPieces {
  images: number;
  videoSeconds: number;
}

const NO_PIECES: WantedPieces = { images: 0, videoSeconds: 0 };

/**
 * The most that so many tokens and pieces can cost: input at the dearest way of reading it (a cache write costs more,
 * and so may audio), output at the dearest of answer, reasoning, audio and images.
 */
export function dearestMicros(tokens: number, outputTokens: number, price: Price | null, pieces = NO_PIECES): number {
  if (price === null) return 0;
  const { input, output } = dearestRates(price, tokens);
  return rounded(BigInt(tokens) * input + BigInt(outputTokens) * output + fixedMicros(price, pieces));
}

/** How much output such an amount buys besides the input and the pieces; below zero when it does not even buy those. */
export function affordableOutput(request: {
  micros: number;
  inputTokens: number;
  price: Price | null;
  pieces?: WantedPieces | undefined;
}): number {
  if (request.price === null) return Infinity;
  const { input, output } = dearestRates(request.price, request.inputTokens);
  const wanted = BigInt(request.inputTokens) * input + fixedMicros(request.price, request.pieces ?? NO_PIECES);
  const left = BigInt(Math.trunc(request.micros)) * UNITS_PER_PRICE - wanted;
  if (left < 0n) return -1;
  return output === 0n ? Infinity : Number(left / output);
}

/**
 * A price by which nothing costs less than by any of these: what is held for a request that several routes may serve.
 * It has no tiers: the dearest of them holds from the first token.
 */
export function dearestPrice(prices: readonly (Price | null)[]): Price | null {
  const known = prices.filter((price) => price !== null);
  const [first] = known;
  if (first === undefined || known.length === 1) return first ?? null;
  const flat = known.flatMap((price) => [price, ...(price.tiers ?? []).map((tier) => ({ ...price, ...tier }))]);
  const most = (rateOf: (price: Price) => number): number => Math.max(...flat.map(rateOf));
  return {
    version: first.version,
    inputMicros: most(dearestInput),
    outputMicros: most(dearestOutput),
    cacheReadMicros: 0,
    cacheWrite5mMicros: 0,
    cacheWrite1hMicros: 0,
    reasoningMicros: null,
    audioMicros: null,
    imageMicros: most((price) => price.imageMicros ?? 0),
    videoSecondMicros: most((price) => price.videoSecondMicros ?? 0),
    requestMicros: most((price) => price.requestMicros ?? 0),
    webSearchMicros: most((price) => price.webSearchMicros ?? 0),
  };
}

function dearestRates(price: Price, tokens: number): { input: bigint; output: bigint } {
  const rates = ratesFor(price, tokens);
  return { input: BigInt(dearestInput(rates)), output: BigInt(dearestOutput(rates)) };
}

function dearestInput(rates: TokenRates): number {
  const { inputMicros, cacheReadMicros, cacheWrite5mMicros, cacheWrite1hMicros } = rates;
  const audio = rates.audioInputMicros ?? rates.audioMicros ?? 0;
  const text = Math.max(inputMicros, cacheReadMicros, cacheWrite5mMicros, cacheWrite1hMicros);
  return Math.max(text, audio, rates.imageInputMicros ?? 0);
}

function dearestOutput(rates: TokenRates): number {
  const audio = rates.audioOutputMicros ?? rates.audioMicros ?? 0;
  return Math.max(rates.outputMicros, rates.reasoningMicros ?? 0, audio, rates.imageOutputMicros ?? 0);
}

/** What a request costs whatever its tokens, in millionths of a micro-dollar. */
function fixedMicros(price: Price, { images, videoSeconds }: WantedPieces): bigint {
  const pieces = images * (price.imageMicros ?? 0) + videoSeconds * (price.videoSecondMicros ?? 0);
  return BigInt((price.requestMicros ?? 0) + pieces) * UNITS_PER_PRICE;
}

function rounded(sum: bigint): number {
  return Number((sum + UNITS_PER_PRICE / 2n) / UNITS_PER_PRICE);
}
