import * as fc from 'fast-check';
import { readPriceListEntry, type PriceListEntry } from '@sluice/core/catalog/price-list';
import { readAmount } from '@sluice/core/catalog/price-list-amount';

const TOKENS = 12;

function priceOf(entry: PriceListEntry) {
  const { price, errors } = readPriceListEntry(entry, 'list.some');
  expect(errors).toEqual([]);
  return price;
}

describe('an amount of a price list', () => {
  it.each([
    [1.25e-6, 1_250_000],
    ['1.25e-06', 1_250_000],
    ['0.00000125', 1_250_000],
    [1.5e-5, 15_000_000],
    [3e-7, 300_000],
    [7.5e-8, 75_000],
    [0, 0],
    ['2E-06', 2_000_000],
  ])('%s dollars a token are %i micro-dollars a million', (dollars, micros) => {
    expect(readAmount(dollars, TOKENS)).toEqual({ kind: 'micros', micros, isRounded: false });
  });

  it('that is finer than a micro-dollar is rounded half up, and says so', () => {
    expect(readAmount(3.0000000000000004e-8, TOKENS)).toEqual({ kind: 'micros', micros: 30_000, isRounded: true });
    expect(readAmount('0.0000005', 6)).toEqual({ kind: 'micros', micros: 1, isRounded: true });
    expect(readAmount('0.0000004', 6)).toEqual({ kind: 'micros', micros: 0, isRounded: true });
  });

  it.each([[-1e-6], ['-1'], [{}], [''], ['free'], [true], [Infinity], [NaN], ['1e999'], [2]])(
    'that is %j is refused',
    (value) => expect(readAmount(value, TOKENS).kind).toBe('unreadable'),
  );

  it('is read the same however it is written', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10 ** 12 }), (micros) => {
        const expected = { kind: 'micros', micros, isRounded: false };
        expect(readAmount(`${micros}e-12`, TOKENS)).toEqual(expected);
        expect(readAmount(`0.${String(micros).padStart(13, '0')}e1`, TOKENS)).toEqual(expected);
      }),
    );
  });
});

describe('an entry of a price list', () => {
  it('gives every usage part its price', () => {
    // The shape of LiteLLM's list, figures made up so that no two are the same.
    const entry = {
      input_cost_per_token: 1e-6,
      output_cost_per_token: 2e-6,
      cache_read_input_token_cost: 3e-7,
      cache_creation_input_token_cost: 4e-6,
      cache_creation_input_token_cost_above_1hr: 5e-6,
      output_cost_per_reasoning_token: 6e-6,
      input_cost_per_audio_token: 7e-6,
      output_cost_per_audio_token: 8e-6,
      input_cost_per_image_token: 9e-6,
      output_cost_per_image_token: 1e-5,
      output_cost_per_image: 0.04,
      output_cost_per_video_per_second: 0.1,
      input_cost_per_request: 0.005,
      search_context_cost_per_query: {
        search_context_size_high: 0.03,
        search_context_size_low: 0.01,
        search_context_size_medium: 0.025,
      },
      litellm_provider: 'openai',
      mode: 'chat',
      max_output_tokens: 16_384,
    };
    expect(readPriceListEntry(entry, 'list.some')).toEqual({
      price: {
        inputMicros: 1_000_000,
        outputMicros: 2_000_000,
        cacheReadMicros: 300_000,
        cacheWrite5mMicros: 4_000_000,
        cacheWrite1hMicros: 5_000_000,
        reasoningMicros: 6_000_000,
        audioMicros: null,
        audioInputMicros: 7_000_000,
        audioOutputMicros: 8_000_000,
        imageInputMicros: 9_000_000,
        imageOutputMicros: 10_000_000,
        imageMicros: 40_000,
        videoSecondMicros: 100_000,
        requestMicros: 5_000,
        webSearchMicros: 25_000,
      },
      maxOutputTokens: 16_384,
      warnings: [],
      errors: [],
    });
  });

  it('bills caches that it does not price as input, an hour as minutes', () => {
    expect(priceOf({ input_cost_per_token: 1e-6, output_cost_per_token: 2e-6 })).toMatchObject({
      cacheReadMicros: 1_000_000,
      cacheWrite5mMicros: 1_000_000,
      cacheWrite1hMicros: 1_000_000,
    });
    expect(priceOf({ input_cost_per_token: 3e-6, cache_creation_input_token_cost: 3.75e-6 })).toMatchObject({
      cacheReadMicros: 3_000_000,
      cacheWrite5mMicros: 3_750_000,
      cacheWrite1hMicros: 3_750_000,
    });
  });

  it('has the price of a cache under its older name, unless it has the usual one', () => {
    const older = { input_cost_per_token_cache_hit: 1e-7, input_cost_per_token: 1e-6 };
    expect(priceOf(older)).toMatchObject({ cacheReadMicros: 100_000 });
    expect(priceOf({ ...older, cache_read_input_token_cost: 2e-7 })).toMatchObject({ cacheReadMicros: 200_000 });
    expect(priceOf({ cache_read_input_token_cost: 2e-7, ...older })).toMatchObject({ cacheReadMicros: 200_000 });
  });

  it('has tiers by threshold, in rising order', () => {
    const price = priceOf({
      input_cost_per_token: 1.25e-6,
      output_cost_per_token: 1e-5,
      cache_read_input_token_cost: 1.25e-7,
      output_cost_per_token_above_200k_tokens: 1.5e-5,
      input_cost_per_token_above_200k_tokens: 2.5e-6,
      cache_read_input_token_cost_above_200k_tokens: 2.5e-7,
      input_cost_per_token_above_128k_tokens: 2e-6,
    });
    expect(price?.tiers).toEqual([
      {
        aboveInputTokens: 128_000,
        inputMicros: 2_000_000,
        cacheWrite5mMicros: 2_000_000,
        cacheWrite1hMicros: 2_000_000,
      },
      {
        aboveInputTokens: 200_000,
        inputMicros: 2_500_000,
        outputMicros: 15_000_000,
        cacheReadMicros: 250_000,
        cacheWrite5mMicros: 2_500_000,
        cacheWrite1hMicros: 2_500_000,
      },
    ]);
  });

  it('has the price of an hour above a threshold', () => {
    const price = priceOf({
      input_cost_per_token: 3e-6,
      cache_creation_input_token_cost: 3.75e-6,
      cache_creation_input_token_cost_above_1hr: 6e-6,
      cache_creation_input_token_cost_above_1hr_above_200k_tokens: 1.2e-5,
    });
    expect(price).toMatchObject({ cacheWrite1hMicros: 6_000_000 });
    expect(price?.tiers).toEqual([{ aboveInputTokens: 200_000, cacheWrite1hMicros: 12_000_000 }]);
  });

  it('may write its tiers as a list of ranges', () => {
    const price = priceOf({
      tiered_pricing: [
        { range: [0, 32_000], input_cost_per_token: 1.2e-6, output_cost_per_token: 6e-6 },
        { range: [32_000, 128_000], input_cost_per_token: 2.4e-6, output_cost_per_token: 1.2e-5 },
      ],
    });
    expect(price).toMatchObject({ inputMicros: 1_200_000, outputMicros: 6_000_000 });
    expect(price?.tiers).toMatchObject([
      { aboveInputTokens: 32_000, inputMicros: 2_400_000, outputMicros: 12_000_000 },
    ]);
  });

  it('of images made takes what an image costs, and of video what a second costs', () => {
    expect(priceOf({ mode: 'image_generation', input_cost_per_image: 0.005 })).toMatchObject({ imageMicros: 5_000 });
    expect(priceOf({ mode: 'chat', input_cost_per_image: 0.005, input_cost_per_token: 0 })?.imageMicros).toBeNull();
    expect(priceOf({ mode: 'video_generation', output_cost_per_second: 0.3 })).toMatchObject({
      videoSecondMicros: 300_000,
    });
  });

  it('names what it leaves out, but for the prices of batches and service tiers', () => {
    const { warnings } = readPriceListEntry(
      {
        input_cost_per_token: 1e-6,
        input_cost_per_token_batches: 5e-7,
        output_cost_per_token_priority: 9e-6,
        input_cost_per_character: 1e-7,
        output_cost_per_character: 0,
      },
      'list.some',
    );
    expect(warnings).toEqual(['input_cost_per_character is not used']);
  });

  it('without any price is unpriced, free of charge is a price', () => {
    expect(priceOf({ mode: 'chat', max_tokens: 5, output_cost_per_token: null })).toBeNull();
    expect(priceOf({ input_cost_per_token: 0 })).toMatchObject({ inputMicros: 0, outputMicros: 0 });
  });

  it('that cannot be read names the field', () => {
    const { errors } = readPriceListEntry(
      { input_cost_per_token: -1e-6, tiered_pricing: [{ input_cost_per_token: 1e-6 }] },
      'list.gpt-5',
    );
    expect(errors).toEqual([
      { path: 'list.gpt-5.input_cost_per_token', message: expect.stringContaining('not negative') },
      { path: 'list.gpt-5.tiered_pricing[0].range', message: expect.any(String) },
    ]);
  });
});
