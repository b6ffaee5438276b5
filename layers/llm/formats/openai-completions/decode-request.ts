import type { Json, JsonObject } from '../../neutral/json.ts';
import type { NeutralRequest, Sampling } from '../../neutral/request.ts';
import type { ClientContext } from '../codec.ts';
import {
  asBoolean,
  asCount,
  asInteger,
  asNumber,
  asObject,
  asString,
  asText,
  invalidField,
  missingField,
  optional,
  pathOf,
  wrongType,
} from '../reading.ts';

/** https://platform.openai.com/docs/api-reference/completions/create: a prompt is one message of the user. */
export function decodeRequest(body: JsonObject, client: ClientContext): NeutralRequest {
  const streamOptions = optional(body, 'stream_options', asObject) ?? {};
  return {
    model: asText(body['model'], 'model'),
    messages: [{ role: 'user', content: [{ type: 'text', text: decodePrompt(body['prompt']) }] }],
    tools: [],
    toolChoice: null,
    parallelToolCalls: null,
    maxOutputTokens: optional(body, 'max_tokens', asCount),
    sampling: decodeSampling(body),
    reasoning: null,
    output: null,
    choices: optional(body, 'n', asCount) ?? 1,
    stream: optional(body, 'stream', asBoolean) ?? false,
    wantsStreamUsage: optional(streamOptions, 'include_usage', asBoolean, 'stream_options') ?? false,
    endUser: optional(body, 'user', asString),
    metadata: null,
    serviceTier: null,
    cacheKey: null,
    modalities: null,
    audioOutput: null,
    verbosity: null,
    extras: { format: 'openai-completions', members: decodeExtras(body, client) },
  };
}

/** Upstreams answer conversations, so one text at a time. */
function decodePrompt(prompt: Json | undefined): string {
  if (prompt == null) throw missingField('prompt');
  if (typeof prompt === 'string') return asText(prompt, 'prompt');
  if (!Array.isArray(prompt)) throw wrongType('prompt', 'a string');
  if (prompt.length !== 1) throw invalidField('prompt', "'prompt' must be one text here. Send a request for each.");
  if (typeof prompt[0] !== 'string') {
    throw invalidField('prompt[0]', "'prompt' must be a text here: tokens mean nothing to this model’s upstream.");
  }
  return asText(prompt[0], 'prompt[0]');
}

function decodeSampling(body: JsonObject): Sampling {
  return {
    temperature: optional(body, 'temperature', asNumber),
    topP: optional(body, 'top_p', asNumber),
    topK: null,
    frequencyPenalty: optional(body, 'frequency_penalty', asNumber),
    presencePenalty: optional(body, 'presence_penalty', asNumber),
    seed: optional(body, 'seed', asInteger),
    stop: optional(body, 'stop', decodeStop) ?? [],
    logitBias: optional(body, 'logit_bias', asObject),
    logprobs: null,
    topLogprobs: null,
  };
}

function decodeStop(value: unknown, path: string): string[] {
  const stop = Array.isArray(value) ? (value as Json[]) : [value];
  return stop.map((text, index) => asString(text, Array.isArray(value) ? pathOf(path, index) : path));
}

const KNOWN: ReadonlySet<string> = new Set([
  'frequency_penalty',
  'logit_bias',
  'max_tokens',
  'model',
  'n',
  'presence_penalty',
  'prompt',
  'seed',
  'stop',
  'stream',
  'stream_options',
  'temperature',
  'top_p',
  'user',
]);

/** What asks for nothing is as good as absent. */
function decodeExtras(body: JsonObject, client: ClientContext): JsonObject {
  const members: JsonObject = {};
  for (const [name, value] of Object.entries(body)) {
    if (KNOWN.has(name) || value === null || value === false || value === '') continue;
    if (name === 'best_of' && value === (body['n'] ?? 1)) continue;
    // The answer says `logprobs: null`; the models behind have them in another shape, if at all.
    if (name === 'logprobs' || name === 'best_of') client.warn('dropped', name);
    else members[name] = value;
  }
  return members;
}
