import fc from 'fast-check';
import { createAwsEventFramer } from '@sluice/kit/stream/aws-event-framer';
import { encodeAwsFrame } from '@sluice/kit/stream/aws-event-stream';
import { parseExact } from '@sluice/kit/json/parse-exact';
import { readSseEvent } from '@sluice/kit/stream/sse-event';
import { BEDROCK_CONVERSE_CODEC as codec } from '@sluice/llm/formats/bedrock-converse/codec';
import type { CallContext, WireEvent } from '@sluice/llm/formats/codec';
import { foldStream } from '@sluice/llm/neutral/fold';
import { createGrammar } from '@sluice/llm/neutral/grammar';
import type { JsonObject } from '@sluice/llm/neutral/json';
import type { StreamPart } from '@sluice/llm/neutral/stream';
import { aCall, eventsOf, fixtureCases } from '../../../support/formats.ts';
import { garbageEvents } from '../../../support/neutral-arbitraries.ts';

const CASES = fixtureCases('bedrock-converse');
const there = () => aCall('bedrock-converse');

function decode(events: readonly WireEvent[], call: CallContext = there()): StreamPart[] {
  const decoder = codec.createStreamDecoder(call);
  return [...events.flatMap((event) => decoder.push(event)), ...decoder.end()];
}

function keepsGrammar(parts: readonly StreamPart[]): void {
  const grammar = createGrammar();
  for (const part of parts) grammar.push(part);
  grammar.end();
}

describe('the golden folders', () => {
  test('are there', () => expect(CASES.length).toBeGreaterThanOrEqual(3));

  test.each(CASES)('the answer of $name is read as its neutral form says, streamed and whole', (fixture) => {
    const parts = decode(eventsOf(fixture.text('stream.sse') ?? ''));
    keepsGrammar(parts);
    const lines = (fixture.text('stream.neutral.jsonl') ?? '').trimEnd().split('\n');
    expect(parts).toEqual(lines.map((line) => JSON.parse(line) as unknown));
    const whole = parseExact(fixture.text('response.json') ?? '') as JsonObject;
    expect(codec.decodeResponse(whole, there())).toEqual(fixture.json('response.neutral.json'));
    expect(foldStream(parts)).toEqual(fixture.json('response.neutral.json'));
  });

  test.each(CASES)('the frames of $name give the same parts however their bytes are cut', (fixture) => {
    const events = eventsOf(fixture.text('stream.sse') ?? '');
    const frames = Buffer.concat(
      events.map(({ event, data }) =>
        encodeAwsFrame({ headers: { ':message-type': 'event', ':event-type': event }, payload: data }),
      ),
    );
    for (const size of [1, 7, 64, frames.length]) {
      const framer = createAwsEventFramer({ wrapped: false });
      const read: WireEvent[] = [];
      for (let at = 0; at < frames.length; at += size) {
        const block = framer.push(frames.subarray(at, at + size));
        let start = 0;
        for (const end of block?.ends ?? []) {
          const event = block && readSseEvent(block.bytes, start, end);
          start = end;
          if (event) read.push(event);
        }
      }
      expect(decode(read)).toEqual(decode(events));
    }
  });
});

const wire = (event: string, data: JsonObject): WireEvent => ({ event, data: JSON.stringify(data) });
const use = (contentBlockIndex: number, name: string) =>
  wire('contentBlockStart', { contentBlockIndex, start: { toolUse: { toolUseId: `t${contentBlockIndex}`, name } } });
const input = (contentBlockIndex: number, text: string) =>
  wire('contentBlockDelta', { contentBlockIndex, delta: { toolUse: { input: text } } });

describe('an answer', () => {
  test('that stands for a schema, or was a custom tool, comes back as what was asked for', () => {
    const call = {
      ...there(),
      answerTool: 'answer',
      customTools: new Set(['patch']),
      toolNames: new Map([['p', 'patch']]),
    };
    const parts = decode(
      [
        use(0, 'answer'),
        input(0, '{"a":'),
        input(0, '1}'),
        use(1, 'p'),
        input(1, '{"input":"*** '),
        input(1, 'Begin"}'),
        wire('messageStop', { stopReason: 'tool_use' }),
      ],
      call,
    );
    keepsGrammar(parts);
    expect(foldStream(parts).choices[0]).toEqual({
      content: [
        { type: 'text', text: '{"a":1}' },
        { type: 'tool-call', id: 't1', name: 'patch', arguments: '*** Begin', custom: true },
      ],
      finish: { reason: 'tool-calls', stopSequence: null },
    });
    const alone = decode([use(0, 'answer'), input(0, '{}'), wire('messageStop', { stopReason: 'tool_use' })], call);
    expect(foldStream(alone).choices[0]?.finish.reason).toBe('stop');
  });

  test.each([
    ['throttlingException', 'rate_limit_exceeded'],
    ['validationException', 'bad_request'],
    ['modelStreamErrorException', 'upstream_error'],
    ['somethingNewException', 'upstream_error'],
  ])('that ends in %s fails as %s', (event, code) => {
    const parts = decode([wire('messageStart', {}), wire(event, { message: 'Told.' })]);
    expect(parts.at(-1)).toMatchObject({ type: 'failure', error: { code, message: 'Told.' } });
  });

  test.each([
    [[], 'upstream_cut'],
    [[wire('messageStart', {})], 'upstream_cut'],
    [[wire('messageStart', {}), wire('messageStop', { stopReason: 'malformed_tool_use' })], 'upstream_error'],
    [[{ event: 'messageStart', data: '<' }], 'upstream_error'],
  ])('%j fails as %s', (events, code) => {
    expect(decode(events).at(-1)).toMatchObject({ type: 'failure', error: { code } });
  });

  test.each([
    ['max_tokens', 'length'],
    ['guardrail_intervened', 'content-filter'],
    ['model_context_window_exceeded', 'context-length'],
    ['new_reason', 'stop'],
  ])('that stops for %s ends for %s', (stopReason, reason) => {
    const parts = decode([wire('messageStart', {}), wire('messageStop', { stopReason })]);
    expect(foldStream(parts).choices[0]?.finish.reason).toBe(reason);
  });

  test('that is no message is none', () => {
    expect(() => codec.decodeResponse({ message: 'Too many' }, there())).toThrow(
      expect.objectContaining({ code: 'upstream_error', message: 'Too many' }),
    );
  });

  test('keeps the grammar whatever the upstream sends', () => {
    const index = fc.integer({ min: 0, max: 2 });
    const delta = fc.constantFrom<JsonObject>(
      { text: 'a' },
      { text: '' },
      { toolUse: { input: '{' } },
      { reasoningContent: { text: 'b' } },
      { reasoningContent: { signature: 'c' } },
      { reasoningContent: {} },
      { citation: { title: 'd' } },
      { new: 1 },
    );
    const someEvent = fc.oneof(
      fc.constant(wire('messageStart', { role: 'assistant' })),
      fc.tuple(index, fc.constantFrom('f', '')).map(([at, name]) => use(at, name)),
      fc
        .tuple(index, delta)
        .map(([contentBlockIndex, value]) => wire('contentBlockDelta', { contentBlockIndex, delta: value })),
      index.map((contentBlockIndex) => wire('contentBlockStop', { contentBlockIndex })),
      fc.constant(wire('messageStop', { stopReason: 'end_turn' })),
      fc.constant(wire('metadata', { usage: { inputTokens: 1, outputTokens: 1 } })),
    );
    fc.assert(
      fc.property(fc.array(someEvent, { maxLength: 25 }), garbageEvents, (events, garbage) => {
        keepsGrammar(decode(events.flatMap((event, at) => [event, ...(garbage[at] ? [garbage[at]] : [])])));
      }),
      { numRuns: 500 },
    );
  });
});
