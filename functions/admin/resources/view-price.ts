import { microsToDollars } from '@sluice/contract/money';
import type { PriceTierView, PriceView } from '@sluice/contract/prices';
import type { Price, PriceTier, TokenRates } from '@sluice/core/catalog/store';

/** Dollars as the configuration document writes them; what has no price of its own is left out. */
export function viewPrice(price: Price): PriceView {
  const { videoSecondMicros, requestMicros, webSearchMicros, tiers } = price;
  return {
    inputPerMillion: microsToDollars(price.inputMicros),
    outputPerMillion: microsToDollars(price.outputMicros),
    cacheReadPerMillion: microsToDollars(price.cacheReadMicros),
    cacheWrite5mPerMillion: microsToDollars(price.cacheWrite5mMicros),
    cacheWrite1hPerMillion: microsToDollars(price.cacheWrite1hMicros),
    reasoningPerMillion: dollarsOrNull(price.reasoningMicros),
    audioPerMillion: dollarsOrNull(price.audioMicros),
    ...viewMoreRates(price),
    perImage: dollarsOrNull(price.imageMicros),
    ...(videoSecondMicros !== undefined && { perVideoSecond: microsToDollars(videoSecondMicros) }),
    ...(requestMicros !== undefined && { perRequest: microsToDollars(requestMicros) }),
    ...(webSearchMicros !== undefined && { perWebSearch: microsToDollars(webSearchMicros) }),
    ...(tiers && { tiers: tiers.map(viewTier) }),
  };
}

function viewTier(tier: PriceTier): PriceTierView {
  const named = {
    inputPerMillion: tier.inputMicros,
    outputPerMillion: tier.outputMicros,
    cacheReadPerMillion: tier.cacheReadMicros,
    cacheWrite5mPerMillion: tier.cacheWrite5mMicros,
    cacheWrite1hPerMillion: tier.cacheWrite1hMicros,
    reasoningPerMillion: tier.reasoningMicros,
    audioPerMillion: tier.audioMicros,
  };
  return { aboveInputTokens: tier.aboveInputTokens, ...dollarsOf(named), ...viewMoreRates(tier) };
}

function viewMoreRates(rates: Partial<TokenRates>) {
  return dollarsOf({
    audioInputPerMillion: rates.audioInputMicros,
    audioOutputPerMillion: rates.audioOutputMicros,
    imageInputPerMillion: rates.imageInputMicros,
    imageOutputPerMillion: rates.imageOutputMicros,
  });
}

/** Without those that are not set. */
function dollarsOf<Name extends string>(
  micros: Record<Name, number | null | undefined>,
): Partial<Record<Name, number>> {
  const dollars: Partial<Record<Name, number>> = {};
  for (const name in micros) {
    const amount = micros[name];
    if (amount !== null && amount !== undefined) dollars[name] = microsToDollars(amount);
  }
  return dollars;
}

function dollarsOrNull(micros: number | null): number | null {
  return micros === null ? null : microsToDollars(micros);
}
