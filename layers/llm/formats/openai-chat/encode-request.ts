import { shortDigest } from '@sluice/kit/crypto/short-digest';
import type { Json, JsonObject } from '../../neutral/json.ts';
import type { NeutralRequest, ReasoningWish } from '../../neutral/request.ts';
import type { CallContext } from '../codec.ts';
import { leaveOutExtras } from '../policy.ts';
import { budgetOf, effortOf, isOff } from '../reasoning-wish.ts';
import { encodeMessages } from './parts/encode-messages.ts';
import { encodeToolChoice, encodeTools } from './parts/encode-tools.ts';

const FORMAT = 'openai-chat';

/** https://platform.openai.com/docs/api-reference/chat/create */
export function encodeRequest(request: NeutralRequest, call: CallContext): JsonObject {
  const { tools, search } = encodeTools(request.tools, call);
  const { instruction, responseFormat } = encodeOutput(request, call);
  const messages = encodeMessages(request.messages, call);
  return {
    model: call.model,
    messages:
      instruction === null
        ? messages
        : [...messages.slice(0, leading(messages)), instruction, ...messages.slice(leading(messages))],
    ...(tools.length > 0 && { tools }),
    ...(tools.length > 0 && request.parallelToolCalls !== null && { parallel_tool_calls: request.parallelToolCalls }),
    ...member('tool_choice', encodeToolChoice(request, tools, call)),
    ...member('web_search_options', search),
    ...member('response_format', responseFormat),
    ...encodeCap(request, call),
    ...encodeReasoning(request.reasoning, call),
    ...encodeSampling(request, call),
    ...encodeMembers(request, call),
    ...(request.stream && { stream: true, stream_options: { include_usage: true } }),
    ...encodeExtras(request, call),
  };
}

function leading(messages: readonly JsonObject[]): number {
  const found = messages.findIndex(({ role }) => role !== 'system' && role !== 'developer');
  return found < 0 ? messages.length : found;
}

interface EncodedOutput {
  instruction: JsonObject | null;
  responseFormat: JsonObject | null;
}

/** A schema that the model does not know how to keep to is asked for in words, beside the JSON mode that more servers have. */
function encodeOutput({ output }: NeutralRequest, call: CallContext): EncodedOutput {
  if (output === null || output.type === 'text') return { instruction: null, responseFormat: null };
  if (output.type === 'json') return { instruction: null, responseFormat: { type: 'json_object' } };
  const { name, description, schema, strict } = output;
  if (call.features.structuredOutput) {
    const wanted: JsonObject = {
      name: name ?? 'answer',
      ...(description !== null && { description }),
      ...(schema !== null && { schema }),
      ...(strict !== null && { strict }),
    };
    return { instruction: null, responseFormat: { type: 'json_schema', json_schema: wanted } };
  }
  call.warn('approximated', 'response_format');
  const content = `Answer with one JSON object that is valid against this JSON schema, and nothing else: ${JSON.stringify(schema)}`;
  return { instruction: { role: call.features.systemRole, content }, responseFormat: { type: 'json_object' } };
}

function encodeCap({ maxOutputTokens }: NeutralRequest, { features, outputCap, warn }: CallContext): JsonObject {
  const wanted = maxOutputTokens ?? outputCap;
  if (wanted === null) return {};
  const most = features.maxOutputTokens ?? wanted;
  if (maxOutputTokens !== null && maxOutputTokens > most) warn('clamped', 'max_tokens');
  return { [features.outputCapField]: Math.min(wanted, most, outputCap ?? wanted) };
}

function encodeReasoning(wish: ReasoningWish | null, { features, warn }: CallContext): JsonObject {
  if (wish === null) return {};
  switch (features.reasoning) {
    case 'none':
    case 'field':
      if (!isOff(wish)) warn('dropped', 'reasoning');
      return {};
    case 'budget': {
      // Servers after Anthropic's manner: https://docs.litellm.ai/docs/reasoning_content
      const budget = budgetOf(wish);
      if (budget === null) return {};
      if (budget === 0) return { thinking: { type: 'disabled' } };
      return { thinking: { type: 'enabled', ...(budget > 0 && { budget_tokens: budget }) } };
    }
    default: {
      const effort = effortOf(wish);
      if (wish.budgetTokens !== null && wish.effort === null && wish.budgetTokens > 0)
        warn('approximated', 'reasoning');
      return effort === null ? {} : { reasoning_effort: effort };
    }
  }
}

const MOST_STOPS = 4;

function encodeSampling({ sampling }: NeutralRequest, { features, warn }: CallContext): JsonObject {
  const { temperature, topP, topK, frequencyPenalty, presencePenalty, seed, stop, logitBias, logprobs, topLogprobs } =
    sampling;
  if (topK !== null) warn('dropped', 'top_k');
  if (stop.length > MOST_STOPS) warn('clamped', 'stop');
  const tuned = {
    ...member('temperature', temperature),
    ...member('top_p', topP),
    ...member('frequency_penalty', frequencyPenalty),
    ...member('presence_penalty', presencePenalty),
    ...member('logit_bias', logitBias),
    ...member('logprobs', logprobs),
    ...member('top_logprobs', topLogprobs),
  };
  if (!features.sampling) for (const name of Object.keys(tuned)) warn('dropped', name);
  return {
    ...(features.sampling && tuned),
    ...member('seed', seed),
    ...(stop.length > 0 && { stop: stop.slice(0, MOST_STOPS) }),
  };
}

/** https://platform.openai.com/docs/guides/safety-best-practices#safety-identifiers */
const LONGEST_USER = 64;

function encodeMembers(request: NeutralRequest, { warn }: CallContext): JsonObject {
  const { choices, endUser, metadata, serviceTier, cacheKey, modalities, audioOutput, verbosity } = request;
  const tier = serviceTier === null || SERVICE_TIERS.has(serviceTier) ? serviceTier : null;
  if (tier !== serviceTier) warn('dropped', 'service_tier');
  return {
    ...(choices > 1 && { n: choices }),
    ...member('user', endUser !== null && endUser.length > LONGEST_USER ? `user_${shortDigest(endUser, 32)}` : endUser),
    ...member('metadata', metadata),
    ...member('service_tier', tier),
    ...member('prompt_cache_key', cacheKey),
    ...member('modalities', modalities),
    ...member('audio', audioOutput),
    ...member('verbosity', verbosity),
  };
}

const SERVICE_TIERS = new Set(['auto', 'default', 'flex', 'scale', 'priority']);

function encodeExtras({ extras }: NeutralRequest, { warn }: CallContext): JsonObject {
  if (extras.format === FORMAT) return extras.members;
  leaveOutExtras(extras, warn);
  return {};
}

function member(name: string, value: Json): JsonObject {
  return value === null ? {} : { [name]: value };
}
