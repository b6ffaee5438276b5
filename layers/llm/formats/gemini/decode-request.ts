import type { JsonObject } from '../../neutral/json.ts';
import type { NeutralRequest, OutputFormat, ReasoningWish, Sampling } from '../../neutral/request.ts';
import type { ClientContext } from '../codec.ts';
import { asArray, asBoolean, asCount, asInteger, asNumber, asObject, asString, asText, pathOf } from '../reading.ts';
import { decodeContents, decodeSystem } from './parts/decode-contents.ts';
import { decodeToolChoice, decodeTools } from './parts/decode-tools.ts';
import { field, membersBeyond, optionalField } from './parts/fields.ts';
import { raiseSchema } from './parts/raise-schema.ts';

const CONFIG = 'generationConfig';

/**
 * The body of generateContent, streamGenerateContent and countTokens. Model and method stand in the path: `client.model`
 * and `client.path` tell them.
 * @throws GatewayError `invalid_field`
 */
export function decodeRequest(given: JsonObject, client: ClientContext): NeutralRequest {
  // A request that is only to be counted may stand in one for the counter.
  const body = optionalField(given, 'generateContentRequest', asObject) ?? given;
  const config = optionalField(body, CONFIG, asObject) ?? {};
  return {
    model: client.model,
    messages: [...decodeSystem(body), ...decodeContents(body, client)],
    tools: decodeTools(body, client),
    toolChoice: decodeToolChoice(body),
    parallelToolCalls: null,
    maxOutputTokens: optionalField(config, 'maxOutputTokens', asCount, CONFIG),
    sampling: decodeSampling(config),
    reasoning: decodeReasoning(config),
    output: decodeOutput(config),
    choices: optionalField(config, 'candidateCount', asCount, CONFIG) ?? 1,
    stream: client.path?.stream ?? false,
    wantsStreamUsage: true,
    endUser: null,
    metadata: null,
    serviceTier: decodeServiceTier(body),
    cacheKey: null,
    modalities: decodeModalities(config),
    audioOutput: null,
    verbosity: null,
    extras: { format: 'gemini', members: decodeExtras(body, config) },
  };
}

function decodeSampling(config: JsonObject): Sampling {
  const number = (name: string): number | null => optionalField(config, name, asNumber, CONFIG);
  const stop = optionalField(config, 'stopSequences', asArray, CONFIG) ?? [];
  return {
    temperature: number('temperature'),
    topP: number('topP'),
    topK: number('topK'),
    frequencyPenalty: number('frequencyPenalty'),
    presencePenalty: number('presencePenalty'),
    seed: optionalField(config, 'seed', asInteger, CONFIG),
    stop: stop.map((text, index) => asString(text, pathOf(pathOf(CONFIG, 'stopSequences'), index))),
    logitBias: null,
    logprobs: optionalField(config, 'responseLogprobs', asBoolean, CONFIG),
    topLogprobs: optionalField(config, 'logprobs', asInteger, CONFIG),
  };
}

/** https://ai.google.dev/gemini-api/docs/thinking: 0 switches thinking off, −1 leaves the amount to the model. */
function decodeReasoning(config: JsonObject): ReasoningWish | null {
  const path = `${CONFIG}.thinkingConfig`;
  const thinking = optionalField(config, 'thinkingConfig', asObject, CONFIG);
  if (thinking === null) return null;
  const budget = optionalField(thinking, 'thinkingBudget', asInteger, path);
  const level = optionalField(thinking, 'thinkingLevel', asText, path)?.toLowerCase() ?? null;
  const show = optionalField(thinking, 'includeThoughts', asBoolean, path);
  if (budget === null && level === null && show === null) return null;
  return {
    enabled: budget === null ? null : budget !== 0,
    effort: level !== null && isEffort(level) ? level : null,
    budgetTokens: budget,
    show,
    summary: null,
  };
}

const LEVELS = ['minimal', 'low', 'medium', 'high'] as const;

function isEffort(level: string): level is (typeof LEVELS)[number] {
  return (LEVELS as readonly string[]).includes(level);
}

function decodeOutput(config: JsonObject): OutputFormat | null {
  const mediaType = optionalField(config, 'responseMimeType', asText, CONFIG);
  const jsonSchema =
    optionalField(config, 'responseJsonSchema', asObject, CONFIG) ??
    optionalField(config, '_responseJsonSchema', asObject, CONFIG);
  const lowered = optionalField(config, 'responseSchema', asObject, CONFIG);
  const schema = jsonSchema ?? (lowered && raiseSchema(lowered));
  if (schema !== null && schema !== undefined) {
    return { type: 'json-schema', name: null, description: null, schema, strict: null };
  }
  if (mediaType === null) return null;
  return mediaType === 'application/json' ? { type: 'json' } : { type: 'text' };
}

/** `standard` is what others call the default. */
function decodeServiceTier(body: JsonObject): string | null {
  const tier = optionalField(body, 'serviceTier', asText)?.toLowerCase() ?? null;
  if (tier === 'unspecified') return null;
  return tier === 'standard' ? 'default' : tier;
}

function decodeModalities(config: JsonObject): string[] | null {
  const path = `${CONFIG}.responseModalities`;
  const modalities = optionalField(config, 'responseModalities', asArray, CONFIG);
  if (modalities === null || modalities.length === 0) return null;
  return modalities.map((word, index) => asText(word, pathOf(path, index)).toLowerCase());
}

/** What stands in the neutral request. `model` repeats the path in some SDKs. */
const KNOWN = new Set(['model', 'contents', 'systemInstruction', 'tools', 'toolConfig', CONFIG, 'serviceTier']);
const KNOWN_CONFIG = new Set([
  'maxOutputTokens',
  'temperature',
  'topP',
  'topK',
  'frequencyPenalty',
  'presencePenalty',
  'seed',
  'stopSequences',
  'responseLogprobs',
  'logprobs',
  'thinkingConfig',
  'responseMimeType',
  'responseSchema',
  'responseJsonSchema',
  '_responseJsonSchema',
  'candidateCount',
  'responseModalities',
]);
const KNOWN_TOOL_CONFIG = new Set(['functionCallingConfig']);

function decodeExtras(body: JsonObject, config: JsonObject): JsonObject {
  const members = membersBeyond(body, KNOWN) ?? {};
  const moreConfig = membersBeyond(config, KNOWN_CONFIG);
  if (moreConfig) members[CONFIG] = moreConfig;
  const toolConfig = field(body, 'toolConfig');
  const moreToolConfig =
    toolConfig == null ? null : membersBeyond(asObject(toolConfig, 'toolConfig'), KNOWN_TOOL_CONFIG);
  if (moreToolConfig) members['toolConfig'] = moreToolConfig;
  return members;
}
