import type { JsonObject } from '../../neutral/json.ts';
import type { NeutralRequest, Sampling } from '../../neutral/request.ts';
import { askInWords } from '../ask-for-schema.ts';
import type { CallContext } from '../codec.ts';
import { leaveOutExtras } from '../policy.ts';
import { encodeContents } from './parts/encode-contents.ts';
import { encodeThinking } from './parts/encode-thinking.ts';
import { encodeToolConfig, encodeTools } from './parts/encode-tools.ts';
import { lowerSchema } from './parts/lower-schema.ts';

/** The body for generateContent and streamGenerateContent; model and method go into the path. */
export function encodeRequest(request: NeutralRequest, call: CallContext): JsonObject {
  const tools = encodeTools(request, call);
  const hasFunctions = tools.some((tool) => 'functionDeclarations' in tool);
  const { asked, output } = encodeOutput(request, call);
  const { systemInstruction, contents } = encodeContents(asked.messages, call);
  const generationConfig: JsonObject = {
    ...encodeSampling(request.sampling, call),
    ...encodeLength(request, call),
    ...output,
    ...encodeAnswers(request, call),
  };
  const thinking = encodeThinking(request.reasoning, call);
  if (thinking) generationConfig['thinkingConfig'] = thinking;
  const body: JsonObject = { contents };
  if (systemInstruction) body['systemInstruction'] = systemInstruction;
  if (tools.length > 0) body['tools'] = tools;
  const toolConfig = hasFunctions ? encodeToolConfig(request, call) : null;
  if (toolConfig) body['toolConfig'] = toolConfig;
  const tier = encodeServiceTier(request.serviceTier, call);
  if (tier) body['serviceTier'] = tier;
  warnOfOthers(request, call);
  return addExtras(body, generationConfig, { request, call });
}

/** Sampling that Gemini knows within its ranges: https://ai.google.dev/api/generate-content#generationconfig */
function encodeSampling(sampling: Sampling, { features, warn }: CallContext): JsonObject {
  const config: JsonObject = {};
  const put = (name: string, field: string, value: number | null, [low, high]: readonly [number, number]): void => {
    if (value === null) return;
    if (!features.sampling && field !== 'seed') return warn('dropped', field);
    const inRange = Math.min(high, Math.max(low, value));
    if (inRange !== value) warn('clamped', field);
    config[name] = inRange;
  };
  put('temperature', 'temperature', sampling.temperature, [0, 2]);
  put('topP', 'top_p', sampling.topP, [0, 1]);
  put('topK', 'top_k', sampling.topK, [1, Number.MAX_SAFE_INTEGER]);
  put('frequencyPenalty', 'frequency_penalty', sampling.frequencyPenalty, [-2, HIGHEST_PENALTY]);
  put('presencePenalty', 'presence_penalty', sampling.presencePenalty, [-2, HIGHEST_PENALTY]);
  put('seed', 'seed', sampling.seed, [-2_147_483_648, 2_147_483_647]);
  const stops = sampling.stop.filter((text) => text !== '').slice(0, MOST_STOPS);
  if (stops.length < sampling.stop.length) warn('clamped', 'stop');
  if (stops.length > 0) config['stopSequences'] = stops;
  if (sampling.logprobs !== null) config['responseLogprobs'] = sampling.logprobs;
  put('logprobs', 'top_logprobs', sampling.topLogprobs, [0, 20]);
  if (sampling.logitBias !== null) warn('dropped', 'logit_bias');
  return config;
}

const MOST_STOPS = 5;
/** The range is half open. */
const HIGHEST_PENALTY = 1.99;

function encodeLength(request: NeutralRequest, { outputCap, features, warn }: CallContext): JsonObject {
  const wanted = request.maxOutputTokens;
  const bounds = [outputCap, features.maxOutputTokens].filter((bound) => bound !== null);
  if (wanted === null) return outputCap === null ? {} : { maxOutputTokens: Math.min(...bounds) };
  const maxOutputTokens = Math.min(wanted, ...bounds);
  if (features.maxOutputTokens !== null && wanted > features.maxOutputTokens) warn('clamped', 'max_tokens');
  return { maxOutputTokens };
}

/**
 * Models before Gemini 3 refuse a JSON answer beside functions, and say so with a 400: it is asked for in words there
 * (https://ai.google.dev/gemini-api/docs/structured-output#structured_outputs_with_tools).
 */
function encodeOutput(request: NeutralRequest, call: CallContext): { asked: NeutralRequest; output: JsonObject } {
  const format = request.output;
  if (format === null) return { asked: request, output: {} };
  if (format.type === 'text') return { asked: request, output: { responseMimeType: 'text/plain' } };
  const schema = format.type === 'json-schema' ? format.schema : null;
  const hasFunctions = request.tools.some(({ type }) => type === 'function' || type === 'custom');
  const takesSchema = call.features.structuredOutput && (!hasFunctions || call.features.reasoning === 'level');
  if (!takesSchema) return { asked: askInWords(request, schema, call), output: {} };
  const output: JsonObject = { responseMimeType: 'application/json' };
  if (schema !== null) {
    const lowered = lowerSchema(schema);
    output[lowered.kind === 'openapi' ? 'responseSchema' : 'responseJsonSchema'] = lowered.schema;
  }
  return { asked: request, output };
}

function encodeAnswers(request: NeutralRequest, { warn }: CallContext): JsonObject {
  const config: JsonObject = {};
  if (request.choices > 1) config['candidateCount'] = request.choices;
  if (request.modalities !== null) {
    config['responseModalities'] = request.modalities.map((modality) => modality.toUpperCase());
  }
  // Voices are each vendor's own.
  if (request.audioOutput !== null) warn('dropped', 'audio');
  return config;
}

/** What is not said is the standard tier. */
const STANDARD_TIERS = new Set(['auto', 'default', 'standard']);
const OTHER_TIERS = new Set(['flex', 'priority']);

function encodeServiceTier(tier: string | null, { warn }: CallContext): string | null {
  if (tier === null || STANDARD_TIERS.has(tier)) return null;
  if (OTHER_TIERS.has(tier)) return tier;
  warn('dropped', 'service_tier');
  return null;
}

function warnOfOthers(request: NeutralRequest, { warn }: CallContext): void {
  if (request.endUser !== null) warn('vendor-only', 'user');
  if (request.metadata !== null) warn('vendor-only', 'metadata');
  if (request.cacheKey !== null) warn('vendor-only', 'prompt_cache_key');
  if (request.verbosity !== null) warn('dropped', 'verbosity');
  if (request.parallelToolCalls === false) warn('dropped', 'parallel_tool_calls');
}

/** Members of Gemini's own go back to where they stood. */
function addExtras(
  body: JsonObject,
  generationConfig: JsonObject,
  { request, call }: { request: NeutralRequest; call: CallContext },
): JsonObject {
  const { format, members } = request.extras;
  if (format !== 'gemini') {
    leaveOutExtras(request.extras, call.warn);
    return Object.keys(generationConfig).length > 0 ? { ...body, generationConfig } : body;
  }
  const { generationConfig: moreConfig, toolConfig: moreToolConfig, ...others } = members;
  Object.assign(generationConfig, moreConfig);
  if (Object.keys(generationConfig).length > 0) body['generationConfig'] = generationConfig;
  if (moreToolConfig !== undefined) {
    body['toolConfig'] = { ...(body['toolConfig'] as JsonObject | undefined), ...(moreToolConfig as JsonObject) };
  }
  return { ...others, ...body };
}
