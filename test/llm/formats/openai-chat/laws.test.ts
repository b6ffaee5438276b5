import { jest } from '@jest/globals';
import fc from 'fast-check';
import { OPENAI_CHAT_CODEC as codec } from '@sluice/llm/formats/openai-chat/codec';
import { foldStream } from '@sluice/llm/neutral/fold';
import { createGrammar } from '@sluice/llm/neutral/grammar';
import type { AssistantPart, TextPart, UserPart } from '@sluice/llm/neutral/parts';
import type { NeutralRequest } from '@sluice/llm/neutral/request';
import type { NeutralResponse } from '@sluice/llm/neutral/response';
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
  usageFigures,
} from '../../../support/neutral-arbitraries.ts';

const reasoning: fc.Arbitrary<AssistantPart> = someText.map((text) => ({ type: 'reasoning', text }));
const cited: fc.Arbitrary<AssistantPart> = someText.map((text) => ({
  type: 'text',
  text,
  citations: [{ start: 0, end: text.length, title: 'a', url: 'https://a.example', citedText: null }],
}));
const refusal: fc.Arbitrary<AssistantPart> = someText.map((text) => ({ type: 'refusal', text }));
const custom: fc.Arbitrary<AssistantPart> = someText.map((text) => ({
  type: 'tool-call',
  id: 'call_custom',
  name: 'shell',
  arguments: text,
  custom: true,
}));

/** The format has one kind of cache writes. */
const usage = usageFigures.map((figures) => ({ ...figures, cacheWrite1h: 0 }));

const responses = fc
  .oneof(
    someResponse({
      parts: [reasoning, fc.oneof(textPart, cited), callPart, callPart, custom],
      finishes: ['stop', 'length', 'content-filter'],
      choices: 3,
      usage,
    }),
    someResponse({ parts: [refusal], finishes: ['refusal'], usage }).filter(
      ({ choices }) => choices[0]?.content.length === 1,
    ),
  )
  .map(withDistinctIds);

function withDistinctIds(response: NeutralResponse): NeutralResponse {
  for (const [index, choice] of response.choices.entries()) {
    choice.content = choice.content.map((part, at) =>
      part.type === 'tool-call' ? { ...part, id: `call_${index}_${at}` } : part,
    );
  }
  return response;
}

/** What the wire's own objects add to a citation. */
function withoutNative(response: NeutralResponse): NeutralResponse {
  return JSON.parse(
    JSON.stringify(response, (key, value: unknown) => (key === 'native' ? undefined : value)),
  ) as NeutralResponse;
}

const told = (response: NeutralResponse): NeutralResponse => ({
  ...response,
  id: response.id.startsWith('chatcmpl-') ? response.id : 'chatcmpl-req0000000000001',
  model: 'public-model',
});

const someUser = fc.oneof(
  someText.map((text): TextPart => ({ type: 'text', text })),
  imagePart,
  fc.base64String({ minLength: 4 }).map((data): UserPart => ({
    type: 'document',
    source: { kind: 'base64', mediaType: 'application/pdf', data },
    name: 'a.pdf',
  })),
);

const requests: fc.Arbitrary<NeutralRequest> = fc
  .record({
    messages: someMessages({
      user: someUser,
      assistant: fc
        .tuple(fc.array(textPart, { maxLength: 1 }), fc.array(callPart, { maxLength: 3 }))
        .map((parts) => parts.flat())
        .filter((parts) => parts.length > 0),
      result: fc.array(
        someText.map((text): TextPart => ({ type: 'text', text })),
        { maxLength: 2 },
      ),
      system: fc.array(
        someText.map((text): TextPart => ({ type: 'text', text })),
        { maxLength: 2 },
      ),
    }),
    tools: fc.uniqueArray(someTool, { maxLength: 3, selector: ({ name }) => name }),
    toolChoice: fc.constantFrom(
      null,
      { type: 'auto' } as const,
      { type: 'none' } as const,
      { type: 'required' } as const,
    ),
    reasoning: fc.constantFrom(null, {
      enabled: null,
      effort: 'low' as const,
      budgetTokens: null,
      show: null,
      summary: null,
    }),
    output: fc.constantFrom(null, { type: 'json' } as const, {
      type: 'json-schema' as const,
      name: 'n',
      description: null,
      schema: { type: 'object' },
      strict: true,
    }),
    temperature: fc.constantFrom(null, 0, 1.5),
    seed: fc.constantFrom(null, 7),
    stream: fc.boolean(),
    metadata: fc.constantFrom(null, { a: 'b' }),
    endUser: fc.constantFrom(null, 'user-1'),
    maxOutputTokens: fc.constantFrom(null, 100),
    parallel: fc.constantFrom(null, true, false),
  })
  .map(({ tools, toolChoice, temperature, seed, parallel, ...rest }) => ({
    ...NOTHING_ASKED,
    ...rest,
    wantsStreamUsage: rest.stream,
    model: 'm',
    tools,
    toolChoice: tools.length === 0 ? null : toolChoice,
    parallelToolCalls: tools.length === 0 ? null : parallel,
    sampling: { ...NOTHING_ASKED.sampling, temperature, seed, stop: ['END'] },
    extras: { format: 'openai-chat', members: { store: false } },
  }));

/** `LAW_RUNS=10000` for a long run; fast-check names seed and path of what fails. */
const RUNS = Number(process.env['LAW_RUNS'] ?? '') || 60;
jest.setTimeout(Math.max(30_000, RUNS * 200));

describe('chat completions', () => {
  test('an answer that is written and read again is the same answer', () => {
    fc.assert(
      fc.property(responses, (response) => {
        const wire = codec.encodeResponse(response, aClient());
        const read = codec.decodeResponse(JSON.parse(JSON.stringify(wire)), aCall('openai-chat'));
        expect(withoutNative(read)).toEqual(told(response));
      }),
      { numRuns: RUNS },
    );
  });

  test('a stream that is written and read again folds to the same answer, however its text and bytes are cut', () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(responses, sizes, fc.integer({ min: 1, max: 60 }), (response, pieces, chunkBytes) => {
        const encoder = codec.createStreamEncoder(aClient());
        const sse = piecesOf(response, pieces)
          .map((part) => encoder.push(part))
          .join('');
        const parts = decodeSse(codec, sse, aCall('openai-chat'), chunkBytes);
        keepsGrammar(parts);
        expect(parts).toEqual(decodeSse(codec, sse, aCall('openai-chat')));
        // The stream has no member for the tier.
        expect(withoutNative(foldStream(parts))).toEqual({ ...told(response), serviceTier: null });
      }),
      { numRuns: RUNS },
    );
  });

  test('a request that is written and read again asks for the same', () => {
    fc.assert(
      fc.property(requests, (request) => {
        const { warn, warnings } = collectWarnings();
        const call = aCall('openai-chat', { warn, model: request.model });
        const wire = codec.encodeRequest(request, call);
        expect(codec.decodeRequest(JSON.parse(JSON.stringify(wire)), aClient())).toEqual(request);
        expect(warnings).toEqual([]);
        // Written again it is the same to the letter, so that what the vendor has cached stays of use.
        const again = codec.encodeRequest(codec.decodeRequest(wire, aClient()), call);
        expect(JSON.stringify(again)).toBe(JSON.stringify(wire));
      }),
      { numRuns: RUNS },
    );
  });

  test('the grammar is kept whatever the upstream sends', () => {
    fc.assert(
      fc.property(fc.array(someEvent, { maxLength: 25 }), garbageEvents, (events, garbage) => {
        const decoder = codec.createStreamDecoder(aCall('openai-chat'));
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

const delta = fc.constantFrom<object>(
  { role: 'assistant', content: '' },
  { content: 'a' },
  { content: [{ type: 'text', text: 'b' }] },
  { content: null, refusal: 'no' },
  { reasoning_content: 'hm' },
  { reasoning: 'hm', reasoning_details: [{ type: 'reasoning.text', text: 'hm', signature: 's' }] },
  { reasoning_details: [{ type: 'reasoning.encrypted', data: 'x' }] },
  { tool_calls: [{ index: 0, id: 'a', function: { name: 'f', arguments: '' } }] },
  {
    tool_calls: [
      { index: 0, function: { arguments: '{' } },
      { index: 1, id: 'b', function: { name: 'g' } },
    ],
  },
  { tool_calls: [{ index: 0, id: 'c', function: { name: 'h', arguments: {} } }] },
  { tool_calls: [{ id: null, function: { name: null, arguments: null } }, null, 3] },
  { function_call: { name: 'legacy', arguments: '{}' } },
  { annotations: [{ type: 'url_citation', url_citation: { url: 'https://a.example' } }] },
  { audio: { id: 'a', data: 'AAAA', transcript: 't' } },
  { images: [{ image_url: { url: 'data:image/png;base64,AAAA' } }, { image_url: { url: 'data:,' } }] },
);

/** Chunks of the right kinds in every wrong order. */
const someEvent = fc
  .record({
    id: fc.constantFrom('chatcmpl-1', '', null),
    choices: fc.array(
      fc.record(
        {
          index: fc.constantFrom(0, 1, null),
          delta: fc.oneof(delta, fc.constant(null)),
          finish_reason: fc.constantFrom(null, null, null, 'stop', 'tool_calls', 'odd'),
        },
        { requiredKeys: ['delta'] },
      ),
      { maxLength: 2 },
    ),
    usage: fc.constantFrom(null, { prompt_tokens: 3, completion_tokens: 4 }),
  })
  .map((data) => ({ event: 'message', data: JSON.stringify(data) }));
