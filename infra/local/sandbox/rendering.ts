import type { ChatRequest } from './chat-request.ts';
import type { PlannedChoice, PlannedCompletion } from './completion.ts';
import { createRandom, pickWord, splitPieces } from './text.ts';
import type { ToolCall } from './tool-calls.ts';

type Json = Record<string, unknown>;

/** What all objects of one answer share. */
export interface Envelope {
  id: string;
  /** Seconds since the epoch. */
  created: number;
  model: string;
}

const FINGERPRINT = 'fp_sluice_sandbox';

function renderCall(call: ToolCall): Json {
  if (call.type === 'custom') return { id: call.id, type: 'custom', custom: { name: call.name, input: call.input } };
  return { id: call.id, type: 'function', function: { name: call.name, arguments: call.input } };
}

function logprobOf(token: string, random: () => number): Json {
  return { token, logprob: -Math.round(random() * 1e6) / 1e6, bytes: [...Buffer.from(token)] };
}

/** Log probabilities that depend on nothing but the token. */
function renderLogprobs(pieces: readonly string[], top: number | null): Json | null {
  if (top === null) return null;
  const content = pieces.map((token) => {
    const random = createRandom(token);
    const chosen = logprobOf(token, random);
    const others = Array.from({ length: Math.max(0, top - 1) }, () => logprobOf(` ${pickWord(random)}`, random));
    return { ...chosen, top_logprobs: top === 0 ? [] : [chosen, ...others] };
  });
  return { content, refusal: null };
}

function renderChoice(choice: PlannedChoice, index: number, request: ChatRequest): Json {
  const message: Json = {
    role: 'assistant',
    content: choice.toolCalls.length > 0 ? null : choice.pieces.join(''),
    ...(choice.toolCalls.length > 0 ? { tool_calls: choice.toolCalls.map(renderCall) } : {}),
    refusal: null,
    annotations: [],
  };
  const logprobs = renderLogprobs(choice.pieces, request.topLogprobs);
  return { index, message, logprobs, finish_reason: choice.finishReason };
}

/** The `chat.completion` object. */
export function renderCompletion(
  plan: PlannedCompletion,
  request: ChatRequest,
  envelope: Envelope,
  usage: boolean,
): Json {
  return {
    id: envelope.id,
    object: 'chat.completion',
    created: envelope.created,
    model: envelope.model,
    choices: plan.choices.map((choice, index) => renderChoice(choice, index, request)),
    ...(usage ? { usage: plan.usage } : {}),
    service_tier: 'default',
    system_fingerprint: FINGERPRINT,
  };
}

/** Name and identity first with empty arguments, then the arguments in fragments, as the vendor streams them. */
function callDeltas(call: ToolCall, index: number): Json[] {
  if (call.type === 'custom') {
    const opening = { index, id: call.id, type: 'custom', custom: { name: call.name, input: '' } };
    return [opening, ...splitPieces(call.input).map((input) => ({ index, custom: { input } }))];
  }
  const opening = { index, id: call.id, type: 'function', function: { name: call.name, arguments: '' } };
  return [opening, ...splitPieces(call.input).map((fragment) => ({ index, function: { arguments: fragment } }))];
}

function* choiceChunks(choice: PlannedChoice, index: number, request: ChatRequest): Generator<Json> {
  const chunk = (delta: Json, finishReason: string | null, pieces: readonly string[] = []): Json => {
    const logprobs = pieces.length > 0 ? renderLogprobs(pieces, request.topLogprobs) : null;
    return { index, delta, logprobs, finish_reason: finishReason };
  };
  const content = choice.toolCalls.length > 0 ? null : '';
  yield chunk({ role: 'assistant', content, refusal: null }, null);
  for (const piece of choice.pieces) yield chunk({ content: piece }, null, [piece]);
  for (const [position, call] of choice.toolCalls.entries()) {
    for (const delta of callDeltas(call, position)) yield chunk({ tool_calls: [delta] }, null);
  }
  yield chunk({}, choice.finishReason);
}

/** The `chat.completion.chunk` objects in the order they are sent; several choices take turns. */
export function* renderChunks(
  plan: PlannedCompletion,
  request: ChatRequest,
  envelope: Envelope,
  usage: boolean,
): Generator<Json> {
  const shared = {
    id: envelope.id,
    object: 'chat.completion.chunk',
    created: envelope.created,
    model: envelope.model,
    service_tier: 'default',
    system_fingerprint: FINGERPRINT,
  };
  const asked = request.includeUsage && usage;
  let open = plan.choices.map((choice, index) => choiceChunks(choice, index, request));
  while (open.length > 0) {
    const next = open.map((chunks) => ({ chunks, step: chunks.next() })).filter(({ step }) => step.done !== true);
    for (const { step } of next) yield { ...shared, choices: [step.value], ...(asked ? { usage: null } : {}) };
    open = next.map(({ chunks }) => chunks);
  }
  if (asked) yield { ...shared, choices: [], usage: plan.usage };
}
