import { decodeUsage } from '@sluice/llm/formats/openai-chat/usage';
import { NO_FIGURES } from '@sluice/llm/formats/usage-figures';

const NONE = { ...NO_FIGURES };

describe('usage as disjoint parts', () => {
  it.each([
    ['plain totals', { prompt_tokens: 9, completion_tokens: 4, total_tokens: 13 }, { input: 9, output: 4 }],
    [
      'cached, audio and reasoning tokens inside the totals (OpenAI)',
      {
        prompt_tokens: 100,
        completion_tokens: 50,
        total_tokens: 150,
        prompt_tokens_details: { cached_tokens: 60, audio_tokens: 10 },
        completion_tokens_details: { reasoning_tokens: 20, audio_tokens: 5, accepted_prediction_tokens: 3 },
      },
      { input: 30, cacheRead: 60, output: 25, reasoning: 20, audioInput: 10, audioOutput: 5 },
    ],
    [
      'reasoning beside the completion tokens (xAI)',
      {
        prompt_tokens: 32,
        completion_tokens: 9,
        total_tokens: 135,
        completion_tokens_details: { reasoning_tokens: 94 },
      },
      { input: 32, output: 9, reasoning: 94 },
    ],
    [
      'reasoning beside fewer completion tokens, told by the total alone',
      {
        prompt_tokens: 10,
        completion_tokens: 90,
        total_tokens: 120,
        completion_tokens_details: { reasoning_tokens: 20 },
      },
      { input: 10, output: 90, reasoning: 20 },
    ],
    [
      'cache hits beside the totals (DeepSeek)',
      { prompt_tokens: 10, completion_tokens: 1, prompt_cache_hit_tokens: 8, prompt_cache_miss_tokens: 2 },
      { input: 2, cacheRead: 8, output: 1 },
    ],
    [
      'details of null',
      { prompt_tokens: 3, completion_tokens: 1, prompt_tokens_details: null },
      { input: 3, output: 1 },
    ],
    [
      'more cached than sent',
      { prompt_tokens: 3, completion_tokens: 0, prompt_tokens_details: { cached_tokens: 5 } },
      { cacheRead: 5 },
    ],
    ['counts that are no counts', { prompt_tokens: 3, completion_tokens: -1 }, { input: 3 }],
  ])('reads %s', (_title, usage, parts) => {
    expect(decodeUsage(usage)).toEqual({ ...NONE, ...parts });
  });

  it.each([[null], [undefined], [[]], ['x'], [{}], [{ prompt_tokens: '5' }]])('takes %j for no report', (usage) => {
    expect(decodeUsage(usage)).toBeNull();
  });
});
