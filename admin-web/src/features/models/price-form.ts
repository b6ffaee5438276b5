import type { priceEntry, PriceTierView, PriceView } from '@sluice/contract/prices';
import type { z } from 'zod';
import { PIECES, RATES, type Part, type Rate } from './price-parts.ts';

/** What a field for a number holds: a number, its text where that says more, or nothing. */
export type NumberText = number | string;

export type TierForm = Record<Rate, NumberText> & { aboveInputTokens: NumberText };

/** A price as its fields hold it, by the contract's names: an empty field is a part without a price of its own. */
export type PriceForm = Record<Part, NumberText> & { tiers: TierForm[] };

type PriceInput = z.input<typeof priceEntry>;

export function emptyPrice(): PriceForm {
  return { ...fields([...RATES, ...PIECES], {}), tiers: [] };
}

export function emptyTier(): TierForm {
  return { ...fields(RATES, {}), aboveInputTokens: '' };
}

/** A part of the price itself that costs nothing is an empty field; one of a tier is a zero, for it differs there. */
export function formOfPrice(price: PriceView | null | undefined): PriceForm {
  if (!price) return emptyPrice();
  const known = Object.fromEntries([...RATES, ...PIECES].map((part) => [part, price[part] || '']));
  return { ...fields([...RATES, ...PIECES], known), tiers: (price.tiers ?? []).map(formOfTier) };
}

function formOfTier(tier: PriceTierView): TierForm {
  const { aboveInputTokens, ...rates } = tier;
  return { ...fields(RATES, rates), aboveInputTokens };
}

export function priceOf(form: PriceForm): PriceInput {
  const { tiers, ...parts } = form;
  return {
    ...named(parts),
    ...(tiers.length > 0 && {
      tiers: tiers.map(({ aboveInputTokens, ...rates }) => ({
        aboveInputTokens: aboveInputTokens === '' ? 0 : Number(aboveInputTokens),
        ...named(rates),
      })),
    }),
  };
}

/** Whether a price names anything beyond text, so that its fields ought to be seen. */
export function hasMore(form: PriceForm): boolean {
  const shown: readonly string[] = ['inputPerMillion', 'outputPerMillion', 'cacheReadPerMillion'];
  return form.tiers.length > 0 || [...RATES, ...PIECES].some((part) => !shown.includes(part) && form[part] !== '');
}

function fields<Name extends string>(
  names: readonly Name[],
  values: Partial<Record<string, NumberText>>,
): Record<Name, NumberText> {
  return Object.fromEntries(names.map((name) => [name, values[name] ?? ''])) as Record<Name, NumberText>;
}

function named<Name extends string>(values: Record<Name, NumberText>): Partial<Record<Name, NumberText>> {
  const set = Object.entries<NumberText>(values).filter(([, value]) => value !== '');
  return Object.fromEntries(set) as Partial<Record<Name, NumberText>>;
}
