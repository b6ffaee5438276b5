import { priceEntry, type PriceView } from '@sluice/contract/prices';
import { emptyPrice, formOfPrice, hasMore, priceOf } from '../../../../admin-web/src/features/models/price-form.ts';
import { changesBetween, figuresOf } from '../../../../admin-web/src/features/models/price-parts.ts';

const PRICE: PriceView = {
  inputPerMillion: 1.25,
  outputPerMillion: 10,
  cacheReadPerMillion: 0.125,
  cacheWrite5mPerMillion: 0,
  cacheWrite1hPerMillion: 0,
  reasoningPerMillion: null,
  audioPerMillion: null,
  imageOutputPerMillion: 40,
  perImage: null,
  perWebSearch: 0.01,
  tiers: [{ aboveInputTokens: 200_000, inputPerMillion: 2.5, cacheReadPerMillion: 0 }],
};

describe('the form of a price', () => {
  it('gives back what it was filled with', () => {
    const again = priceEntry.parse(priceOf(formOfPrice(PRICE)));
    expect(again).toEqual(priceEntry.parse(PRICE));
  });

  it('sends nothing for empty fields, but a zero of a tier, which differs from the price there', () => {
    expect(priceOf(emptyPrice())).toEqual({});
    expect(priceOf(formOfPrice(PRICE)).tiers).toEqual([
      { aboveInputTokens: 200_000, inputPerMillion: 2.5, cacheReadPerMillion: 0 },
    ]);
  });

  it('unfolds where a part is priced that is not seen at first', () => {
    expect(hasMore(formOfPrice(PRICE))).toBe(true);
    expect(hasMore({ ...emptyPrice(), inputPerMillion: 3 })).toBe(false);
  });
});

describe('a price that changes', () => {
  it('names what is paid for, the figures of tiers after its own', () => {
    expect(figuresOf(PRICE).map(({ part, above }) => [part, above])).toEqual([
      ['inputPerMillion', null],
      ['outputPerMillion', null],
      ['cacheReadPerMillion', null],
      ['imageOutputPerMillion', null],
      ['perWebSearch', null],
      ['inputPerMillion', 200_000],
      ['cacheReadPerMillion', 200_000],
    ]);
  });

  it('is told figure by figure: what is new, what is dearer, what is gone', () => {
    const after: PriceView = { ...PRICE, outputPerMillion: 12, perImage: 0.04, tiers: [] };
    expect(changesBetween(PRICE, after)).toEqual([
      { part: 'outputPerMillion', above: null, before: 10, after: 12 },
      { part: 'inputPerMillion', above: 200_000, before: 2.5, after: null },
      { part: 'cacheReadPerMillion', above: 200_000, before: 0, after: null },
      { part: 'perImage', above: null, before: null, after: 0.04 },
    ]);
  });

  it('is no change where the figures are the same', () => {
    expect(changesBetween(PRICE, { ...PRICE })).toEqual([]);
    expect(changesBetween(null, PRICE)).toHaveLength(7);
  });
});
