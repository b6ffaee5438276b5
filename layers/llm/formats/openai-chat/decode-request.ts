import type { JsonObject } from '../../neutral/json.ts';
import type { NeutralRequest, Sampling } from '../../neutral/request.ts';
import type { ClientContext } from '../codec.ts';
import {
  asArray,
  asBoolean,
  asCount,
  asInteger,
  asNumber,
  asObject,
  asString,
  asText,
  optional,
  pathOf,
} from '../reading.ts';
import { decodeMessages } from './parts/decode-messages.ts';
import { decodeOutput, decodeReasoningWish, decodeToolChoice, decodeTools } from './parts/decode-tools.ts';

/** https://platform.openai.com/docs/api-reference/chat/create */
export function decodeRequest(body: JsonObject, client: ClientContext): NeutralRequest {
  const streamOptions = optional(body, 'stream_options', asObject) ?? {};
  return {
    model: asText(body['model'], 'model'),
    messages: decodeMessages(body, client),
    tools: decodeTools(body),
    toolChoice: decodeToolChoice(body),
    parallelToolCalls: optional(body, 'parallel_tool_calls', asBoolean),
    // Of the two the newer one is believed.
    maxOutputTokens: optional(body, 'max_completion_tokens', asCount) ?? optional(body, 'max_tokens', asCount),
    sampling: decodeSampling(body),
    reasoning: decodeReasoningWish(body),
    output: decodeOutput(body),
    choices: optional(body, 'n', asCount) ?? 1,
    stream: optional(body, 'stream', asBoolean) ?? false,
    wantsStreamUsage: optional(streamOptions, 'include_usage', asBoolean, 'stream_options') ?? false,
    endUser: optional(body, 'safety_identifier', asString) ?? optional(body, 'user', asString),
    metadata: decodeMetadata(body),
    serviceTier: optional(body, 'service_tier', asString),
    cacheKey: optional(body, 'prompt_cache_key', asString),
    modalities: decodeWords(body, 'modalities'),
    audioOutput: optional(body, 'audio', asObject),
    verbosity: optional(body, 'verbosity', asString),
    extras: { format: 'openai-chat', members: extraMembers(body) },
  };
}

function decodeSampling(body: JsonObject): Sampling {
  return {
    temperature: optional(body, 'temperature', asNumber),
    topP: optional(body, 'top_p', asNumber),
    topK: optional(body, 'top_k', asInteger),
    frequencyPenalty: optional(body, 'frequency_penalty', asNumber),
    presencePenalty: optional(body, 'presence_penalty', asNumber),
    seed: optional(body, 'seed', asInteger),
    stop: typeof body['stop'] === 'string' ? [body['stop']] : (decodeWords(body, 'stop') ?? []),
    logitBias: optional(body, 'logit_bias', asObject),
    logprobs: optional(body, 'logprobs', asBoolean),
    topLogprobs: optional(body, 'top_logprobs', asInteger),
  };
}

function decodeWords(body: JsonObject, key: string): string[] | null {
  const words = optional(body, key, asArray);
  return words && words.map((item, index) => asString(item, pathOf(key, index)));
}

function decodeMetadata(body: JsonObject): Record<string, string> | null {
  const metadata = optional(body, 'metadata', asObject);
  if (metadata === null) return null;
  const entries = Object.entries(metadata).map(([name, value]) => [name, asString(value, pathOf('metadata', name))]);
  return entries.length === 0 ? null : (Object.fromEntries(entries) as Record<string, string>);
}

/** What the neutral vocabulary knows; all else rides along for the same format. */
const KNOWN = new Set([
  'model',
  'messages',
  'tools',
  'functions',
  'web_search_options',
  'tool_choice',
  'function_call',
  'parallel_tool_calls',
  'max_completion_tokens',
  'max_tokens',
  'temperature',
  'top_p',
  'top_k',
  'frequency_penalty',
  'presence_penalty',
  'seed',
  'stop',
  'logit_bias',
  'logprobs',
  'top_logprobs',
  'reasoning_effort',
  'reasoning',
  'thinking',
  'response_format',
  'n',
  'stream',
  'stream_options',
  'user',
  'safety_identifier',
  'metadata',
  'service_tier',
  'prompt_cache_key',
  'modalities',
  'audio',
  'verbosity',
]);

function extraMembers(body: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(body).filter(([name, value]) => !KNOWN.has(name) && value !== null));
}
