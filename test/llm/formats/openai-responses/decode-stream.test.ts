import * as fc from 'fast-check';
import { OPENAI_RESPONSES_CODEC } from '@sluice/llm/formats/openai-responses/codec';
import { createGrammar } from '@sluice/llm/neutral/grammar';
import type { StreamPart } from '@sluice/llm/neutral/stream';
import { aCall, eventsOf, fixtureCases } from '../../../support/formats.ts';

const FORMAT = 'openai-responses';

/** All parts of these events; checks their grammar on the way. */
function decode(...events: (Record<string, unknown> | string)[]): StreamPart[] {
  const decoder = OPENAI_RESPONSES_CODEC.createStreamDecoder(aCall(FORMAT));
  const parts = events.flatMap((event) =>
    decoder.push({ event: 'message', data: typeof event === 'string' ? event : JSON.stringify(event) }),
  );
  parts.push(...decoder.end());
  const grammar = createGrammar();
  for (const part of parts) grammar.push(part);
  grammar.end();
  return parts;
}

const types = (parts: StreamPart[]): string[] => parts.map(({ type }) => type);

function failureOf(parts: StreamPart[]): { code: string; message: string } {
  const last = parts.at(-1);
  if (last?.type !== 'failure') throw new Error('The stream did not fail.');
  return { code: last.error.code, message: last.error.message };
}

test('a stream that breaks off before its last event never looks complete', () => {
  const parts = decode(
    { type: 'response.created', response: { id: 'r' } },
    { type: 'response.output_text.delta', output_index: 0, content_index: 0, delta: 'Hal' },
  );
  expect(failureOf(parts).code).toBe('upstream_cut');
});

test.each([
  ['flat', { type: 'error', code: 'server_error', message: 'It broke.', param: null }],
  ['nested', { type: 'error', error: { type: 'server_error', message: 'It broke.' } }],
  ['as an error’s body', { error: { message: 'It broke.' } }],
  [
    'in a failed response',
    { type: 'response.failed', response: { error: { code: 'server_error', message: 'It broke.' } } },
  ],
])('an error that is told %s is the upstream’s own sentence', (_shape, event) => {
  expect(failureOf(decode(event))).toEqual({ code: 'upstream_error', message: 'It broke.' });
});

test('a failed response still tells what it used', () => {
  const usage = { input_tokens: 5, output_tokens: 2 };
  const parts = decode({ type: 'response.failed', response: { usage, error: { message: 'No.' } } });
  expect(parts.find(({ type }) => type === 'usage')).toMatchObject({ usage: { input: 5, output: 2 } });
});

test('an event that is no JSON object is a failure, and unknown ones are passed over', () => {
  expect(failureOf(decode({ type: 'response.created', response: {} }, '<html>')).code).toBe('upstream_error');
  expect(
    types(decode({ type: 'response.new_thing' }, { type: 'response.completed', response: { output: [] } })),
  ).toEqual(['response-start', 'choice-end', 'response-end']);
});

test('deltas of a call whose name comes late are not lost', () => {
  const item = { type: 'function_call', id: 'fc', call_id: 'c' };
  const parts = decode(
    { type: 'response.output_item.added', output_index: 0, item },
    { type: 'response.function_call_arguments.delta', output_index: 0, delta: '{"a":' },
    { type: 'response.function_call_arguments.delta', output_index: 0, delta: '1}' },
    { type: 'response.output_item.done', output_index: 0, item: { ...item, name: 'f', arguments: '{"a":1}' } },
    { type: 'response.completed', response: { output: [] } },
  );
  expect(parts.filter(({ type }) => type === 'arguments-delta')).toEqual([
    { type: 'arguments-delta', block: 0, text: '{"a":1}' },
  ]);
});

test('a call without arguments says `{}`', () => {
  const item = { type: 'function_call', id: 'fc', call_id: 'c', name: 'f', arguments: '' };
  const parts = decode(
    { type: 'response.output_item.done', output_index: 0, item },
    {
      type: 'response.completed',
      response: { output: [item] },
    },
  );
  expect(parts.filter(({ type }) => type === 'arguments-delta')).toHaveLength(1);
  expect(parts).toContainEqual({ type: 'arguments-delta', block: 0, text: '{}' });
});

test('reasoning that comes in full and as a summary is told once', () => {
  const place = { output_index: 0, item_id: 'rs' };
  const item = {
    type: 'reasoning',
    id: 'rs',
    summary: [{ type: 'summary_text', text: 'short' }],
    content: [{ type: 'reasoning_text', text: 'long' }],
  };
  const parts = decode(
    { type: 'response.reasoning_text.delta', ...place, content_index: 0, delta: 'long' },
    { type: 'response.reasoning_summary_text.delta', ...place, summary_index: 0, delta: 'short' },
    { type: 'response.output_item.done', output_index: 0, item },
    { type: 'response.completed', response: { output: [item] } },
  );
  expect(parts.filter(({ type }) => type === 'reasoning-delta')).toEqual([
    { type: 'reasoning-delta', block: 0, text: 'long' },
  ]);
});

test('tools that were sent under shorter names come back under the client’s', () => {
  const call = aCall(FORMAT, { toolNames: new Map([['short', 'a very long name']]) });
  const item = { type: 'function_call', call_id: 'c', name: 'short', arguments: '{}' };
  const response = OPENAI_RESPONSES_CODEC.decodeResponse({ status: 'completed', output: [item] }, call);
  expect(response.choices[0]?.content[0]).toMatchObject({ name: 'a very long name' });
});

test('what is no response is an error of the upstream', () => {
  expect(() => OPENAI_RESPONSES_CODEC.decodeResponse({ object: 'chat.completion' }, aCall(FORMAT))).toThrow(
    /no response/,
  );
});

const TYPES = [
  'response.created',
  'response.output_item.added',
  'response.output_item.done',
  'response.output_text.delta',
  'response.output_text.done',
  'response.output_text.annotation.added',
  'response.refusal.delta',
  'response.refusal.done',
  'response.reasoning_summary_text.delta',
  'response.reasoning_text.delta',
  'response.function_call_arguments.delta',
  'response.custom_tool_call_input.delta',
  'response.completed',
  'response.incomplete',
  'error',
];

const junk = fc.oneof(fc.string({ maxLength: 6 }), fc.integer(), fc.constant(null), fc.boolean(), fc.constant([]));
const part = fc.record(
  {
    type: fc.constantFrom('output_text', 'refusal', 'summary_text'),
    text: junk,
    refusal: junk,
    annotations: fc.array(junk),
  },
  { requiredKeys: [] },
);
const item = fc.record(
  {
    type: fc.oneof(
      fc.constantFrom(
        'message',
        'reasoning',
        'function_call',
        'custom_tool_call',
        'image_generation_call',
        'web_search_call',
      ),
      junk,
    ),
    id: fc.oneof(fc.constantFrom('a', 'b'), junk),
    call_id: fc.oneof(fc.constantFrom('c', 'd'), junk),
    name: fc.oneof(fc.constantFrom('f', ''), junk),
    arguments: junk,
    input: junk,
    result: junk,
    encrypted_content: junk,
    content: fc.oneof(fc.array(part, { maxLength: 3 }), junk),
    summary: fc.oneof(fc.array(part, { maxLength: 3 }), junk),
  },
  { requiredKeys: [] },
);
const place = fc.oneof(fc.nat({ max: 3 }), junk);
const wireEvent = fc.record(
  {
    type: fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...TYPES) }, { weight: 1, arbitrary: junk }),
    output_index: place,
    content_index: place,
    summary_index: place,
    delta: junk,
    text: junk,
    refusal: junk,
    item: fc.oneof(item, junk),
    annotation: junk,
    response: fc.oneof(
      fc.record(
        { output: fc.oneof(fc.array(item, { maxLength: 3 }), junk), status: junk, usage: junk },
        { requiredKeys: [] },
      ),
      junk,
    ),
  },
  { requiredKeys: ['type'] },
);

test('whatever an upstream sends, the grammar is kept and nothing is thrown', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(wireEvent, fc.string({ maxLength: 5 })), { maxLength: 14 }), (events) => {
      decode(...(events as (Record<string, unknown> | string)[]));
    }),
    { numRuns: 300 },
  );
});

test('events of a real stream that are lost, doubled or swapped still keep the grammar', () => {
  const all = fixtureCases(FORMAT).flatMap((fixture) => eventsOf(fixture.text('stream.sse') ?? ''));
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...all), { maxLength: 20 }), (events) => {
      decode(...events.map(({ data }) => data));
    }),
    { numRuns: 300 },
  );
});
