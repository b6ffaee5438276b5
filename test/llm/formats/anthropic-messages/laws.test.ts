import { jest } from '@jest/globals';
import fc from 'fast-check';
import { ANTHROPIC_MESSAGES_CODEC as codec } from '@sluice/llm/formats/anthropic-messages/codec';
import type { CarrierPort } from '@sluice/llm/formats/codec';
import { foldStream } from '@sluice/llm/neutral/fold';
import { createGrammar } from '@sluice/llm/neutral/grammar';
import type { AssistantPart, TextPart, UserPart } from '@sluice/llm/neutral/parts';
import type { NeutralMessage, NeutralRequest } from '@sluice/llm/neutral/request';
import type { StreamPart } from '@sluice/llm/neutral/stream';
import { aCall, aClient, collectWarnings, decodeSse } from '../../../support/formats.ts';
import {
  callPart,
  garbageEvents,
  imagePart,
  NOTHING_ASKED,
  piecesOf,
  someMessages,
  someResponse,
  someText,
  someTool,
  textPart,
} from '../../../support/neutral-arbitraries.ts';

/** Carriers as they are, so that what comes back can be compared. */
const PLAIN: CarrierPort = { seal: ({ data }) => data, open: () => null };
const ORIGIN = 'anthropic-messages@there';

const signed: fc.Arbitrary<AssistantPart> = fc
  .record({ text: fc.oneof(someText, fc.constant('')), data: fc.base64String({ minLength: 4 }) })
  .map(({ text, data }) => ({ type: 'reasoning', text, carrier: { origin: ORIGIN, kind: 'signature', data } }));
const redacted: fc.Arbitrary<AssistantPart> = fc
  .base64String({ minLength: 4 })
  .map((data) => ({ type: 'reasoning', text: '', carrier: { origin: ORIGIN, kind: 'redacted', data } }));
const unsigned: fc.Arbitrary<AssistantPart> = someText.map((text) => ({ type: 'reasoning', text }));
const vendor: fc.Arbitrary<AssistantPart> = fc.constant({
  type: 'vendor',
  format: 'anthropic-messages',
  value: { type: 'server_tool_use', id: 'srvtoolu_1', name: 'web_search', input: { query: 'x' } },
});

const responses = someResponse({
  parts: [signed, redacted, unsigned, textPart, vendor, callPart, signed, callPart, textPart],
  finishes: ['stop', 'length', 'refusal', 'pause', 'context-length'],
});

const NATIVE = 'native:anthropic-messages';
const ownReasoning: fc.Arbitrary<AssistantPart> = fc
  .record({ text: fc.oneof(someText, fc.constant('')), data: fc.base64String({ minLength: 4 }) })
  .map(({ text, data }) => ({ type: 'reasoning', text, carrier: { origin: NATIVE, kind: 'signature', data } }));
const marked: fc.Arbitrary<TextPart> = fc
  .record({ text: someText, ttl: fc.constantFrom(null, '5m' as const) })
  .map(({ text, ttl }) => (ttl === null ? { type: 'text', text } : { type: 'text', text, cache: { ttl } }));
const document: fc.Arbitrary<UserPart> = someText.map((text) => ({
  type: 'document',
  source: { kind: 'text', text },
  name: 'notes.txt',
  citations: true,
}));

const requests: fc.Arbitrary<NeutralRequest> = fc
  .record({
    messages: someMessages({
      user: fc.oneof(textPart as fc.Arbitrary<TextPart>, imagePart, document),
      assistant: fc
        .tuple(
          fc.array(ownReasoning, { maxLength: 1 }),
          fc.array(textPart, { minLength: 1, maxLength: 1 }),
          fc.array(callPart, { maxLength: 3 }),
        )
        .map((parts) => parts.flat()),
      result: fc.array(
        someText.map((text): TextPart => ({ type: 'text', text })),
        { maxLength: 2 },
      ),
      system: fc.array(marked, { maxLength: 2 }),
    }),
    tools: fc.uniqueArray(someTool, { maxLength: 3, selector: ({ name }) => name }),
    toolChoice: fc.constantFrom(
      null,
      { type: 'auto' } as const,
      { type: 'none' } as const,
      { type: 'required' } as const,
    ),
    reasoning: fc.constantFrom(null, {
      enabled: true,
      effort: null,
      budgetTokens: 2_000,
      show: false,
      summary: null,
    }),
    stop: fc.array(someText, { maxLength: 3 }),
    stream: fc.boolean(),
    endUser: fc.constantFrom(null, 'user-1'),
    serviceTier: fc.constantFrom(null, 'auto', 'default'),
  })
  .map(({ messages, tools, toolChoice, reasoning, stop, ...rest }) => ({
    ...NOTHING_ASKED,
    ...rest,
    model: 'm',
    maxOutputTokens: 9_000,
    messages,
    tools,
    toolChoice: tools.length === 0 ? null : toolChoice,
    reasoning: tools.length > 0 && toolChoice?.type === 'required' ? null : needsThinking(messages) ? null : reasoning,
    sampling: { ...NOTHING_ASKED.sampling, stop },
    extras: { format: 'anthropic-messages', members: { context_management: { edits: [] } } },
  }));

/** Between call and result thinking may only go on where it had begun. */
function needsThinking(messages: readonly NeutralMessage[]): boolean {
  const before = messages.at(-2)?.content ?? [];
  return before.some(({ type }) => type === 'tool-call') && before[0]?.type !== 'reasoning';
}

function client() {
  return aClient({ carriers: PLAIN });
}

/** `LAW_RUNS=10000` for a long run; fast-check names seed and path of what fails. */
const RUNS = Number(process.env['LAW_RUNS'] ?? '') || 60;
jest.setTimeout(Math.max(30_000, RUNS * 200));

describe("Anthropic's messages", () => {
  test('an answer that is written and read again is the same answer', () => {
    fc.assert(
      fc.property(responses, (response) => {
        const wire = codec.encodeResponse(response, client());
        expect(codec.decodeResponse(JSON.parse(JSON.stringify(wire)), aCall('anthropic-messages'))).toEqual({
          ...response,
          id: response.id.startsWith('msg_') ? response.id : 'msg_req0000000000001',
          model: 'public-model',
        });
      }),
      { numRuns: RUNS },
    );
  });

  test('a stream that is written and read again folds to the same answer, however its text and bytes are cut', () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(responses, sizes, fc.integer({ min: 1, max: 40 }), (response, pieces, chunkBytes) => {
        const encoder = codec.createStreamEncoder(client());
        const sse = piecesOf(response, pieces)
          .map((part) => encoder.push(part))
          .join('');
        const parts = decodeSse(codec, sse, aCall('anthropic-messages'), chunkBytes);
        keepsGrammar(parts);
        expect(parts).toEqual(decodeSse(codec, sse, aCall('anthropic-messages')));
        const wire = codec.encodeResponse(response, client());
        expect(foldStream(parts)).toEqual(codec.decodeResponse(wire, aCall('anthropic-messages')));
      }),
      { numRuns: RUNS },
    );
  });

  test('a request that is written and read again asks for the same', () => {
    fc.assert(
      fc.property(requests, (request) => {
        const { warn, warnings } = collectWarnings();
        const call = aCall('anthropic-messages', { warn, model: request.model });
        const wire = codec.encodeRequest(request, call);
        expect(codec.decodeRequest(JSON.parse(JSON.stringify(wire)), client())).toEqual(request);
        expect(warnings).toEqual([]);
        // Written again it is the same to the letter, so that what the vendor has cached stays of use.
        const again = codec.encodeRequest(codec.decodeRequest(wire, client()), call);
        expect(JSON.stringify(again)).toBe(JSON.stringify(wire));
      }),
      { numRuns: RUNS },
    );
  });

  test('the grammar is kept whatever the upstream sends', () => {
    fc.assert(
      fc.property(fc.array(someEvent, { maxLength: 25 }), garbageEvents, (events, garbage) => {
        const decoder = codec.createStreamDecoder(aCall('anthropic-messages'));
        const mixed = events.flatMap((event, index) => [event, ...(garbage[index] ? [garbage[index]] : [])]);
        keepsGrammar([...mixed.flatMap((event) => decoder.push(event)), ...decoder.end()]);
      }),
      { numRuns: RUNS * 5 },
    );
  });
});

function keepsGrammar(parts: readonly StreamPart[]): void {
  const grammar = createGrammar();
  for (const part of parts) grammar.push(part);
  grammar.end();
}

const index = fc.integer({ min: 0, max: 3 });
const block = fc.constantFrom<object>(
  { type: 'text', text: '' },
  { type: 'text', text: 'begun' },
  { type: 'thinking', thinking: '', signature: '' },
  { type: 'redacted_thinking', data: 'x' },
  { type: 'tool_use', id: 'toolu_1', name: 'f', input: {} },
  { type: 'tool_use', id: '', name: '', input: { a: 1 } },
  { type: 'server_tool_use', id: 's', name: 'web_search', input: {} },
  { type: 'new_kind' },
  {},
);
const delta = fc.constantFrom<object>(
  { type: 'text_delta', text: 'a' },
  { type: 'text_delta', text: '' },
  { type: 'thinking_delta', thinking: 'b' },
  { type: 'signature_delta', signature: 'c' },
  { type: 'input_json_delta', partial_json: '{"a":' },
  { type: 'citations_delta', citation: { type: 'char_location', cited_text: 'x' } },
  { type: 'unheard_of' },
);
/** Events of the right kinds in every wrong order. */
const someEvent = fc
  .oneof(
    fc.constant({ type: 'message_start', message: { id: 'msg_1', usage: { input_tokens: 3, output_tokens: 1 } } }),
    fc.record({ type: fc.constant('content_block_start'), index, content_block: block }),
    fc.record({ type: fc.constant('content_block_delta'), index, delta }),
    fc.record({ type: fc.constant('content_block_stop'), index }),
    fc.constant({ type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 5 } }),
    fc.constant({ type: 'ping' }),
  )
  .map((data) => ({ event: data.type, data: JSON.stringify(data) }));
