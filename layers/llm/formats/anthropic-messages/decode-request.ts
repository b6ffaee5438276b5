import type { JsonObject } from '../../neutral/json.ts';
import type { TextPart } from '../../neutral/parts.ts';
import type { Effort, NeutralMessage, NeutralRequest, OutputFormat, ReasoningWish } from '../../neutral/request.ts';
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
  optional,
  pathOf,
  wrongType,
} from '../reading.ts';
import {
  createBlockReader,
  decodeAssistantBlock,
  decodeText,
  decodeUserBlock,
  eachBlock,
  type BlockReader,
} from './parts/decode-blocks.ts';
import { decodeToolChoice, decodeTools, readOutputFormat } from './parts/decode-tools.ts';

const FORMAT = 'anthropic-messages';

/**
 * https://docs.claude.com/en/api/messages, and the same without `max_tokens`, which is to be counted only:
 * https://docs.claude.com/en/api/messages-count-tokens
 */
export function decodeRequest(body: JsonObject, client: ClientContext): NeutralRequest {
  const { choice, parallel } = decodeToolChoice(body['tool_choice']);
  return {
    model: asText(body['model'], 'model'),
    messages: [...decodeSystem(body['system'], client), ...decodeMessages(body, client)],
    tools: decodeTools(body['tools'], client),
    toolChoice: choice,
    parallelToolCalls: parallel,
    maxOutputTokens: optional(body, 'max_tokens', asCount),
    sampling: {
      temperature: optional(body, 'temperature', asNumber),
      topP: optional(body, 'top_p', asNumber),
      topK: optional(body, 'top_k', asInteger),
      frequencyPenalty: null,
      presencePenalty: null,
      seed: null,
      stop: decodeStopSequences(body),
      logitBias: null,
      logprobs: null,
      topLogprobs: null,
    },
    reasoning: decodeReasoning(body),
    output: decodeOutput(body),
    choices: 1,
    stream: optional(body, 'stream', asBoolean) ?? false,
    wantsStreamUsage: true,
    endUser: decodeEndUser(body),
    metadata: null,
    serviceTier: decodeServiceTier(body),
    cacheKey: null,
    modalities: null,
    audioOutput: null,
    verbosity: null,
    extras: { format: FORMAT, members: extraMembers(body) },
  };
}

/** Lines by which Claude Code tells its vendor whom to bill. */
const BILLING = /^x-anthropic-billing-header:/i;

function decodeSystem(system: JsonObject[string] | undefined, client: ClientContext): NeutralMessage[] {
  if (system == null) return [];
  const content: TextPart[] = [];
  for (const [block, path] of eachBlock(system, 'system')) {
    if (block['type'] !== 'text') throw wrongType(pathOf(path, 'type'), "'text'");
    const part = decodeText(block, path);
    if (BILLING.test(part.text)) client.warn('vendor-only', 'system');
    else if (part.text !== '') content.push(part);
  }
  return content.length === 0 ? [] : [{ role: 'system', as: 'system', content }];
}

function decodeMessages(body: JsonObject, client: ClientContext): NeutralMessage[] {
  const messages = asArray(body['messages'], 'messages');
  if (messages.length === 0) throw wrongType('messages', 'an array of at least one message');
  const reader = createBlockReader(client);
  return messages.map((item, index) => {
    const path = pathOf('messages', index);
    return decodeMessage(asObject(item, path), path, reader);
  });
}

function decodeMessage(message: JsonObject, path: string, reader: BlockReader): NeutralMessage {
  const blocks = eachBlock(message['content'], pathOf(path, 'content'));
  switch (message['role']) {
    case 'user':
      return { role: 'user', content: blocks.flatMap(([block, at]) => decodeUserBlock(block, at, reader)) };
    case 'assistant':
      reader.unanswered.length = 0;
      return { role: 'assistant', content: blocks.flatMap(([block, at]) => decodeAssistantBlock(block, at, reader)) };
    case 'system':
      return { role: 'system', as: 'system', content: blocks.map(([block, at]) => decodeText(block, at)) };
    default:
      throw wrongType(pathOf(path, 'role'), "one of 'user', 'assistant', 'system'");
  }
}

function decodeStopSequences(body: JsonObject): string[] {
  const sequences = optional(body, 'stop_sequences', asArray) ?? [];
  return sequences.map((item, index) => asString(item, pathOf('stop_sequences', index)));
}

const EFFORTS: readonly Effort[] = ['low', 'medium', 'high', 'xhigh', 'max', 'minimal', 'none'];

/** https://docs.claude.com/en/docs/build-with-claude/extended-thinking, …/adaptive-thinking, …/effort */
function decodeReasoning(body: JsonObject): ReasoningWish | null {
  const config = optional(body, 'output_config', asObject) ?? {};
  const effort = optional(config, 'effort', (value, path) => asOneOf(value, EFFORTS, path), 'output_config');
  const thinking = optional(body, 'thinking', asObject);
  if (thinking === null) {
    return effort === null ? null : { enabled: null, effort, budgetTokens: null, show: null, summary: null };
  }
  const type = asOneOf(thinking['type'], ['enabled', 'adaptive', 'disabled'] as const, 'thinking.type');
  const display = optional(thinking, 'display', asString, 'thinking');
  return {
    enabled: type !== 'disabled',
    effort,
    budgetTokens: type === 'disabled' ? null : decodeBudget(thinking, type),
    show: display === null ? null : display !== 'omitted',
    summary: null,
  };
}

/** Adaptive thinking is as much as the model likes. */
function decodeBudget(thinking: JsonObject, type: 'enabled' | 'adaptive'): number {
  return type === 'adaptive' ? -1 : asCount(thinking['budget_tokens'], 'thinking.budget_tokens');
}

function decodeOutput(body: JsonObject): OutputFormat | null {
  const { format, path } = readOutputFormat(body);
  if (format === null) return null;
  asOneOf(format['type'], ['json_schema'], pathOf(path, 'type'));
  const schema = asObject(format['schema'], pathOf(path, 'schema'));
  return { type: 'json-schema', name: null, description: null, schema, strict: null };
}

function decodeEndUser(body: JsonObject): string | null {
  const metadata = optional(body, 'metadata', asObject);
  return metadata && optional(metadata, 'user_id', asString, 'metadata');
}

function decodeServiceTier(body: JsonObject): string | null {
  const tier = optional(body, 'service_tier', asString);
  return tier === 'standard_only' ? 'default' : tier;
}

/** What the neutral vocabulary knows; all else rides along for the same format. */
const KNOWN = new Set([
  'model',
  'system',
  'messages',
  'tools',
  'tool_choice',
  'max_tokens',
  'temperature',
  'top_p',
  'top_k',
  'stop_sequences',
  'thinking',
  'output_config',
  'output_format',
  'stream',
  'metadata',
  'service_tier',
]);

function extraMembers(body: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(body).filter(([name, value]) => !KNOWN.has(name) && value !== null));
}
