import type { JsonObject } from '../../neutral/json.ts';
import type { NeutralRequest, Sampling } from '../../neutral/request.ts';
import { askByTool, askInWords } from '../ask-for-schema.ts';
import type { CallContext } from '../codec.ts';
import { leaveOutExtras } from '../policy.ts';
import { invalidField } from '../reading.ts';
import { limitCachePoints } from './parts/cache-points.ts';
import { encodeConversation } from './parts/encode-conversation.ts';
import { encodeReasoning, type EncodedReasoning } from './parts/encode-reasoning.ts';
import { encodeToolConfig } from './parts/encode-tools.ts';

/** The body of Converse and of ConverseStream; they differ in their paths only. */
export function encodeRequest(request: NeutralRequest, call: CallContext): JsonObject {
  refuse(request);
  const asked = askForSchema(request, call);
  const { system, messages } = encodeConversation(asked.request.messages, call);
  const toolConfig = encodeToolConfig(asked.request, messages, call);
  const reasoning = encodeReasoning(asked.request, messages, call);
  const { inferenceConfig, more } = encodeSampling(request.sampling, reasoning, call);
  const additional = { ...more, ...reasoning.fields };
  const outputConfig = { ...asked.outputConfig, ...(reasoning.effort !== null && { effort: reasoning.effort }) };
  const serviceTier = encodeServiceTier(request, call);
  const body: JsonObject = {
    messages,
    ...(system.length > 0 && { system }),
    inferenceConfig: { maxTokens: reasoning.maxTokens, ...inferenceConfig },
    ...(toolConfig && { toolConfig }),
    ...(Object.keys(additional).length > 0 && { additionalModelRequestFields: additional }),
    ...(Object.keys(outputConfig).length > 0 && { outputConfig }),
    ...(serviceTier && { serviceTier }),
    ...(request.sampling.stop.length > 0 && { additionalModelResponseFieldPaths: ['/stop_sequence'] }),
  };
  warnOfOthers(request, call);
  limitCachePoints(body, call.warn);
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
  outputConfig: JsonObject;
}

/** https://docs.aws.amazon.com/bedrock/latest/userguide/structured-output.html */
function askForSchema(request: NeutralRequest, call: CallContext): Asked {
  const { output } = request;
  if (output === null || output.type === 'text') return { request, outputConfig: {} };
  const schema = output.type === 'json-schema' ? output.schema : null;
  if (output.type === 'json' || schema === null) return { request: askInWords(request, null, call), outputConfig: {} };
  if (call.features.structuredOutput) {
    const { name, description } = output;
    const jsonSchema = {
      schema: JSON.stringify(schema),
      ...(name !== null && { name }),
      ...(description !== null && { description }),
    };
    return { request, outputConfig: { textFormat: { type: 'json_schema', structure: { jsonSchema } } } };
  }
  if (request.tools.length > 0) return { request: askInWords(request, schema, call), outputConfig: {} };
  return { request: askByTool(request, { ...output, schema }, call), outputConfig: {} };
}

const MOST_STOPS = 2_500;

/** What Converse has no member for stands in the model's own request; only `top_k` has one name in all models. */
function encodeSampling(
  sampling: Sampling,
  { thinks }: EncodedReasoning,
  { features, warn }: CallContext,
): { inferenceConfig: JsonObject; more: JsonObject } {
  const { temperature, topP, topK, stop } = sampling;
  const inferenceConfig: JsonObject = {};
  const more: JsonObject = {};
  const mayTemper = features.sampling && !thinks;
  if (temperature !== null) {
    if (temperature > 1) warn('clamped', 'temperature');
    if (mayTemper) inferenceConfig['temperature'] = Math.min(1, temperature);
    else if (temperature !== 1) warn('dropped', 'temperature');
  }
  if (topP !== null) {
    if (mayTemper) inferenceConfig['topP'] = Math.min(1, topP);
    else if (topP !== 1) warn('dropped', 'top_p');
  }
  if (topK !== null) {
    if (mayTemper) more['top_k'] = topK;
    else warn('dropped', 'top_k');
  }
  const sequences = stop.filter((sequence) => sequence.trim() !== '').slice(0, MOST_STOPS);
  if (sequences.length < stop.length) warn('dropped', 'stop');
  if (sequences.length > 0) inferenceConfig['stopSequences'] = sequences;
  for (const [name, field] of UNKNOWN_SAMPLING) {
    if (sampling[name] !== null && sampling[name] !== false && sampling[name] !== 0) warn('dropped', field);
  }
  return { inferenceConfig, more };
}

const UNKNOWN_SAMPLING = [
  ['frequencyPenalty', 'frequency_penalty'],
  ['presencePenalty', 'presence_penalty'],
  ['seed', 'seed'],
  ['logitBias', 'logit_bias'],
  ['logprobs', 'logprobs'],
  ['topLogprobs', 'top_logprobs'],
] as const;

const TIERS: ReadonlySet<string> = new Set(['default', 'flex', 'priority', 'reserved']);

/** https://docs.aws.amazon.com/bedrock/latest/userguide/service-tiers-inference.html */
function encodeServiceTier({ serviceTier }: NeutralRequest, { warn }: CallContext): JsonObject | null {
  if (serviceTier === null || serviceTier === 'auto') return null;
  if (TIERS.has(serviceTier)) return { type: serviceTier };
  warn('dropped', 'service_tier');
  return null;
}

function warnOfOthers(request: NeutralRequest, { warn }: CallContext): void {
  const { endUser, metadata, cacheKey, audioOutput, verbosity, parallelToolCalls, extras } = request;
  if (endUser !== null) warn('vendor-only', 'user');
  if (metadata !== null) warn('vendor-only', 'metadata');
  if (cacheKey !== null) warn('vendor-only', 'prompt_cache_key');
  if (audioOutput !== null) warn('dropped', 'audio');
  if (verbosity !== null && verbosity !== 'medium') warn('dropped', 'verbosity');
  if (parallelToolCalls === false) warn('dropped', 'parallel_tool_calls');
  leaveOutExtras(extras, warn);
}
