import type { PlannedChoice } from '../completion.ts';
import { errorBody } from '../openai-error.ts';
import { splitPieces } from '../text.ts';
import type { ToolCall } from '../tool-calls.ts';
import { checkBearer } from './authorization.ts';
import type { Answer, Dialect } from './dialect.ts';
import { createProof } from './proof.ts';
import { readResponsesRequest } from './responses-request.ts';

type Json = Record<string, unknown>;

/** `POST /v1/responses`: https://platform.openai.com/docs/api-reference/responses */
export const OPENAI_RESPONSES: Dialect = {
  authorize: checkBearer,
  readRequest: (body) => readResponsesRequest(body),
  renderWhole: (answer) => finished(answer),
  renderEvents,
  errorBody,
  errorEvent: (error) =>
    event('error', 0, { code: error.code ?? 'server_error', message: error.message, param: error.param }),
};

function base({ request, seed, created }: Answer): Json {
  return {
    id: `resp_${seed}`,
    object: 'response',
    created_at: created,
    background: false,
    error: null,
    incomplete_details: null,
    instructions: null,
    max_output_tokens: request.maxTokens,
    model: request.model,
    parallel_tool_calls: request.parallelToolCalls,
    previous_response_id: null,
    reasoning: { effort: request.reasoningEffort, summary: null },
    service_tier: 'default',
    store: false,
    temperature: 1,
    text: { format: { type: 'text' }, verbosity: 'medium' },
    tool_choice: 'auto',
    tools: [],
    top_p: 1,
    truncation: 'disabled',
    user: null,
    metadata: {},
  };
}

function usageOf({ plan }: Answer): Json {
  return {
    input_tokens: plan.usage.prompt_tokens,
    input_tokens_details: { cached_tokens: plan.usage.prompt_tokens_details.cached_tokens },
    output_tokens: plan.usage.completion_tokens,
    output_tokens_details: { reasoning_tokens: plan.usage.completion_tokens_details.reasoning_tokens },
    total_tokens: plan.usage.total_tokens,
  };
}

function choiceOf({ plan }: Answer): PlannedChoice {
  return plan.choices[0] as PlannedChoice;
}

function itemsOf(answer: Answer): Json[] {
  const { request, seed } = answer;
  const { pieces, toolCalls } = choiceOf(answer);
  const items: Json[] = [];
  if (request.reasoningEffort !== null) {
    const encrypted = request.wantsEncrypted === true ? { encrypted_content: createProof('openai', seed) } : {};
    const summary = request.showThoughts === true ? [{ type: 'summary_text', text: '**Looking at the request**' }] : [];
    items.push({ id: `rs_${seed}`, type: 'reasoning', summary, ...encrypted });
  }
  if (pieces.length > 0) {
    const text = { type: 'output_text', annotations: [], logprobs: [], text: pieces.join('') };
    items.push({ id: `msg_${seed}`, type: 'message', status: 'completed', content: [text], role: 'assistant' });
  }
  return [...items, ...toolCalls.map(callItem)];
}

function callItem({ id, type, name, input }: ToolCall): Json {
  const shared = {
    id: id.replace(/^call_/, type === 'custom' ? 'ctc_' : 'fc_'),
    status: 'completed',
    call_id: id,
    name,
  };
  return type === 'custom'
    ? { ...shared, type: 'custom_tool_call', input }
    : { ...shared, type: 'function_call', arguments: input };
}

function finished(answer: Answer): Json {
  const isCut = choiceOf(answer).finishReason === 'length';
  return {
    ...base(answer),
    status: isCut ? 'incomplete' : 'completed',
    incomplete_details: isCut ? { reason: 'max_output_tokens' } : null,
    output: itemsOf(answer),
    usage: answer.withUsage ? usageOf(answer) : null,
  };
}

function event(type: string, sequence: number, data: Json): string {
  return `event: ${type}\ndata: ${JSON.stringify({ type, sequence_number: sequence, ...data })}\n\n`;
}

function* renderEvents(answer: Answer): Generator<string> {
  let sequence = 0;
  const say = (type: string, data: Json): string => event(type, sequence++, data);
  const started = { ...base(answer), status: 'in_progress', output: [], usage: null };
  yield say('response.created', { response: started });
  yield say('response.in_progress', { response: started });
  for (const [index, item] of itemsOf(answer).entries()) {
    for (const [type, data] of itemEvents(answer, item)) yield say(type, { output_index: index, ...data });
  }
  const whole = finished(answer);
  yield say(whole['status'] === 'completed' ? 'response.completed' : 'response.incomplete', { response: whole });
}

function* itemEvents(answer: Answer, item: Json): Generator<[string, Json]> {
  const itemId = { item_id: item['id'] };
  if (item['type'] === 'message') {
    yield ['response.output_item.added', { item: { ...item, status: 'in_progress', content: [] } }];
    yield* textEvents(answer, item, itemId);
  } else if (item['type'] === 'reasoning') {
    yield ['response.output_item.added', { item: { ...item, summary: [] } }];
    yield* summaryEvents(item, itemId);
  } else {
    const [field, name] =
      item['type'] === 'custom_tool_call'
        ? ['input', 'custom_tool_call_input']
        : ['arguments', 'function_call_arguments'];
    const text = String(item[field as string]);
    yield ['response.output_item.added', { item: { ...item, status: 'in_progress', [field as string]: '' } }];
    for (const delta of splitPieces(text)) yield [`response.${name}.delta`, { ...itemId, delta }];
    yield [`response.${name}.done`, { ...itemId, [field as string]: text }];
  }
  yield ['response.output_item.done', { item }];
}

function* textEvents(answer: Answer, item: Json, itemId: Json): Generator<[string, Json]> {
  const part = (item['content'] as Json[])[0] as Json;
  const at = { ...itemId, content_index: 0 };
  yield ['response.content_part.added', { ...at, part: { ...part, text: '' } }];
  for (const delta of choiceOf(answer).pieces) yield ['response.output_text.delta', { ...at, delta, logprobs: [] }];
  yield ['response.output_text.done', { ...at, text: part['text'], logprobs: [] }];
  yield ['response.content_part.done', { ...at, part }];
}

function* summaryEvents(item: Json, itemId: Json): Generator<[string, Json]> {
  for (const [index, part] of (item['summary'] as Json[]).entries()) {
    const at = { ...itemId, summary_index: index };
    yield ['response.reasoning_summary_part.added', { ...at, part: { ...part, text: '' } }];
    for (const delta of splitPieces(String(part['text'])))
      yield ['response.reasoning_summary_text.delta', { ...at, delta }];
    yield ['response.reasoning_summary_text.done', { ...at, text: part['text'] }];
    yield ['response.reasoning_summary_part.done', { ...at, part }];
  }
}
