import type { FormatName, UpstreamFormatName } from '@sluice/llm/formats/format-name';
import { inputTokens, type UsageFigures } from '@sluice/llm/formats/usage-figures';

/*
 * How long an upstream keeps what it has read. Sources:
 * https://platform.openai.com/docs/guides/prompt-caching (from 1 024 tokens, 5 to 10 minutes after the last use)
 * https://docs.anthropic.com/en/docs/build-with-claude/prompt-caching (only what is marked, 5 minutes or 1 hour after
 *   the last use)
 * https://ai.google.dev/gemini-api/docs/caching (implicit, from 1 024 tokens; no time is promised)
 * https://docs.aws.amazon.com/bedrock/latest/userguide/prompt-caching.html (only what is marked, 5 minutes)
 */

interface CacheRule {
  /** After the last use. */
  lifeMs: number;
  /** Shorter prompts are not kept; null: only what the upstream reports as kept is. */
  fromTokens: number | null;
}

const MINUTE = 60_000;
const MARKED_FOR_AN_HOUR_MS = 60 * MINUTE;

export const CACHE_RULES: Readonly<Record<FormatName, CacheRule>> = {
  'openai-chat': { lifeMs: 10 * MINUTE, fromTokens: 1_024 },
  'openai-responses': { lifeMs: 10 * MINUTE, fromTokens: 1_024 },
  'anthropic-messages': { lifeMs: 5 * MINUTE, fromTokens: null },
  gemini: { lifeMs: 5 * MINUTE, fromTokens: 1_024 },
  'bedrock-converse': { lifeMs: 5 * MINUTE, fromTokens: null },
};

/** What of a conversation an upstream keeps under a credential, after an answer with this report. */
export interface KeptPrompt {
  tokens: number;
  lifeMs: number;
}

/** @returns null where nothing is kept */
export function keptPrompt(format: UpstreamFormatName, usage: UsageFigures): KeptPrompt | null {
  // Servers that do nothing but draw read no conversations.
  if (format === 'openai-images') return null;
  const { lifeMs, fromTokens } = CACHE_RULES[format];
  const { cacheRead, cacheWrite5m, cacheWrite1h } = usage;
  if (fromTokens !== null) {
    const tokens = inputTokens(usage);
    return tokens >= fromTokens || cacheRead > 0 ? { tokens, lifeMs } : null;
  }
  const tokens = cacheRead + cacheWrite5m + cacheWrite1h;
  if (tokens === 0) return null;
  return { tokens, lifeMs: cacheWrite1h > 0 ? MARKED_FOR_AN_HOUR_MS : lifeMs };
}
