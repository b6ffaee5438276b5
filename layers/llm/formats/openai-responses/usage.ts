import type { JsonObject } from '../../neutral/json.ts';
import { looseCount, looseObject } from '../reading.ts';
import { inputTokens, NO_FIGURES, outputTokens, type UsageFigures } from '../usage-figures.ts';

/**
 * The usage object as disjoint parts. `input_tokens` contains what was read from and written to the cache, `output_tokens`
 * the reasoning (https://platform.openai.com/docs/api-reference/responses/object). The Images API reports the same, with
 * tokens of images apart (https://platform.openai.com/docs/api-reference/images/object). Null when it names no tokens at
 * all.
 */
export function decodeUsage(usage: unknown): UsageFigures | null {
  const report = looseObject(usage);
  const input = looseCount(report['input_tokens']);
  const output = looseCount(report['output_tokens']);
  if (input === null && output === null) return null;

  const inputDetails = looseObject(report['input_tokens_details']);
  const cacheRead = looseCount(inputDetails['cached_tokens']) ?? 0;
  const written = looseCount(inputDetails['cache_write_tokens']) ?? 0;
  const writtenLong = looseCount(looseObject(inputDetails['cache_write_tokens_details'])['ttl_12h_tokens']) ?? 0;
  const cacheWrite1h = Math.min(written, writtenLong);
  const cached = looseObject(inputDetails['cached_tokens_details']);
  const fresh = Math.max(0, (input ?? 0) - cacheRead - written);
  const audioInput = Math.min(fresh, uncached(inputDetails['audio_tokens'], cached['audio_tokens']));
  const imageInput = Math.min(fresh - audioInput, uncached(inputDetails['image_tokens'], cached['image_tokens']));

  const outputDetails = looseObject(report['output_tokens_details']);
  const reasoning = looseCount(outputDetails['reasoning_tokens']) ?? 0;
  const inside = containsReasoning(input ?? 0, output ?? 0, reasoning, looseCount(report['total_tokens']));
  const answered = Math.max(0, (output ?? 0) - (inside ? reasoning : 0));
  const audioOutput = Math.min(answered, looseCount(outputDetails['audio_tokens']) ?? 0);
  // The Images API says of its first models only how many tokens the images took.
  const isOfImages = report['output_tokens_details'] === undefined && inputDetails['image_tokens'] !== undefined;
  const imageTokens = isOfImages ? answered : (looseCount(outputDetails['image_tokens']) ?? 0);
  const imageOutput = Math.min(answered - audioOutput, imageTokens);
  return {
    ...NO_FIGURES,
    input: fresh - audioInput - imageInput,
    cacheRead,
    cacheWrite5m: written - cacheWrite1h,
    cacheWrite1h,
    output: answered - audioOutput - imageOutput,
    reasoning,
    audioInput,
    audioOutput,
    imageInput,
    imageOutput,
  };
}

function uncached(all: unknown, cached: unknown): number {
  return Math.max(0, (looseCount(all) ?? 0) - (looseCount(cached) ?? 0));
}

/** Some who copied the API count reasoning beside `output_tokens`; the total tells which way an upstream counts. */
function containsReasoning(input: number, output: number, reasoning: number, total: number | null): boolean {
  if (reasoning > output) return false;
  return total === null || reasoning === 0 || total !== input + output + reasoning;
}

/** Zeros where nobody reported: readers of the format stumble over a missing report. */
export function encodeUsage(usage: UsageFigures | null): JsonObject {
  const written = usage ? usage.cacheWrite5m + usage.cacheWrite1h : 0;
  const input = usage ? inputTokens(usage) : 0;
  const output = usage ? outputTokens(usage) : 0;
  return {
    input_tokens: input,
    input_tokens_details: {
      cached_tokens: usage?.cacheRead ?? 0,
      cache_write_tokens: written,
      // The API's two lifetimes are 30 minutes and 12 hours; ours are told as the shorter and the longer one.
      ...(usage && usage.cacheWrite1h > 0 ? { cache_write_tokens_details: lifetimes(usage) } : {}),
    },
    output_tokens: output,
    output_tokens_details: { reasoning_tokens: usage?.reasoning ?? 0 },
    total_tokens: input + output,
  };
}

function lifetimes({ cacheWrite5m, cacheWrite1h }: UsageFigures): JsonObject {
  return { ttl_30m_tokens: cacheWrite5m, ttl_12h_tokens: cacheWrite1h };
}
