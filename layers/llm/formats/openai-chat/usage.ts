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
  const audioIn = count(promptDetails['audio_tokens']) ?? 0;
  const audioOut = count(completionDetails['audio_tokens']) ?? 0;
  const reasoning = count(completionDetails['reasoning_tokens']) ?? 0;
  const inside = containsReasoning(prompt ?? 0, completion ?? 0, reasoning, count(usage['total_tokens']));

  return {
    input: Math.max(0, (prompt ?? 0) - cached - audioIn),
    cacheRead: cached,
    cacheWrite5m: 0,
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
