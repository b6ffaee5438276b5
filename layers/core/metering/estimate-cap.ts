import { totalTokens } from '@sluice/llm/formats/usage-figures';
import type { Price } from '../catalog/store.ts';
import { decodeHold } from './hold-text.ts';
import { costMicros } from './price.ts';
import type { UsageParts } from './store.ts';

/** What a request may be charged at most where nobody reported what it took; `Infinity` where no hard limit binds. */
export interface EstimateCap {
  tokens: number;
  micros: number;
}

/**
 * What hard limits hold for a request: its answer was capped at that, so an estimate beyond it is the estimate's error.
 * @param texts of its holds
 */
export function capOfHolds(texts: Iterable<string>): EstimateCap {
  const cap: EstimateCap = { tokens: Infinity, micros: Infinity };
  for (const text of texts) {
    const { hardTokens, micros } = decodeHold(text).amounts;
    if (hardTokens > 0) cap.tokens = Math.min(cap.tokens, hardTokens);
    if (micros > 0) cap.micros = Math.min(cap.micros, micros);
  }
  return cap;
}

/** In this order they are cut: what the model was asked is known better than what it answered. */
const CUT = ['output', 'reasoning', 'input'] as const;

/** As much of an estimate as the cap lets through. */
export function capEstimate(parts: UsageParts, price: Price | null, cap: EstimateCap): UsageParts {
  const fits = (some: UsageParts): boolean => totalTokens(some) <= cap.tokens && costMicros(some, price) <= cap.micros;
  let capped = parts;
  for (const part of CUT) {
    if (fits(capped)) return capped;
    const rest = capped;
    capped = { ...rest, [part]: mostThatFits(rest[part], (count) => fits({ ...rest, [part]: count })) };
  }
  return capped;
}

/** The largest count below `count` that fits; 0 when none does. */
function mostThatFits(count: number, fits: (count: number) => boolean): number {
  let [least, above] = [0, count];
  while (above - least > 1) {
    const middle = Math.floor((least + above) / 2);
    if (fits(middle)) least = middle;
    else above = middle;
  }
  return least;
}
