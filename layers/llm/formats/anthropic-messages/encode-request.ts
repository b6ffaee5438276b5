import type { Json, JsonObject } from '../../neutral/json.ts';
import type { NeutralRequest } from '../../neutral/request.ts';
import type { CallContext } from '../codec.ts';
import { askByTool, askInWords } from '../ask-for-schema.ts';
import { invalidField } from '../reading.ts';
import { limitCacheMarks } from './parts/cache-marks.ts';
import { encodeConversation } from './parts/encode-conversation.ts';
import { encodeThinking } from './parts/encode-thinking.ts';
import { encodeToolChoice, encodeTools } from './parts/encode-tools.ts';
import { encodeOutputSchema } from './parts/schemas.ts';
import { leaveOutExtras } from '../policy.ts';

const FORMAT = 'anthropic-messages';

/** https://docs.claude.com/en/api/messages */
export function encodeRequest(request: NeutralRequest, call: CallContext): JsonObject {
  refuse(request);
  const asked = askForSchema(request, call);
  const { system, messages } = encodeConversation(asked.request.messages, call);
  const { thinking, effort, maxTokens } = encodeThinking(asked.request, messages, call);
  const tools = encodeTools(asked.request, call);
  const config = { ...(effort !== null && { effort }), ...asked.config };
  const body: JsonObject = {
    model: call.model,
    max_tokens: maxTokens,
    ...(system.length > 0 && { system }),
    messages,
    ...(tools.length > 0 && { tools }),
    ...member('tool_choice', encodeToolChoice(asked.request, tools, call)),
    ...member('thinking', thinking),
    ...(Object.keys(config).length > 0 && { output_config: config }),
    ...encodeSampling(request, isThinking(thinking), call),
    ...encodeMetadata(request, call),
    ...(request.stream && { stream: true }),
    ...encodeExtras(request, call),
  };
  limitCacheMarks(body, call.warn);
  return body;
}

/** What the client must know is not there, since an answer without it would be another answer. */
function refuse({ choices, modalities }: NeutralRequest): void {
  if (choices > 1) throw invalidField('n', 'This model gives one answer at a time: n must be 1.');
  const other = modalities?.find((name) => name !== 'text');
  if (other !== undefined) throw invalidField('modalities', `This model answers in text only, not in ${other}.`);
}

interface Asked {
  request: NeutralRequest;
  config: JsonObject;
}

/** An answer after a schema: by the format's own means, by a tool that must be called, or in words. */
function askForSchema(request: NeutralRequest, call: CallContext): Asked {
  const { output } = request;
  if (output === null || output.type === 'text') return { request, config: {} };
  if (output.type === 'json' || output.schema === null) return { request: askInWords(request, null, call), config: {} };
  if (call.features.structuredOutput) {
    return { request, config: { format: { type: 'json_schema', schema: encodeOutputSchema(output.schema) } } };
  }
  if (request.tools.length > 0) return { request: askInWords(request, output.schema, call), config: {} };
  return { request: askByTool(request, { ...output, schema: output.schema }, call), config: {} };
}

function isThinking(thinking: JsonObject | null): boolean {
  return thinking !== null && thinking['type'] !== 'disabled';
}

/** `top_p` may be set beside thinking from here on. */
const LEAST_TOP_P_THINKING = 0.95;

function encodeSampling({ sampling }: NeutralRequest, thinks: boolean, { features, warn }: CallContext): JsonObject {
  const { temperature, topP, topK, stop } = sampling;
  for (const [name, value] of Object.entries(UNKNOWN_SAMPLING)) {
    const given = sampling[name as keyof typeof UNKNOWN_SAMPLING];
    if (given !== null && given !== UNTOUCHED[name]) warn('dropped', value);
  }
  const sequences = stop.filter((sequence) => sequence.trim() !== '');
  if (sequences.length < stop.length) warn('dropped', 'stop');
  const encoded: JsonObject = sequences.length > 0 ? { stop_sequences: sequences } : {};
  const drop = (name: string): void => warn('dropped', name);

  const mayTemper = features.sampling && !thinks;
  if (temperature !== null) {
    if (mayTemper) encoded['temperature'] = clamp(temperature, warn);
    else if (temperature !== 1) drop('temperature');
  }
  if (topP !== null) {
    // Newer models refuse the two together.
    const isAlone = encoded['temperature'] === undefined;
    if (features.sampling && isAlone && (!thinks || topP >= LEAST_TOP_P_THINKING)) encoded['top_p'] = topP;
    else if (topP !== 1) drop('top_p');
  }
  if (topK !== null) {
    if (mayTemper) encoded['top_k'] = topK;
    else drop('top_k');
  }
  return encoded;
}

/** What a member says that says nothing. */
const UNTOUCHED: Readonly<Record<string, unknown>> = { frequencyPenalty: 0, presencePenalty: 0, logprobs: false };

/** Members that the format has no word for, and what clients call them. */
const UNKNOWN_SAMPLING = {
  frequencyPenalty: 'frequency_penalty',
  presencePenalty: 'presence_penalty',
  seed: 'seed',
  logitBias: 'logit_bias',
  logprobs: 'logprobs',
  topLogprobs: 'top_logprobs',
} as const;

function clamp(temperature: number, warn: CallContext['warn']): number {
  if (temperature <= 1) return temperature;
  warn('clamped', 'temperature');
  return 1;
}

function encodeMetadata(request: NeutralRequest, { warn }: CallContext): JsonObject {
  const { endUser, metadata, serviceTier, cacheKey, audioOutput, verbosity } = request;
  if (metadata !== null) warn('dropped', 'metadata');
  if (cacheKey !== null) warn('vendor-only', 'prompt_cache_key');
  if (audioOutput !== null) warn('dropped', 'audio');
  if (verbosity !== null && verbosity !== 'medium') warn('dropped', 'verbosity');
  return {
    ...(endUser !== null && { metadata: { user_id: endUser } }),
    ...member('service_tier', encodeServiceTier(serviceTier, warn)),
  };
}

function encodeServiceTier(tier: string | null, warn: CallContext['warn']): string | null {
  if (tier === null || tier === 'auto') return tier;
  if (tier === 'default' || tier === 'standard') return 'standard_only';
  warn('dropped', 'service_tier');
  return null;
}

function encodeExtras({ extras }: NeutralRequest, { warn }: CallContext): JsonObject {
  if (extras.format === FORMAT) return extras.members;
  leaveOutExtras(extras, warn);
  return {};
}

function member(name: string, value: Json): JsonObject {
  return value === null ? {} : { [name]: value };
}
