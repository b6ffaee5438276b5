import type { JsonObject } from '../../neutral/json.ts';
import type { UsageFigures } from '../usage-figures.ts';

/**
 * OpenAI's usage object as disjoint parts. There, `prompt_tokens` contains the cached and the audio tokens and
 * `completion_tokens` the reasoning and the audio tokens (https://platform.openai.com/docs/api-reference/chat/object).
 * Null when it names no tokens at all.
 */
export function decodeUsage(usage: unknown): UsageFigures | null {
  if (!isObject(usage)) return null;
  const prompt = count(usage['prompt_tokens']);
  const completion = count(usage['completion_tokens']);
  if (prompt === null && completion === null) return null;

  const promptDetails = isObject(usage['prompt_tokens_details']) ? usage['prompt_tokens_details'] : {};
  const completionDetails = isObject(usage['completion_tokens_details']) ? usage['completion_tokens_details'] : {};
  // DeepSeek says the same beside the totals: https://api-docs.deepseek.com/guides/kv_cache
  const cached = count(promptDetails['cached_tokens']) ?? count(usage['prompt_cache_hit_tokens']) ?? 0;
  // OpenRouter and chained gateways tell what was written to a cache: https://openrouter.ai/docs/features/prompt-caching
  const written = count(promptDetails['cache_write_tokens']) ?? 0;
  const audioIn = count(promptDetails['audio_tokens']) ?? 0;
  const audioOut = count(completionDetails['audio_tokens']) ?? 0;
  const reasoning = count(completionDetails['reasoning_tokens']) ?? 0;
  const inside = containsReasoning(prompt ?? 0, completion ?? 0, reasoning, count(usage['total_tokens']));

  return {
    input: Math.max(0, (prompt ?? 0) - cached - written - audioIn),
    cacheRead: cached,
    cacheWrite5m: written,
    cacheWrite1h: 0,
    output: Math.max(0, (completion ?? 0) - audioOut - (inside ? reasoning : 0)),
    reasoning,
    images: 0,
    audio: audioIn + audioOut,
  };
}

/** xAI counts reasoning beside `completion_tokens`; the total tells which way an upstream counts. */
function containsReasoning(prompt: number, completion: number, reasoning: number, total: number | null): boolean {
  if (reasoning > completion) return false;
  return total === null || reasoning === 0 || total !== prompt + completion + reasoning;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A count of tokens; absent and nonsense are not zero. */
function count(value: unknown): number | null {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : null;
}

/** The same as OpenAI counts: totals that contain their details. */
export function encodeUsage(usage: UsageFigures | null): JsonObject {
  const { input, cacheRead, cacheWrite5m, cacheWrite1h, output, reasoning, images, audio } = usage ?? NOTHING;
  const written = cacheWrite5m + cacheWrite1h;
  const prompt = input + cacheRead + written;
  const completion = output + reasoning + images + audio;
  return {
    prompt_tokens: prompt,
    completion_tokens: completion,
    total_tokens: prompt + completion,
    prompt_tokens_details: {
      cached_tokens: cacheRead,
      audio_tokens: 0,
      ...(written > 0 && { cache_write_tokens: written }),
    },
    completion_tokens_details: { reasoning_tokens: reasoning, audio_tokens: audio },
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
