import { GatewayError } from '@sluice/kit/errors/gateway-error';
import { ANTHROPIC_MESSAGES_CODEC as codec } from '@sluice/llm/formats/anthropic-messages/codec';
import type { ClientContext } from '@sluice/llm/formats/codec';
import { looseObject, looseString } from '@sluice/llm/formats/reading';
import type { JsonObject } from '@sluice/llm/neutral/json';
import type { StreamPart } from '@sluice/llm/neutral/stream';
import { aCall, aClient, CARRIERS, eventsOf } from '../../../support/formats.ts';
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
const end = (reason: 'stop' | 'tool-calls' = 'stop'): StreamPart[] => [
  { type: 'choice-end', choice: 0, finish: { reason, stopSequence: null } },
  { type: 'response-end', usage: USAGE, serviceTier: null },
];
const text = (block: number, value: string): StreamPart[] => [
  { type: 'block-start', block, choice: 0, content: { type: 'text' } },
  { type: 'text-delta', block, text: value },
  { type: 'block-end', block },
];

function told(parts: readonly StreamPart[], known: Partial<ClientContext> = {}): JsonObject[] {
  const encoder = codec.createStreamEncoder(aClient(known));
  return eventsOf(parts.map((part) => encoder.push(part)).join('')).map(({ event, data }) => {
    const parsed = JSON.parse(data) as JsonObject;
    expect(parsed['type']).toBe(event);
    return parsed;
  });
}

const typesOf = (events: readonly JsonObject[]): unknown[] =>
  events.map(({ type, index }) => (index === undefined ? type : `${String(type)} ${String(index)}`));

describe('a stream to an Anthropic client', () => {
  test('begins with the counted input tokens and ends with all of the usage', () => {
    const events = told([START, ...text(0, 'Hi'), ...end()], { inputTokens: 42 });
    expect(events[0]).toMatchObject({
      message: { id: 'msg_req0000000000001', model: 'public-model', role: 'assistant', usage: { input_tokens: 42 } },
    });
    expect(events.at(-2)).toEqual({
      type: 'message_delta',
      delta: { stop_reason: 'end_turn', stop_sequence: null },
      usage: {
        input_tokens: 5,
        cache_creation_input_tokens: 1,
        cache_read_input_tokens: 2,
        cache_creation: { ephemeral_5m_input_tokens: 1, ephemeral_1h_input_tokens: 0 },
        output_tokens: 10,
        output_tokens_details: { thinking_tokens: 3 },
      },
    });
    expect(events.at(-1)).toEqual({ type: 'message_stop' });
  });

  test('has one open block at a time, though calls come interleaved, and says that there are calls', () => {
    const call = (block: number): StreamPart => ({
      type: 'block-start',
      block,
      choice: 0,
      content: { type: 'tool-call', id: `c${block}`, name: 'f' },
    });
    const piece = (block: number, value: string): StreamPart => ({ type: 'arguments-delta', block, text: value });
    const events = told([
      START,
      call(0),
      call(1),
      piece(1, '{"b":'),
      piece(0, '{"a":1}'),
      piece(1, '2}'),
      { type: 'block-end', block: 0 },
      { type: 'block-end', block: 1 },
      ...end(),
    ]);
    expect(typesOf(events.slice(1, -2))).toEqual([
      'content_block_start 0',
      'content_block_delta 0',
      'content_block_stop 0',
      'content_block_start 1',
      'content_block_delta 1',
      'content_block_delta 1',
      'content_block_stop 1',
    ]);
    expect(events.at(-2)).toMatchObject({ delta: { stop_reason: 'tool_use' } });
  });

  test('numbers its blocks without gaps where parts of other vendors are hidden', () => {
    const hidden: StreamPart[] = [
      {
        type: 'block-start',
        block: 0,
        choice: 0,
        content: { type: 'whole', part: { type: 'vendor', format: 'gemini', value: {} } },
      },
      { type: 'block-end', block: 0 },
      { type: 'block-start', block: 1, choice: 0, content: { type: 'reasoning' } },
      { type: 'block-end', block: 1 },
    ];
    expect(typesOf(told([START, ...hidden, ...text(2, 'Hi'), ...end()]).slice(1, 4))).toEqual([
      'content_block_start 0',
      'content_block_delta 0',
      'content_block_stop 0',
    ]);
  });

  test('closes thinking with its signature, and hides what has no text', () => {
    const carrier = { origin: 'openai-responses@up', kind: 'encrypted', data: 'blob', id: 'rs_1' } as const;
    const events = told([
      START,
      { type: 'block-start', block: 0, choice: 0, content: { type: 'reasoning' } },
      { type: 'reasoning-delta', block: 0, text: 'hm' },
      { type: 'block-end', block: 0, carrier },
      { type: 'block-start', block: 1, choice: 0, content: { type: 'reasoning' } },
      { type: 'block-end', block: 1, carrier },
      ...end(),
    ]);
    const signature = looseString(looseObject(events[3]?.['delta'])['signature']) ?? '';
    expect(CARRIERS.open(signature)).toEqual(carrier);
    expect(events[4]).toEqual({ type: 'content_block_stop', index: 0 });
    const hidden = events[5]?.['content_block'] as JsonObject;
    expect(hidden['type']).toBe('redacted_thinking');
    expect(CARRIERS.open(hidden['data'] as string)).toEqual(carrier);
    // And back again as it was.
    const content = [{ type: 'thinking', thinking: 'hm', signature }, hidden];
    const request = { model: 'm', max_tokens: 1, messages: [{ role: 'assistant', content }] };
    expect(codec.decodeRequest(request, aClient()).messages[0]?.content).toEqual([
      { type: 'reasoning', text: 'hm', carrier },
      { type: 'reasoning', text: '', carrier },
    ]);
  });

  test("carries a signed call's signature in the call's id", () => {
    const carrier = { origin: 'gemini@up', kind: 'signature', data: 'sig' } as const;
    const events = told([
      START,
      { type: 'block-start', block: 0, choice: 0, content: { type: 'tool-call', id: 'c0', name: 'f', carrier } },
      { type: 'block-end', block: 0 },
      ...end(),
    ]);
    const id = looseString(looseObject(events[1]?.['content_block'])['id']);
    const used = { type: 'tool_use', id, name: 'f', input: {} };
    const request = { model: 'm', max_tokens: 1, messages: [{ role: 'assistant', content: [used] }] };
    expect(codec.decodeRequest(request, aClient()).messages[0]?.content).toEqual([
      { type: 'tool-call', id: 'c0', name: 'f', arguments: '{}', carrier },
    ]);
  });

  test('ends in an error event and nothing else when its upstream breaks', () => {
    const error = new GatewayError('rate_limit_exceeded', { message: 'Too fast.' });
    expect(told([START, { type: 'failure', error }]).slice(1)).toEqual([
      { type: 'error', error: { type: 'rate_limit_error', message: 'Too fast.' } },
    ]);
  });

  test('cites the web, whoever searched it', () => {
    const citation = { start: 0, end: 2, title: 'T', url: 'https://a.example', citedText: null };
    const [start, delta, stop] = text(0, 'Hi') as [StreamPart, StreamPart, StreamPart];
    const events = told([START, start, delta, { type: 'citation', block: 0, citation }, stop, ...end()]);
    expect(events[3]).toMatchObject({
      delta: {
        type: 'citations_delta',
        citation: { type: 'web_search_result_location', url: 'https://a.example', title: 'T' },
      },
    });
  });
});

describe('the end of an upstream stream', () => {
  const start = { event: 'message_start', data: '{"type":"message_start","message":{"id":"msg_1"}}' };
  const delta = { event: 'message_delta', data: '{"type":"message_delta","delta":{"stop_reason":"end_turn"}}' };
  const lastOf = (events: readonly { event: string; data: string }[]): StreamPart | undefined => {
    const decoder = codec.createStreamDecoder(aCall('anthropic-messages'));
    return [...events.flatMap((event) => decoder.push(event)), ...decoder.end()].at(-1);
  };

  test('is one without its marker, once it has said why it stopped', () => {
    expect(lastOf([start, delta])).toMatchObject({ type: 'response-end' });
  });

  test.each([
    ['nothing at all', [], 'upstream_error'],
    ['a beginning', [start], 'upstream_cut'],
    [
      'an error',
      [start, { event: 'error', data: '{"type":"error","error":{"type":"api_error","message":"x"}}' }],
      'upstream_error',
    ],
  ])('is a failure after %s', (_name, events, code) => {
    expect(lastOf(events)).toMatchObject({ type: 'failure', error: { code } });
  });
});
