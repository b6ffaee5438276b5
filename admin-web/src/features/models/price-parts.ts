import type { PriceTierView, PriceView } from '@sluice/contract/prices';

/** What is paid by the token: dollars per million. */
export const TEXT_RATES = [
  'inputPerMillion',
  'outputPerMillion',
  'cacheReadPerMillion',
  'cacheWrite5mPerMillion',
  'cacheWrite1hPerMillion',
] as const;
/** Tokens that are paid as others where they have no price of their own. */
export const MORE_RATES = [
  'reasoningPerMillion',
  'audioPerMillion',
  'audioInputPerMillion',
  'audioOutputPerMillion',
  'imageInputPerMillion',
  'imageOutputPerMillion',
] as const;
export const RATES = [...TEXT_RATES, ...MORE_RATES] as const;
/** What is paid by the piece: dollars each. */
export const PIECES = ['perImage', 'perVideoSecond', 'perRequest', 'perWebSearch'] as const;

export type Rate = (typeof RATES)[number];
export type Part = Rate | (typeof PIECES)[number];

/** One figure of a price; `above` is the threshold of its tier, null in the price itself. */
export interface PriceFigure {
  part: Part;
  above: number | null;
  dollars: number;
}

/** Every figure that a price names, its tiers' after its own. What is free is not named outside of tiers. */
export function figuresOf(price: PriceView): PriceFigure[] {
  const own = [...RATES, ...PIECES].flatMap((part) => {
    const dollars = price[part];
    return dollars ? [{ part, above: null, dollars }] : [];
  });
  return [...own, ...(price.tiers ?? []).flatMap(figuresOfTier)];
}

function figuresOfTier(tier: PriceTierView): PriceFigure[] {
  return RATES.flatMap((part) => {
    const dollars = tier[part];
    return dollars === undefined ? [] : [{ part, above: tier.aboveInputTokens, dollars }];
  });
}

export interface PriceChange {
  part: Part;
  above: number | null;
  /** Dollars; null where nothing was said. */
  before: number | null;
  after: number | null;
}

/** Figure by figure what differs between two prices. */
export function changesBetween(before: PriceView | null, after: PriceView | null): PriceChange[] {
  const found = new Map<string, PriceChange>();
  const idOf = ({ part, above }: PriceFigure): string => `${above ?? ''} ${part}`;
  for (const figure of before ? figuresOf(before) : []) {
    found.set(idOf(figure), { part: figure.part, above: figure.above, before: figure.dollars, after: null });
  }
  for (const figure of after ? figuresOf(after) : []) {
    const known = found.get(idOf(figure));
    found.set(idOf(figure), {
      part: figure.part,
      above: figure.above,
      before: known?.before ?? null,
      after: figure.dollars,
    });
  }
  return [...found.values()].filter((change) => change.before !== change.after);
}
