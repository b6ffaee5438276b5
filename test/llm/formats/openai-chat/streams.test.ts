import { GatewayError } from '@sluice/kit/errors/gateway-error';
import { ANTHROPIC_MESSAGES_CODEC as anthropic } from '@sluice/llm/formats/anthropic-messages/codec';
import type { ClientContext } from '@sluice/llm/formats/codec';
import { OPENAI_CHAT_CODEC as codec } from '@sluice/llm/formats/openai-chat/codec';
import type { JsonObject } from '@sluice/llm/neutral/json';
import type { StreamPart } from '@sluice/llm/neutral/stream';
import type { ChatCompletionChunk } from 'openai/resources/chat/completions';
import { aCall, aClient, CARRIERS, decodeSse, eventsOf, fixtureCases } from '../../../support/formats.ts';
import { NO_FIGURES } from '@sluice/llm/formats/usage-figures';

const USAGE = {
  ...NO_FIGURES,
  input: 5,
  cacheRead: 2,
  cacheWrite5m: 1,
  output: 7,
  reasoning: 3,
};
const START: StreamPart = { type: 'response-start', id: 'x', model: 'up', usage: null };
const END: StreamPart[] = [
  { type: 'choice-end', choice: 0, finish: { reason: 'stop', stopSequence: null } },
  { type: 'response-end', usage: USAGE, serviceTier: null },
];
const text = (block: number, value: string): StreamPart[] => [
  { type: 'block-start', block, choice: 0, content: { type: 'text' } },
  { type: 'text-delta', block, text: value },
  { type: 'block-end', block },
];
const call = (block: number): StreamPart => ({
  type: 'block-start',
  block,
  choice: 0,
  content: { type: 'tool-call', id: `c${block}`, name: 'f' },
});

function told(parts: readonly StreamPart[], known: Partial<ClientContext> = {}): string[] {
  const encoder = codec.createStreamEncoder(aClient(known));
  return eventsOf(parts.map((part) => encoder.push(part)).join('')).map(({ data }) => data);
}

const chunksOf = (datas: readonly string[]): ChatCompletionChunk[] =>
  datas.filter((data) => data !== '[DONE]').map((data) => JSON.parse(data) as ChatCompletionChunk);

describe('a stream to a chat client', () => {
  test('says the role once and the reason last, then the usage alone, then its end', () => {
    const datas = told([START, ...text(0, 'Hi'), ...END]);
    const chunks = chunksOf(datas);
    expect(chunks.map(({ choices }) => choices[0]?.delta)).toEqual([
      { role: 'assistant', content: '' },
      { content: 'Hi' },
      {},
      undefined,
    ]);
    expect(chunks.map(({ choices }) => choices[0]?.finish_reason)).toEqual([null, null, 'stop', undefined]);
    expect(chunks.map(({ usage }) => usage?.total_tokens ?? null)).toEqual([null, null, null, 18]);
    expect(chunks.at(-1)).toMatchObject({
      choices: [],
      usage: {
        prompt_tokens: 8,
        completion_tokens: 10,
        prompt_tokens_details: { cached_tokens: 2, cache_write_tokens: 1 },
        completion_tokens_details: { reasoning_tokens: 3 },
      },
    });
    expect(chunks[0]).toMatchObject({
      id: 'chatcmpl-req0000000000001',
      object: 'chat.completion.chunk',
      created: 1_760_000_000,
      model: 'public-model',
    });
    expect(datas.at(-1)).toBe('[DONE]');
  });

  test('says nothing of usage to a client that did not ask', () => {
    const chunks = chunksOf(told([START, ...text(0, 'Hi'), ...END], { wantsStreamUsage: false }));
    expect(chunks.every((chunk) => !('usage' in chunk) && chunk.choices.length === 1)).toBe(true);
  });

  test('numbers interleaved calls and says that there are calls', () => {
    const parts: StreamPart[] = [
      START,
      call(0),
      call(1),
      { type: 'arguments-delta', block: 1, text: '{}' },
      { type: 'arguments-delta', block: 0, text: '[' },
      { type: 'block-end', block: 0 },
      { type: 'block-end', block: 1 },
      ...END,
    ];
    const chunks = chunksOf(told(parts));
    const deltas = chunks.flatMap(({ choices }) => choices[0]?.delta.tool_calls ?? []);
    expect(deltas).toEqual([
      { index: 0, id: 'c0', type: 'function', function: { name: 'f', arguments: '' } },
      { index: 1, id: 'c1', type: 'function', function: { name: 'f', arguments: '' } },
      { index: 1, function: { arguments: '{}' } },
      { index: 0, function: { arguments: '[' } },
    ]);
    expect(chunks.at(-2)?.choices[0]?.finish_reason).toBe('tool_calls');
  });

  test('hides the proof of reasoning in the id of the call that it led to', () => {
    const carrier = { origin: 'anthropic-messages@up', kind: 'signature', data: 'sig' } as const;
    const parts: StreamPart[] = [
      START,
      { type: 'block-start', block: 0, choice: 0, content: { type: 'reasoning' } },
      { type: 'reasoning-delta', block: 0, text: 'hm' },
      { type: 'block-end', block: 0, carrier },
      call(1),
      { type: 'block-end', block: 1 },
      call(2),
      { type: 'block-end', block: 2 },
      ...END,
    ];
    const deltas = chunksOf(told(parts)).map(({ choices }) => choices[0]?.delta as unknown as JsonObject);
    expect(deltas).toContainEqual({ reasoning_content: 'hm' });
    const ids = deltas.flatMap((delta) => ((delta?.['tool_calls'] ?? []) as { id: string }[]).map(({ id }) => id));
    expect(ids).toEqual([`c1__${CARRIERS.seal(carrier)}`, 'c2']);
  });

  test('speaks of a function call where the client speaks of functions', () => {
    const parts: StreamPart[] = [
      START,
      call(0),
      { type: 'arguments-delta', block: 0, text: '{}' },
      { type: 'block-end', block: 0 },
      ...END,
    ];
    const chunks = chunksOf(told(parts, { requestBody: { functions: [{ name: 'f' }] } }));
    expect(chunks.map(({ choices }) => choices[0]?.delta.function_call).filter(Boolean)).toEqual([
      { name: 'f', arguments: '' },
      { arguments: '{}' },
    ]);
    expect(chunks.at(-2)?.choices[0]?.finish_reason).toBe('function_call');
  });

  test("cites by places in the whole message, from another vendor's blocks", () => {
    const fixture = fixtureCases('anthropic-messages').find(({ name }) => name === 'web-search');
    const parts = decodeSse(anthropic, fixture?.text('stream.sse') ?? '', aCall('anthropic-messages'));
    const deltas = chunksOf(told(parts)).map(({ choices }) => choices[0]?.delta as unknown as JsonObject);
    const content = deltas.map((delta) => delta?.['content'] ?? '').join('');
    expect(content).toBe("I'll checkIt is sunny in New York.");
    const [annotation] = deltas.flatMap((delta) => (delta?.['annotations'] ?? []) as JsonObject[]);
    expect(annotation).toEqual({
      type: 'url_citation',
      url_citation: { start_index: 10, end_index: 34, title: 'New York weather', url: 'https://weather.example/ny' },
    });
    // The whole answer says the same.
    const response = anthropic.decodeResponse(fixture?.json('response.json') ?? {}, aCall('anthropic-messages'));
    const [choice] = codec.encodeResponse(response, aClient())['choices'] as { message: JsonObject }[];
    expect(choice?.message).toMatchObject({ content, annotations: [annotation] });
  });

  test('ends in an error without an end marker when its upstream breaks', () => {
    const error = new GatewayError('upstream_cut', { message: 'Gone.' });
    const datas = told([START, { type: 'failure', error }]);
    expect(JSON.parse(datas.at(-1) ?? '')).toMatchObject({ error: { message: 'Gone.', code: 'upstream_cut' } });
  });
});

describe('a stream from a chat upstream', () => {
  const chunk = (delta: JsonObject, finish: string | null = null): string =>
    `data: ${JSON.stringify({ id: 'i', choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`;
  const partsOf = (...events: string[]): StreamPart[] => decodeSse(codec, events.join(''), aCall('openai-chat'));
  const DONE = 'data: [DONE]\n\n';

  test('keeps its first reason, and ends once however often it says so', () => {
    const parts = partsOf(
      chunk({ content: 'a' }),
      chunk({}, 'tool_calls'),
      chunk({}, 'stop'),
      DONE,
      DONE,
      chunk({ content: 'b' }),
    );
    expect(parts.filter(({ type }) => type === 'choice-end' || type === 'response-end')).toEqual([
      { type: 'choice-end', choice: 0, finish: { reason: 'tool-calls', stopSequence: null } },
      { type: 'response-end', usage: null, serviceTier: null },
    ]);
  });

  test.each<[string, JsonObject[]]>([
    ['at once', [{ index: 0, id: 'c', function: { name: 'f', arguments: '{"a":1}' } }]],
    [
      'the name late',
      [
        { index: 0, id: 'c', function: { arguments: '{"a"' } },
        { index: 0, function: { name: 'f', arguments: ':1}' } },
      ],
    ],
    [
      'the id late',
      [
        { index: 0, function: { name: 'f' } },
        { index: 0, id: 'c', function: { name: null, arguments: '{"a":1}' } },
      ],
    ],
    [
      'the name again and again',
      [
        { index: 0, id: 'c', function: { name: 'f', arguments: '{' } },
        { index: 0, id: 'c', function: { name: 'f', arguments: '"a":1}' } },
      ],
    ],
  ])('may tell a call %s', (_name, deltas) => {
    const parts = partsOf(...deltas.map((delta) => chunk({ tool_calls: [delta] })), chunk({}, 'tool_calls'), DONE);
    expect(parts.find(({ type }) => type === 'block-start')).toMatchObject({
      content: { type: 'tool-call', id: 'c', name: 'f' },
    });
    expect(parts.map((part) => (part.type === 'arguments-delta' ? part.text : '')).join('')).toBe('{"a":1}');
  });

  test.each([
    ['nothing', [], 'upstream_error'],
    ['an end marker alone', [DONE], 'upstream_error'],
    ['text without a reason', [chunk({ content: 'a' })], 'upstream_cut'],
    ['an error', [chunk({ content: 'a' }), 'data: {"error":{"message":"x"}}\n\n'], 'upstream_error'],
    ['an error event', ['event: error\ndata: {"message":"x"}\n\n'], 'upstream_error'],
  ])('is a failure when it holds %s', (_name, events, code) => {
    expect(partsOf(...events).at(-1)).toMatchObject({ type: 'failure', error: { code } });
  });
});
