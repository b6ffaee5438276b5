import * as fc from 'fast-check';
import type { Price, PriceTier } from '@sluice/core/catalog/store';
import {
  affordableOutput,
  costLines,
  costMicros,
  dearestMicros,
  dearestPrice,
  tierOf,
} from '@sluice/core/metering/price';
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

  it('is the sum of its lines, of which there is one for each part that was used', () => {
    const tier = { aboveInputTokens: 10, inputMicros: 9_000_000 };
    const price = { ...FREE, inputMicros: 1_000_000, outputMicros: 2_000_000, imageMicros: 7, tiers: [tier] };
    const parts = { ...NO_USAGE, input: 11, output: 3, images: 2 };
    expect(costLines(parts, price)).toEqual([
      { part: 'input', count: 11, rateMicros: 9_000_000, per: 1_000_000 },
      { part: 'output', count: 3, rateMicros: 2_000_000, per: 1_000_000 },
      { part: 'images', count: 2, rateMicros: 7, per: 1 },
    ]);
    expect(costMicros(parts, price)).toBe(99 + 6 + 14);
    expect([tierOf(parts, price), tierOf({ ...parts, input: 10 }, price)]).toEqual([10, null]);
    expect(costLines(parts, null)).toEqual([]);
  });

  it('prices images by the piece', () => {
    expect(cost({ images: 3 }, { imageMicros: 40_000 })).toBe(120_000);
  });

  it('prices video by the second, web searches by the piece, and a request that was served once', () => {
    expect(cost({ videoSeconds: 8 }, { videoSecondMicros: 100_000 })).toBe(800_000);
    expect(cost({ webSearches: 3 }, { webSearchMicros: 10_000 })).toBe(30_000);
    expect(cost({ input: 7, output: 9 }, { requestMicros: 5_000 })).toBe(5_000);
    expect(cost({}, { requestMicros: 5_000 })).toBe(0);
  });

  it('bills audio by its direction, else at the price of audio, else as text', () => {
    const text = { inputMicros: 1_000_000, outputMicros: 2_000_000 };
    expect(cost({ audioInput: 10, audioOutput: 10 }, text)).toBe(30);
    expect(cost({ audioInput: 10, audioOutput: 10 }, { ...text, audioMicros: 5_000_000 })).toBe(100);
    const both = { ...text, audioMicros: 5_000_000, audioInputMicros: 7_000_000, audioOutputMicros: 9_000_000 };
    expect(cost({ audioInput: 10, audioOutput: 10 }, both)).toBe(160);
    // From before directions were recorded: free of charge where audio had no price.
    expect(cost({ audio: 10 }, text)).toBe(0);
    expect(cost({ audio: 10 }, both)).toBe(50);
  });

  it('bills tokens of images as text unless they have a price of their own', () => {
    const text = { inputMicros: 1_000_000, outputMicros: 2_000_000 };
    expect(cost({ imageInput: 10, imageOutput: 10 }, text)).toBe(30);
    const own = { ...text, imageInputMicros: 3_000_000, imageOutputMicros: 40_000_000 };
    expect(cost({ imageInput: 10, imageOutput: 10 }, own)).toBe(430);
  });

  it('follows the last tier that everything read passes, for all tokens of the request', () => {
    const price = {
      inputMicros: 1_000_000,
      outputMicros: 10_000_000,
      cacheReadMicros: 100_000,
      tiers: [
        { aboveInputTokens: 100, inputMicros: 2_000_000 },
        { aboveInputTokens: 1_000, inputMicros: 4_000_000, outputMicros: 20_000_000 },
      ],
    };
    expect(cost({ input: 100, output: 1 }, price)).toBe(110);
    expect(cost({ input: 101, output: 1 }, price)).toBe(212);
    expect(cost({ input: 1, cacheRead: 100, output: 1 }, price)).toBe(22);
    expect(cost({ input: 1_001, output: 1 }, price)).toBe(4_024);
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

describe('what is held', () => {
  const rate = fc.nat({ max: 1e8 });
  const prices = fc.record(
    {
      version: fc.constant(1),
      inputMicros: rate,
      outputMicros: rate,
      cacheReadMicros: rate,
      cacheWrite5mMicros: rate,
      cacheWrite1hMicros: rate,
      reasoningMicros: fc.option(rate),
      audioMicros: fc.option(rate),
      audioInputMicros: rate,
      audioOutputMicros: rate,
      imageInputMicros: rate,
      imageOutputMicros: rate,
      imageMicros: fc.constant(null),
      requestMicros: rate,
      tiers: fc.constantFrom<PriceTier[]>(
        [{ aboveInputTokens: 50_000, inputMicros: 3_000_000, audioOutputMicros: 90_000_000 }],
        [{ aboveInputTokens: 10 }, { aboveInputTokens: 70_000, outputMicros: 50_000_000 }],
      ),
    },
    {
      requiredKeys: [
        ...(['version', 'inputMicros', 'outputMicros', 'cacheReadMicros', 'cacheWrite5mMicros'] as const),
        ...(['cacheWrite1hMicros', 'reasoningMicros', 'audioMicros', 'imageMicros'] as const),
      ],
    },
  );
  const read = ['input', 'cacheRead', 'cacheWrite5m', 'cacheWrite1h', 'audioInput', 'imageInput'] as const;
  const made = ['output', 'reasoning', 'audioOutput', 'imageOutput'] as const;

  it('is never less than what so many tokens cost, whatever they are, by any of the routes', () => {
    fc.assert(
      fc.property(
        fc.array(prices, { minLength: 1, maxLength: 3 }),
        fc.nat({ max: 200_000 }),
        fc.nat({ max: 100_000 }),
        fc.constantFrom(...read),
        fc.constantFrom(...made),
        (some, input, output, how, what) => {
          const parts = { ...NO_USAGE, [how]: input, [what]: output };
          const held = dearestMicros(input, output, dearestPrice(some));
          for (const price of some) expect(held).toBeGreaterThanOrEqual(costMicros(parts, price));
        },
      ),
    );
  });

  it('of an answer that is affordable is no more than there is', () => {
    fc.assert(
      fc.property(prices, fc.nat({ max: 200_000 }), fc.nat({ max: 1e9 }), (price, inputTokens, micros) => {
        const output = affordableOutput({ micros, inputTokens, price });
        fc.pre(output >= 0 && Number.isFinite(output));
        expect(dearestMicros(inputTokens, output, price)).toBeLessThanOrEqual(micros);
      }),
    );
  });
});
