import type { PlannedChoice } from '../completion.ts';
import type { OpenAiError } from '../openai-error.ts';
import { splitPieces } from '../text.ts';
import { readAnthropicRequest } from './anthropic-request.ts';
import { checkHeader } from './authorization.ts';
import type { Answer, Dialect } from './dialect.ts';
import { createProof } from './proof.ts';

type Json = Record<string, unknown>;

/** `POST /v1/messages`: https://docs.claude.com/en/api/messages, streams: https://docs.claude.com/en/docs/build-with-claude/streaming */
export const ANTHROPIC_MESSAGES: Dialect = {
  authorize: (request) => checkHeader(request, 'x-api-key', 'x-api-key header is required'),
  readRequest: (body) => readAnthropicRequest(body),
  renderWhole(answer) {
    const choice = choiceOf(answer);
    return {
      ...messageOf(answer),
      content: blocksOf(answer, choice),
      ...stopOf(choice),
      usage: { ...inputUsage(answer), output_tokens: answer.plan.usage.completion_tokens },
    };
  },
  renderEvents,
  errorBody,
  errorEvent: (error) => event('error', JSON.parse(errorBody(error)) as Json),
};

function choiceOf({ plan }: Answer): PlannedChoice {
  return plan.choices[0] as PlannedChoice;
}

function messageOf({ request, seed }: Answer): Json {
  const id = `msg_${seed.slice(0, 24)}`;
  return {
    id,
    type: 'message',
    role: 'assistant',
    model: request.model,
    content: [],
    stop_reason: null,
    stop_sequence: null,
  };
}

const STOP_REASONS = { stop: 'end_turn', length: 'max_tokens', tool_calls: 'tool_use' } as const;

function stopOf({ finishReason }: PlannedChoice): Json {
  return { stop_reason: STOP_REASONS[finishReason], stop_sequence: null };
}

function inputUsage({ plan }: Answer): Json {
  const cached = plan.usage.prompt_tokens_details.cached_tokens;
  return {
    input_tokens: plan.usage.prompt_tokens - cached,
    cache_creation_input_tokens: 0,
    cache_read_input_tokens: cached,
    cache_creation: { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: 0 },
    service_tier: 'standard',
  };
}

function thoughtOf({ request }: Answer): string {
  return `The user asks for something, and ${request.model.split('--', 1)[0]} thinks about it first.`;
}

function blocksOf(answer: Answer, { pieces, toolCalls }: PlannedChoice): Json[] {
  const blocks: Json[] = [];
  if (answer.request.reasoningEffort !== null) {
    const signature = createProof('anthropic', answer.seed);
    blocks.push({ type: 'thinking', thinking: thoughtOf(answer), signature });
  }
  if (pieces.length > 0) blocks.push({ type: 'text', text: pieces.join(''), citations: null });
  for (const call of toolCalls) {
    blocks.push({ type: 'tool_use', id: idOf(call.id), name: call.name, input: JSON.parse(call.input) });
  }
  return blocks;
}

function idOf(callId: string): string {
  return callId.replace(/^call_/, 'toolu_');
}

function event(name: string, data: Json): string {
  return `event: ${name}\ndata: ${JSON.stringify({ type: name, ...data })}\n\n`;
}

function* renderEvents(answer: Answer): Generator<string> {
  const choice = choiceOf(answer);
  const usage = { ...inputUsage(answer), output_tokens: 1 };
  yield event('message_start', { message: { ...messageOf(answer), usage } });
  yield event('ping', {});
  for (const [index, block] of blocksOf(answer, choice).entries()) {
    yield event('content_block_start', { index, content_block: emptied(block) });
    for (const delta of deltasOf(block, choice)) yield event('content_block_delta', { index, delta });
    yield event('content_block_stop', { index });
  }
  const output = { output_tokens: answer.plan.usage.completion_tokens };
  yield event('message_delta', { delta: stopOf(choice), ...(answer.withUsage ? { usage: output } : {}) });
  yield event('message_stop', {});
}

function emptied(block: Json): Json {
  if (block['type'] === 'thinking') return { type: 'thinking', thinking: '', signature: '' };
  if (block['type'] === 'tool_use') return { ...block, input: {} };
  return { type: 'text', text: '' };
}

function deltasOf(block: Json, choice: PlannedChoice): Json[] {
  if (block['type'] === 'thinking') {
    const thoughts = splitPieces(block['thinking'] as string).map((thinking) => ({ type: 'thinking_delta', thinking }));
    return [...thoughts, { type: 'signature_delta', signature: block['signature'] }];
  }
  if (block['type'] === 'tool_use') {
    const fragments = ['', ...splitPieces(JSON.stringify(block['input']))];
    return fragments.map((fragment) => ({ type: 'input_json_delta', partial_json: fragment }));
  }
  return choice.pieces.map((text) => ({ type: 'text_delta', text }));
}

const ERROR_TYPES: ReadonlyMap<number, string> = new Map([
  [401, 'authentication_error'],
  [403, 'permission_error'],
  [404, 'not_found_error'],
  [413, 'request_too_large'],
  [429, 'rate_limit_error'],
  [529, 'overloaded_error'],
]);

/** https://docs.claude.com/en/api/errors */
function errorBody({ status, message }: OpenAiError): string {
  const type = ERROR_TYPES.get(status) ?? (status < 500 ? 'invalid_request_error' : 'api_error');
  return JSON.stringify({ type: 'error', error: { type, message }, request_id: 'req_sandbox' });
}
