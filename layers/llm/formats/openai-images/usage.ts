import type { JsonObject } from '../../neutral/json.ts';
import { looseCount, looseObject } from '../reading.ts';
import { inputTokens, NO_FIGURES, outputTokens, type UsageFigures } from '../usage-figures.ts';

/**
 * The usage of pictures as disjoint parts: what is written are tokens of pictures unless the details say otherwise
 * (https://platform.openai.com/docs/api-reference/images/object). Null when it names no tokens.
 */
export function decodeImageUsage(report: unknown): UsageFigures | null {
  const usage = looseObject(report);
  const input = looseCount(usage['input_tokens']) ?? looseCount(usage['prompt_tokens']);
  const output = looseCount(usage['output_tokens']) ?? looseCount(usage['completion_tokens']);
  if (input === null && output === null) return null;
  const read = looseObject(usage['input_tokens_details']);
  const written = looseObject(usage['output_tokens_details']);
  const cacheRead = Math.min(input ?? 0, looseCount(read['cached_tokens']) ?? 0);
  const fresh = (input ?? 0) - cacheRead;
  const imageInput = Math.min(fresh, looseCount(read['image_tokens']) ?? 0);
  const text = Math.min(output ?? 0, looseCount(written['text_tokens']) ?? 0);
  return {
    ...NO_FIGURES,
    input: fresh - imageInput,
    cacheRead,
    imageInput,
    output: text,
    imageOutput: (output ?? 0) - text,
  };
}

/** Zeros in shape where nobody reported. */
export function encodeImageUsage(figures: UsageFigures | null): JsonObject {
  const usage = figures ?? NO_FIGURES;
  const input = inputTokens(usage);
  const output = outputTokens(usage);
  return {
    total_tokens: input + output,
    input_tokens: input,
    output_tokens: output,
    input_tokens_details: { text_tokens: input - usage.imageInput, image_tokens: usage.imageInput },
    output_tokens_details: { text_tokens: output - usage.imageOutput, image_tokens: usage.imageOutput },
  };
}
