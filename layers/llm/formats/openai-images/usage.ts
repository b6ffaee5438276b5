import type { JsonObject } from '../../neutral/json.ts';
import { decodeUsage } from '../openai-responses/usage.ts';
import { looseObject } from '../reading.ts';
import { inputTokens, NO_FIGURES, outputTokens, type UsageFigures } from '../usage-figures.ts';

/**
 * The usage of pictures, in the shape that responses have too: what is written are tokens of pictures where no details
 * say otherwise (https://platform.openai.com/docs/api-reference/images/object). Null when it names no tokens.
 */
export function decodeImageUsage(report: unknown): UsageFigures | null {
  const figures = decodeUsage(report);
  if (figures === null || looseObject(report)['output_tokens_details'] !== undefined) return figures;
  return { ...figures, output: 0, imageOutput: figures.imageOutput + figures.output };
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
