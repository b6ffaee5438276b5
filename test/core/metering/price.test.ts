import * as fc from 'fast-check';
import type { Price } from '@sluice/core/catalog/store';
import { costMicros } from '@sluice/core/metering/price';
import { NO_USAGE, type UsageParts } from '@sluice/core/metering/store';

const FREE: Price = {
  version: 1,
  inputMicros: 0,
  outputMicros: 0,
  cacheReadMicros: 0,
  cacheWrite5mMicros: 0,
  cacheWrite1hMicros: 0,
  reasoningMicros: null,
  audioMicros: null,
  imageMicros: null,
};

function cost(parts: Partial<UsageParts>, price: Partial<Price>): number {
  return costMicros({ ...NO_USAGE, ...parts }, { ...FREE, ...price });
}

describe('the cost of usage', () => {
  it('rounds half up, once, over the whole sum', () => {
    const price = { inputMicros: 400_000, outputMicros: 100_000 };
    expect(cost({ input: 1 }, price)).toBe(0);
    expect(cost({ input: 1, output: 1 }, price)).toBe(1);
    expect(cost({ output: 14 }, price)).toBe(1);
    expect(cost({ output: 15 }, price)).toBe(2);
  });

  it('bills reasoning as output unless it has a price of its own', () => {
    expect(cost({ reasoning: 10 }, { outputMicros: 1_000_000 })).toBe(10);
    expect(cost({ reasoning: 10 }, { outputMicros: 1_000_000, reasoningMicros: 3_000_000 })).toBe(30);
    expect(cost({ reasoning: 10 }, { outputMicros: 1_000_000, reasoningMicros: 0 })).toBe(0);
  });

  it('prices images by the piece', () => {
    expect(cost({ images: 3 }, { imageMicros: 40_000 })).toBe(120_000);
  });

  it('is nothing without a price', () => {
    expect(costMicros({ ...NO_USAGE, input: 5 }, null)).toBe(0);
    expect(cost({ audio: 5, images: 5 }, {})).toBe(0);
  });

  it('is exact where floating point is not', () => {
    // 999 999 999 × 1 000 000 007 does not fit into 53 bits.
    expect(cost({ input: 999_999_999 }, { inputMicros: 1_000_000_007 })).toBe(1_000_000_006_000);
  });

  it('is never less for more, and the sum of parts is off by rounding alone', () => {
    const counts = fc.nat({ max: 1e9 });
    fc.assert(
      fc.property(
        counts,
        counts,
        fc.nat({ max: 1e8 }),
        fc.nat({ max: 1e8 }),
        (input, output, inputMicros, outputMicros) => {
          const price = { inputMicros, outputMicros };
          const whole = cost({ input, output }, price);
          const split = cost({ input }, price) + cost({ output }, price);
          expect(Math.abs(whole - split)).toBeLessThanOrEqual(1);
          expect(cost({ input: input + 1, output }, price)).toBeGreaterThanOrEqual(whole);
        },
      ),
    );
  });
});
