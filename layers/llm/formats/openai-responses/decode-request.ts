import type { Json, JsonObject } from '../../neutral/json.ts';
import type {
  Effort,
  NeutralRequest,
  OutputFormat,
  ReasoningWish,
  Sampling,
  SystemMessage,
} from '../../neutral/request.ts';
import type { ClientContext } from '../codec.ts';
import {
  asArray,
  asBoolean,
  asCount,
  asInteger,
  asNumber,
  asObject,
  asOneOf,
  asString,
  asText,
  invalidField,
  missingField,
  optional,
  pathOf,
} from '../reading.ts';
import { decodeInput } from './parts/decode-items.ts';
import { decodeToolChoice, decodeTools, withoutRepeats } from './parts/decode-tools.ts';
import { RESPONSES } from './wire.ts';

/** Members that have a place of their own in the neutral request; all others are extras. */
const KNOWN: ReadonlySet<string> = new Set([
  'background',
  'input',
  'instructions',
  'max_output_tokens',
  'metadata',
  'model',
  'parallel_tool_calls',
  'prompt_cache_key',
  'reasoning',
  'safety_identifier',
  'service_tier',
  'stream',
  'temperature',
  'text',
  'tool_choice',
  'tools',
  'top_logprobs',
  'top_p',
  'user',
]);

/**
 * https://platform.openai.com/docs/api-reference/responses/create
 * `previous_response_id` stays among the extras: whoever keeps responses expands it first (`expandStored`).
 */
export function decodeRequest(body: JsonObject, client: ClientContext): NeutralRequest {
  if (optional(body, 'background', asBoolean) === true) {
    throw invalidField('background', "'background' responses are not offered here. Ask without it, or with 'stream'.");
  }
  if (body['input'] == null && body['prompt'] == null && body['instructions'] == null) throw missingField('input');
  const instructions = optional(body, 'instructions', asString);
  const input = decodeInput(body['input'] ?? [], client);
  const tools = body['tools'] == null ? [] : decodeTools(body['tools'], 'tools', client.warn);
  const toolChoice = body['tool_choice'] == null ? null : decodeToolChoice(body['tool_choice'], 'tool_choice');
  const text = optional(body, 'text', asObject) ?? {};
  return {
    model: asText(body['model'], 'model'),
    messages: instructions ? [systemMessage(instructions), ...input.messages] : input.messages,
    tools: withoutRepeats([...tools, ...input.tools], client.warn),
    toolChoice,
    parallelToolCalls: optional(body, 'parallel_tool_calls', asBoolean),
    maxOutputTokens: optional(body, 'max_output_tokens', asCount),
    sampling: decodeSampling(body),
    reasoning: decodeReasoning(optional(body, 'reasoning', asObject)),
    output: text['format'] == null ? null : decodeFormat(text['format'], 'text.format'),
    choices: 1,
    stream: optional(body, 'stream', asBoolean) ?? false,
    wantsStreamUsage: true,
    endUser: optional(body, 'safety_identifier', asString) ?? optional(body, 'user', asString),
    metadata: optional(body, 'metadata', decodeMetadata),
    serviceTier: optional(body, 'service_tier', asString),
    cacheKey: optional(body, 'prompt_cache_key', asString),
    modalities: null,
    audioOutput: null,
    verbosity: optional(text, 'verbosity', asString, 'text'),
    extras: { format: RESPONSES, members: extrasOf(body, toolChoice === null) },
  };
}

function systemMessage(text: string): SystemMessage {
  return { role: 'system', as: 'system', content: [{ type: 'text', text }] };
}

function decodeSampling(body: JsonObject): Sampling {
  const logprobs = (optional(body, 'include', asArray) ?? []).includes(LOGPROBS) ? true : null;
  const topLogprobs = optional(body, 'top_logprobs', asInteger);
  return {
    temperature: optional(body, 'temperature', asNumber),
    topP: optional(body, 'top_p', asNumber),
    topK: null,
    frequencyPenalty: null,
    presencePenalty: null,
    seed: null,
    stop: [],
    logitBias: null,
    logprobs,
    topLogprobs: logprobs ? topLogprobs : null,
  };
}

export const LOGPROBS = 'message.output_text.logprobs';

const EFFORTS = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'] as const satisfies readonly Effort[];

function decodeReasoning(reasoning: JsonObject | null): ReasoningWish | null {
  if (reasoning === null) return null;
  const effort = optional(reasoning, 'effort', (value, path) => asOneOf(value, EFFORTS, path), 'reasoning');
  const summary =
    optional(reasoning, 'summary', asString, 'reasoning') ??
    optional(reasoning, 'generate_summary', asString, 'reasoning');
  if (effort === null && summary === null) return null;
  return {
    enabled: effort === 'none' ? false : null,
    effort,
    budgetTokens: null,
    show: summary === null ? null : summary !== 'none',
    summary,
  };
}

function decodeFormat(value: Json, path: string): OutputFormat {
  const format = asObject(value, path);
  const type = asOneOf(format['type'], ['text', 'json_object', 'json_schema'] as const, pathOf(path, 'type'));
  if (type === 'text') return { type };
  if (type === 'json_object') return { type: 'json' };
  return {
    type: 'json-schema',
    name: optional(format, 'name', asString, path),
    description: optional(format, 'description', asString, path),
    schema: optional(format, 'schema', asObject, path),
    strict: optional(format, 'strict', asBoolean, path),
  };
}

function decodeMetadata(value: unknown, path: string): Record<string, string> {
  const metadata: Record<string, string> = Object.create(null) as Record<string, string>;
  for (const [key, entry] of Object.entries(asObject(value, path))) metadata[key] = asString(entry, pathOf(path, key));
  return { ...metadata };
}

/** A choice of a tool that only this API has, and what `reasoning` says beyond effort and summary, stay too. */
function extrasOf(body: JsonObject, keepsToolChoice: boolean): JsonObject {
  const members: JsonObject = {};
  for (const [key, value] of Object.entries(body)) {
    if (value !== null && !KNOWN.has(key)) members[key] = value;
  }
  if (keepsToolChoice && body['tool_choice'] != null) members['tool_choice'] = body['tool_choice'];
  const {
    effort: _effort,
    summary: _summary,
    generate_summary: _old,
    ...rest
  } = (body['reasoning'] ?? {}) as JsonObject;
  if (Object.keys(rest).length > 0) members['reasoning'] = rest;
  return members;
}
