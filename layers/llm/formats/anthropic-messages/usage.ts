import { isJsonObject, type JsonObject } from '../../neutral/json.ts';
import { looseCount, looseObject } from '../reading.ts';
import type { UsageFigures } from '../usage-figures.ts';

/** What was reported so far: `message_start` tells the input, `message_delta` repeats or corrects it with running totals. */
export type UsageReport = JsonObject;

/** A later report replaces what it names, and nothing else: a total told twice counts once. */
export function mergeUsage(before: UsageReport | null, later: unknown): UsageReport | null {
  if (!isJsonObject(later)) return before;
  const merged: UsageReport = { ...before };
  for (const [name, value] of Object.entries(later)) {
    if (value !== null) merged[name] = value;
  }
  return merged;
}

/**
 * Anthropic's usage object as disjoint parts. `input_tokens` leaves out the cached ones, `output_tokens` holds the
 * thinking (https://docs.claude.com/en/api/messages#response-usage). Null when it names no tokens at all.
 */
export function decodeUsage(usage: unknown): UsageFigures | null {
  if (!isJsonObject(usage)) return null;
  const input = looseCount(usage['input_tokens']);
  const output = looseCount(usage['output_tokens']);
  if (input === null && output === null) return null;

  const split = looseObject(usage['cache_creation']);
  const hour = looseCount(split['ephemeral_1h_input_tokens']) ?? 0;
  const minutes = looseCount(split['ephemeral_5m_input_tokens']) ?? 0;
  // Older servers name only the total: what the split leaves open was written for five minutes.
  const written = Math.max(hour + minutes, looseCount(usage['cache_creation_input_tokens']) ?? 0);
  const thinking = looseCount(looseObject(usage['output_tokens_details'])['thinking_tokens']) ?? 0;
  const reasoning = Math.min(thinking, output ?? 0);
  return {
    input: input ?? 0,
    cacheRead: looseCount(usage['cache_read_input_tokens']) ?? 0,
    cacheWrite5m: written - hour,
    cacheWrite1h: hour,
    output: (output ?? 0) - reasoning,
    reasoning,
    images: 0,
    audio: 0,
  };
}

/** Zeros where nobody reported: SDKs add the members up without looking. */
export function encodeUsage(usage: UsageFigures | null, serviceTier: string | null = null): JsonObject {
  const { input, cacheRead, cacheWrite5m, cacheWrite1h, output, reasoning, images, audio } = usage ?? NOTHING;
  return {
    input_tokens: input,
    cache_creation_input_tokens: cacheWrite5m + cacheWrite1h,
    cache_read_input_tokens: cacheRead,
    cache_creation: { ephemeral_5m_input_tokens: cacheWrite5m, ephemeral_1h_input_tokens: cacheWrite1h },
    output_tokens: output + reasoning + images + audio,
    ...(reasoning > 0 && { output_tokens_details: { thinking_tokens: reasoning } }),
    ...(serviceTier !== null && { service_tier: serviceTier }),
  };
}

const NOTHING: UsageFigures = {
  input: 0,
  cacheRead: 0,
  cacheWrite5m: 0,
  cacheWrite1h: 0,
  output: 0,
  reasoning: 0,
  images: 0,
  audio: 0,
};
