import type { Json, JsonObject } from '../../neutral/json.ts';
import { repairPairs } from '../../neutral/repair-pairs.ts';
import type { NeutralMessage, NeutralRequest, OutputFormat } from '../../neutral/request.ts';
import type { CallContext } from '../codec.ts';
import { leaveOutExtras } from '../policy.ts';
import { invalidField } from '../reading.ts';
import { effortOf, isOff } from '../reasoning-wish.ts';
import { LOGPROBS } from './decode-request.ts';
import { encodeInput } from './parts/encode-items.ts';
import { encodeTools, encodeToolSettings } from './parts/encode-tools.ts';
import { RESPONSES } from './wire.ts';

/** https://platform.openai.com/docs/api-reference/responses/create */
export function encodeRequest(request: NeutralRequest, call: CallContext): JsonObject {
  refuseWhatIsNotThere(request);
  const { instructions, input } = encodeInput(pairedMessages(request, call), call);
  const tools = encodeTools(request, call);
  const body: JsonObject = { model: call.model };
  put(body, 'instructions', instructions);
  body['input'] = input;
  if (tools.length > 0) Object.assign(body, { tools }, encodeToolSettings(request, call));
  put(body, 'max_output_tokens', outputCap(request, call));
  encodeSampling(body, request, call);
  put(body, 'reasoning', encodeReasoning(request, call));
  put(body, 'text', encodeText(request, call));
  put(body, 'metadata', request.metadata);
  put(body, 'user', request.endUser);
  put(body, 'service_tier', request.serviceTier);
  put(body, 'prompt_cache_key', request.cacheKey);
  // Nothing is kept at the vendor that the client did not ask to keep there.
  body['store'] = false;
  const include = includesOf(request, call);
  if (include.length > 0) body['include'] = include;
  addExtras(body, request, call);
  if (request.stream) body['stream'] = true;
  return body;
}

/** Of a conversation that goes on from one that the vendor keeps, only the vendor knows all calls. */
function pairedMessages({ messages, extras }: NeutralRequest, call: CallContext): readonly NeutralMessage[] {
  const isContinued = extras.members['previous_response_id'] != null || extras.members['conversation'] != null;
  return extras.format === RESPONSES && isContinued ? messages : repairPairs(messages, call.warn);
}

function put(body: JsonObject, key: string, value: Json | null): void {
  if (value !== null) body[key] = value;
}

function refuseWhatIsNotThere({ choices, modalities }: NeutralRequest): void {
  if (choices > 1) throw invalidField('n', 'This model’s upstream gives one answer to a request.');
  const other = modalities?.find((name) => name !== 'text');
  if (other !== undefined)
    throw invalidField('modalities', `This model’s upstream answers in text only, not in ${other}.`);
}

/** Less is refused by the API. */
export const LEAST_OUTPUT_TOKENS = 16;

function outputCap({ maxOutputTokens }: NeutralRequest, call: CallContext): number | null {
  const wanted = [maxOutputTokens, call.outputCap, maxOutputTokens === null ? null : call.features.maxOutputTokens];
  const known = wanted.filter((value) => value !== null);
  if (known.length === 0) return null;
  const cap = Math.min(...known);
  if (maxOutputTokens !== null && (cap < LEAST_OUTPUT_TOKENS || cap === call.features.maxOutputTokens)) {
    if (Math.max(cap, LEAST_OUTPUT_TOKENS) !== maxOutputTokens) call.warn('clamped', 'max_output_tokens');
  }
  return Math.max(cap, LEAST_OUTPUT_TOKENS);
}

function encodeSampling(body: JsonObject, { sampling }: NeutralRequest, call: CallContext): void {
  const { temperature, topP, logprobs, topLogprobs, ...others } = sampling;
  if (call.features.sampling) {
    put(body, 'temperature', temperature);
    put(body, 'top_p', topP);
  } else {
    if (temperature !== null) call.warn('dropped', 'temperature');
    if (topP !== null) call.warn('dropped', 'top_p');
  }
  if (logprobs === true) put(body, 'top_logprobs', topLogprobs);
  if (others.topK !== null) call.warn('dropped', 'top_k');
  if (others.frequencyPenalty !== null) call.warn('dropped', 'frequency_penalty');
  if (others.presencePenalty !== null) call.warn('dropped', 'presence_penalty');
  if (others.seed !== null) call.warn('dropped', 'seed');
  if (others.stop.length > 0) call.warn('dropped', 'stop');
  if (others.logitBias !== null) call.warn('dropped', 'logit_bias');
}

function encodeReasoning({ reasoning }: NeutralRequest, call: CallContext): JsonObject | null {
  if (reasoning === null) return null;
  if (call.features.reasoning === 'none') {
    if (!isOff(reasoning)) call.warn('dropped', 'reasoning');
    return null;
  }
  const effort = effortOf(reasoning);
  if (reasoning.budgetTokens !== null && reasoning.effort === null)
    call.warn('approximated', 'reasoning.budget_tokens');
  const shows = reasoning.show ?? (reasoning.enabled === true ? true : null);
  const summary = reasoning.summary ?? (shows ? 'auto' : null);
  if (effort === null && summary === null) return null;
  return { ...(effort === null ? {} : { effort }), ...(summary === null ? {} : { summary }) };
}

function encodeText({ output, verbosity }: NeutralRequest, call: CallContext): JsonObject | null {
  if (output === null && verbosity === null) return null;
  const format = output === null ? null : encodeFormat(output, call);
  return { ...(format ? { format } : {}), ...(verbosity === null ? {} : { verbosity }) };
}

function encodeFormat(output: OutputFormat, call: CallContext): JsonObject {
  if (output.type === 'text') return { type: 'text' };
  if (output.type === 'json') return { type: 'json_object' };
  const { name, description, schema, strict } = output;
  if (schema === null || !call.features.structuredOutput) {
    call.warn('approximated', 'response_format');
    return { type: 'json_object' };
  }
  return {
    type: 'json_schema',
    name: name ?? 'answer',
    ...(description === null ? {} : { description }),
    schema,
    ...(strict === null ? {} : { strict }),
  };
}

/** Reasoning must come back with the next turn, and the vendor keeps none for us. */
function includesOf({ reasoning, sampling }: NeutralRequest, { features }: CallContext): string[] {
  const reasons =
    reasoning !== null && !isOff(reasoning) && features.reasoning !== 'none' && features.reasoning !== 'field';
  return [...(reasons ? ['reasoning.encrypted_content'] : []), ...(sampling.logprobs === true ? [LOGPROBS] : [])];
}

/** What a client of this API wrote goes on as it is. */
function addExtras(body: JsonObject, { extras }: NeutralRequest, { warn }: CallContext): void {
  if (extras.format !== RESPONSES) return leaveOutExtras(extras, warn);
  for (const [key, value] of Object.entries(extras.members)) {
    if (key === 'include') body[key] = union(body[key], value);
    else if (key === 'reasoning') body[key] = { ...(body[key] as JsonObject | undefined), ...(value as JsonObject) };
    else body[key] = value;
  }
}

function union(left: Json | undefined, right: Json): Json {
  return [...new Set([...(Array.isArray(left) ? left : []), ...(Array.isArray(right) ? right : [])])];
}
