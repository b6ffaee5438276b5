import { isJsonObject, type JsonObject } from '../neutral/json.ts';
import type { UpstreamFormatName } from './format-name.ts';

/** An upstream format's own endpoint for counting. */
interface TokenCounter {
  /** @param request as it would be sent to be answered */
  encode(request: JsonObject, model: string): JsonObject;
  /** Null when there is no count in it. */
  decode(answer: unknown): number | null;
}

export const TOKEN_COUNTERS: Partial<Record<UpstreamFormatName, TokenCounter>> = {
  /** https://docs.claude.com/en/api/messages-count-tokens */
  'anthropic-messages': {
    encode: (request) =>
      Object.fromEntries(Object.entries(request).filter(([name]) => ANTHROPIC_COUNTED.has(name))) as JsonObject,
    decode: (answer) => countIn(answer, 'input_tokens'),
  },
  /** https://ai.google.dev/api/tokens#method:-models.counttokens */
  gemini: {
    encode: (request, model) => ({
      generateContentRequest: { ...request, model: model.includes('/') ? model : `models/${model}` },
    }),
    decode: (answer) => countIn(answer, 'totalTokens'),
  },
};

const ANTHROPIC_COUNTED = new Set(['model', 'messages', 'system', 'tools', 'tool_choice', 'thinking']);

function countIn(answer: unknown, member: string): number | null {
  const count = isJsonObject(answer) ? answer[member] : null;
  return typeof count === 'number' && Number.isSafeInteger(count) && count >= 0 ? count : null;
}
