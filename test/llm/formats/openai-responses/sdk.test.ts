import { GatewayError } from '@sluice/kit/errors/gateway-error';
import { createStreamEncoder } from '@sluice/llm/formats/openai-responses/encode-stream';
import { encodeResponse } from '@sluice/llm/formats/openai-responses/encode-response';
import { foldStream } from '@sluice/llm/neutral/fold';
import type { JsonObject } from '@sluice/llm/neutral/json';
import type { StreamPart } from '@sluice/llm/neutral/stream';
import OpenAI from 'openai';
import type { ClientContext } from '@sluice/llm/formats/codec';
import { aClient } from '../../../support/formats.ts';
import { NO_FIGURES } from '@sluice/llm/formats/usage-figures';

const USAGE = {
  ...NO_FIGURES,
  input: 5,
  cacheRead: 3,
  cacheWrite5m: 2,
  output: 7,
  reasoning: 4,
};
const CARRIER = { origin: 'anthropic-messages@a', kind: 'signature', data: 'c2ln' } as const;

const TURN: StreamPart[] = [
  { type: 'response-start', id: 'up-1', model: 'up', usage: null },
  { type: 'block-start', block: 0, choice: 0, content: { type: 'reasoning' } },
  { type: 'reasoning-delta', block: 0, text: 'Let me ' },
  { type: 'reasoning-delta', block: 0, text: 'think' },
  { type: 'block-end', block: 0, carrier: CARRIER },
  { type: 'block-start', block: 1, choice: 0, content: { type: 'text' } },
  { type: 'text-delta', block: 1, text: 'Hello “wörld” ' },
  { type: 'text-delta', block: 1, text: '🌍\n' },
  {
    type: 'citation',
    block: 1,
    citation: { start: 0, end: 5, title: 'A page', url: 'https://example.com/', citedText: null },
  },
  { type: 'block-end', block: 1 },
  { type: 'block-start', block: 2, choice: 0, content: { type: 'text' } },
  { type: 'text-delta', block: 2, text: 'More.' },
  { type: 'block-end', block: 2 },
  { type: 'block-start', block: 3, choice: 0, content: { type: 'tool-call', id: 'call_1', name: 'files__read' } },
  {
    type: 'block-start',
    block: 4,
    choice: 0,
    content: { type: 'tool-call', id: 'call_2', name: 'patch', custom: true },
  },
  { type: 'arguments-delta', block: 3, text: '{"path":' },
  { type: 'arguments-delta', block: 4, text: '*** Begin' },
  { type: 'arguments-delta', block: 3, text: '"a"}' },
  { type: 'block-end', block: 3, carrier: CARRIER },
  { type: 'block-end', block: 4 },
  {
    type: 'block-start',
    block: 5,
    choice: 0,
    content: {
      type: 'whole',
      part: { type: 'image', source: { kind: 'base64', mediaType: 'image/webp', data: 'AAAA' } },
    },
  },
  { type: 'block-end', block: 5 },
  { type: 'choice-end', choice: 0, finish: { reason: 'tool-calls', stopSequence: null } },
  { type: 'response-end', usage: USAGE, serviceTier: 'default' },
];

const REQUEST: JsonObject = {
  model: 'public-model',
  input: 'Hi',
  instructions: 'Be brief.',
  temperature: 0.5,
  tools: [
    {
      type: 'namespace',
      name: 'files',
      description: 'Files',
      tools: [{ type: 'function', name: 'read', parameters: {} }],
    },
  ],
  metadata: { run: '7' },
};

function sse(parts: StreamPart[], client: ClientContext): string {
  const encoder = createStreamEncoder(client);
  return parts.map((part) => encoder.push(part)).join('');
}

/** The SDK, whose every request is answered with this body. */
function sdk(body: string, contentType: string): OpenAI {
  const fetch = (): Promise<Response> =>
    Promise.resolve(new Response(body, { headers: { 'content-type': contentType } }));
  return new OpenAI({ apiKey: 'k', fetch, maxRetries: 0 });
}

async function streamed(parts: StreamPart[], client = aClient({ requestBody: REQUEST })) {
  const stream = sdk(sse(parts, client), 'text/event-stream').responses.stream({ model: 'public-model', input: 'Hi' });
  const events: OpenAI.Responses.ResponseStreamEvent[] = [];
  for await (const event of stream) events.push(event);
  return { events, final: await stream.finalResponse() };
}

test('the SDK’s stream helper accepts every event, and its response is the one that the last event carries', async () => {
  const { events, final } = await streamed(TURN);
  expect(final.status).toBe('completed');
  expect(final.output_text).toBe('Hello “wörld” 🌍\nMore.');
  expect(final.output.map(({ type }) => type)).toEqual([
    'reasoning',
    'message',
    'function_call',
    'custom_tool_call',
    'reasoning',
    'image_generation_call',
  ]);
  expect(final.output[2]).toMatchObject({
    name: 'read',
    namespace: 'files',
    arguments: '{"path":"a"}',
    call_id: 'call_1',
  });
  expect(final.output[3]).toMatchObject({ name: 'patch', input: '*** Begin', call_id: 'call_2' });
  expect(final.usage).toEqual({
    input_tokens: 10,
    input_tokens_details: { cached_tokens: 3, cache_write_tokens: 2 },
    output_tokens: 11,
    output_tokens_details: { reasoning_tokens: 4 },
    total_tokens: 21,
  });
  expect(events.map(({ sequence_number: number }) => number)).toEqual(events.map((_event, index) => index));
});

test('snapshots that the SDK gathers from deltas are what the done events say', async () => {
  const { events } = await streamed(TURN);
  const deltas = new Map<string, string>();
  let compared = 0;
  for (const event of events) {
    if (event.type === 'response.output_text.delta' || event.type === 'response.function_call_arguments.delta') {
      const key = `${event.item_id}/${'content_index' in event ? event.content_index : ''}`;
      deltas.set(key, (deltas.get(key) ?? '') + event.delta);
    } else if (event.type === 'response.output_text.done') {
      expect(deltas.get(`${event.item_id}/${event.content_index}`)).toBe(event.text);
      compared += 1;
    } else if (event.type === 'response.function_call_arguments.done') {
      expect(deltas.get(`${event.item_id}/`)).toBe(event.arguments);
      compared += 1;
    }
  }
  expect(compared).toBe(3);
});

test('the whole answer is the one that its stream ends with, and the SDK reads it', async () => {
  const client = aClient({ requestBody: REQUEST });
  const whole = encodeResponse(foldStream(TURN), client);
  const response = await sdk(JSON.stringify(whole), 'application/json').responses.create({ model: 'm', input: 'Hi' });
  expect(response.output_text).toBe('Hello “wörld” 🌍\nMore.');
  expect(response).toMatchObject({
    object: 'response',
    model: 'public-model',
    instructions: 'Be brief.',
    temperature: 0.5,
    metadata: { run: '7' },
    parallel_tool_calls: true,
    tool_choice: 'auto',
    text: { format: { type: 'text' } },
    error: null,
    incomplete_details: null,
  });
  const { final } = await streamed(TURN);
  // Only the place of a signature differs: a stream learns it behind the call, a whole answer before.
  const stripped = (items: OpenAI.Responses.ResponseOutputItem[]) =>
    items
      .filter((item) => item.type !== 'reasoning' || item.summary.length > 0)
      .map((item) => ({ ...item, id: '', parsed: undefined, parsed_arguments: undefined }));
  expect(JSON.parse(JSON.stringify(stripped(final.output)).replaceAll(',"parsed":null', ''))).toEqual(
    JSON.parse(JSON.stringify(stripped(response.output))),
  );
});

test.each([
  ['length', 'max_output_tokens'],
  ['context-length', 'max_output_tokens'],
  ['content-filter', 'content_filter'],
  ['refusal', 'content_filter'],
] as const)('a stream that ends by %s ends with response.incomplete and says why', async (reason, told) => {
  const { events, final } = await streamed([
    { type: 'response-start', id: '', model: 'up', usage: null },
    { type: 'block-start', block: 0, choice: 0, content: { type: 'text' } },
    { type: 'text-delta', block: 0, text: 'Half a' },
    { type: 'block-end', block: 0 },
    { type: 'choice-end', choice: 0, finish: { reason, stopSequence: null } },
    { type: 'response-end', usage: null, serviceTier: null },
  ]);
  expect(events.at(-1)?.type).toBe('response.incomplete');
  expect(final).toMatchObject({ status: 'incomplete', incomplete_details: { reason: told }, output_text: 'Half a' });
  expect(final.output[0]).toMatchObject({ status: reason === 'refusal' ? 'completed' : 'incomplete' });
});

test('a refusal is a part of its own and the response is complete', async () => {
  const { final } = await streamed([
    { type: 'response-start', id: '', model: 'up', usage: null },
    { type: 'block-start', block: 0, choice: 0, content: { type: 'refusal' } },
    { type: 'refusal-delta', block: 0, text: 'I won’t.' },
    { type: 'block-end', block: 0 },
    { type: 'choice-end', choice: 0, finish: { reason: 'refusal', stopSequence: null } },
    { type: 'response-end', usage: null, serviceTier: null },
  ]);
  expect(final.status).toBe('completed');
  expect(final.output[0]).toMatchObject({ content: [{ type: 'refusal', refusal: 'I won’t.' }] });
});

test('a failure in mid-stream makes the SDK raise, and the response behind it is failed', async () => {
  const error = new GatewayError('upstream_cut', { message: 'The upstream broke off.' });
  const parts: StreamPart[] = [...TURN.slice(0, 8), { type: 'failure', error }];
  await expect(streamed(parts)).rejects.toThrow('The upstream broke off.');
  const last = sse(parts, aClient()).trimEnd().split('\n\n').at(-1) as string;
  expect(last).toMatch(/^event: response\.failed\n/);
  expect(JSON.parse(last.slice(last.indexOf('{')))).toMatchObject({
    response: { status: 'failed', error: { code: 'server_error', message: 'The upstream broke off.' } },
  });
});

test('a rate limit is told under the code that the API has for it', () => {
  const error = new GatewayError('rate_limit_exceeded', { message: 'Too many.' });
  expect(sse([{ type: 'failure', error }], aClient())).toContain('"error":{"code":"rate_limit_exceeded"');
});

test('an answer without a report says zeros, and nothing is written behind the end', async () => {
  const client = aClient();
  const encoder = createStreamEncoder(client);
  encoder.push({ type: 'response-start', id: '', model: 'up', usage: null });
  encoder.push({ type: 'choice-end', choice: 0, finish: { reason: 'stop', stopSequence: null } });
  const end = encoder.push({ type: 'response-end', usage: null, serviceTier: null });
  expect(end).toContain('"total_tokens":0');
  expect(encoder.push({ type: 'response-end', usage: null, serviceTier: null })).toBe('');
  const { final } = await streamed([
    { type: 'response-start', id: '', model: 'up', usage: null },
    { type: 'choice-end', choice: 0, finish: { reason: 'stop', stopSequence: null } },
    { type: 'response-end', usage: null, serviceTier: null },
  ]);
  expect(final.output).toEqual([]);
});
