import type { JsonObject } from '../../neutral/json.ts';
import { looseCount, looseObject } from '../reading.ts';
import { inputTokens, NO_FIGURES, outputTokens, type UsageFigures } from '../usage-figures.ts';

/**
 * OpenAI's usage object as disjoint parts. There, `prompt_tokens` contains the cached, the audio and the image tokens and
 * `completion_tokens` the reasoning, audio and image tokens, rejected predictions among the rest
 * (https://platform.openai.com/docs/api-reference/chat/object). Null when it names no tokens at all.
 */
export function decodeUsage(report: unknown): UsageFigures | null {
  const usage = looseObject(report);
  const prompt = looseCount(usage['prompt_tokens']);
  const completion = looseCount(usage['completion_tokens']);
  if (prompt === null && completion === null) return null;

  const answer = looseObject(usage['completion_tokens_details']);
  const reasoning = looseCount(answer['reasoning_tokens']) ?? 0;
  const inside = containsReasoning(prompt ?? 0, completion ?? 0, reasoning, looseCount(usage['total_tokens']));
  const spoken = Math.max(0, (completion ?? 0) - (inside ? reasoning : 0));
  const audioOutput = Math.min(spoken, looseCount(answer['audio_tokens']) ?? 0);
  const imageOutput = Math.min(spoken - audioOutput, looseCount(answer['image_tokens']) ?? 0);
  return {
    ...NO_FIGURES,
    ...decodePrompt(usage, prompt ?? 0),
    output: spoken - audioOutput - imageOutput,
    reasoning,
    audioOutput,
    imageOutput,
    webSearches: countSearches(usage),
  };
}

/**
 * What is charged by the piece beside the tokens: OpenRouter's searches, Perplexity's queries, xAI's sources
 * (https://openrouter.ai/docs/use-cases/usage-accounting, https://docs.perplexity.ai/api-reference,
 * https://docs.x.ai/docs/guides/live-search).
 */
function countSearches(usage: JsonObject): number {
  const ofOpenRouter = looseCount(looseObject(usage['server_tool_use'])['web_search_requests']);
  return ofOpenRouter ?? looseCount(usage['num_search_queries']) ?? looseCount(usage['num_sources_used']) ?? 0;
}

type PromptParts = Pick<UsageFigures, 'input' | 'cacheRead' | 'cacheWrite5m' | 'audioInput' | 'imageInput'>;

function decodePrompt(usage: JsonObject, prompt: number): PromptParts {
  const details = looseObject(usage['prompt_tokens_details']);
  // DeepSeek and Moonshot say the same beside the totals: https://api-docs.deepseek.com/guides/kv_cache,
  // https://platform.moonshot.ai/docs/api/chat
  const cacheRead =
    looseCount(details['cached_tokens']) ??
    looseCount(usage['prompt_cache_hit_tokens']) ??
    looseCount(usage['cached_tokens']) ??
    0;
  // OpenRouter and chained gateways tell what was written to a cache: https://openrouter.ai/docs/features/prompt-caching
  const cacheWrite5m = looseCount(details['cache_write_tokens']) ?? 0;
  const cached = looseObject(details['cached_tokens_details']);
  const fresh = Math.max(0, prompt - cacheRead - cacheWrite5m);
  const audioInput = Math.min(fresh, uncached(details['audio_tokens'], cached['audio_tokens']));
  const imageInput = Math.min(fresh - audioInput, uncached(details['image_tokens'], cached['image_tokens']));
  return { input: fresh - audioInput - imageInput, cacheRead, cacheWrite5m, audioInput, imageInput };
}

function uncached(all: unknown, cached: unknown): number {
  return Math.max(0, (looseCount(all) ?? 0) - (looseCount(cached) ?? 0));
}

/** xAI counts reasoning beside `completion_tokens`; the total tells which way an upstream counts. */
function containsReasoning(prompt: number, completion: number, reasoning: number, total: number | null): boolean {
  if (reasoning > completion) return false;
  return total === null || reasoning === 0 || total !== prompt + completion + reasoning;
}

/** The same as OpenAI counts: totals that contain their details. */
export function encodeUsage(figures: UsageFigures | null): JsonObject {
  const usage = figures ?? NO_FIGURES;
  const written = usage.cacheWrite5m + usage.cacheWrite1h;
  const prompt = inputTokens(usage);
  const completion = outputTokens(usage);
  return {
    prompt_tokens: prompt,
    completion_tokens: completion,
    total_tokens: prompt + completion,
    prompt_tokens_details: {
      cached_tokens: usage.cacheRead,
      audio_tokens: usage.audioInput,
      ...(usage.imageInput > 0 && { image_tokens: usage.imageInput }),
      ...(written > 0 && { cache_write_tokens: written }),
    },
    completion_tokens_details: {
      reasoning_tokens: usage.reasoning,
      audio_tokens: usage.audioOutput,
      ...(usage.imageOutput > 0 && { image_tokens: usage.imageOutput }),
    },
  };
}
