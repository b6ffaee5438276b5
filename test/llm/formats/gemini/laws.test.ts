import { jest } from '@jest/globals';
import fc from 'fast-check';
import type { CarrierPort } from '@sluice/llm/formats/codec';
import { GEMINI_CODEC as codec } from '@sluice/llm/formats/gemini/codec';
import { foldStream } from '@sluice/llm/neutral/fold';
import { createGrammar } from '@sluice/llm/neutral/grammar';
import type { JsonObject } from '@sluice/llm/neutral/json';
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
  textPart,
  toolName,
  usageFigures,
} from '../../../support/neutral-arbitraries.ts';

/** `LAW_RUNS=10000` for a long run; fast-check names seed and path of what fails. */
const RUNS = Number(process.env['LAW_RUNS'] ?? '') || 60;
jest.setTimeout(Math.max(30_000, RUNS * 200));

/** Seals into the bytes whose base64 the signature is, so that what comes back can be compared. */
const PLAIN: CarrierPort = { seal: ({ data }) => Buffer.from(data, 'base64').toString('latin1'), open: () => null };
const ORIGIN = 'gemini@there';
const NATIVE = 'native:gemini';

const signature = fc.stringMatching(/^[a-z]{4,20}$/).map((text) => Buffer.from(text).toString('base64'));
const signedBy = (origin: string, part: fc.Arbitrary<AssistantPart>): fc.Arbitrary<AssistantPart> =>
  fc
    .tuple(part, signature)
    .map(([bare, data]) => ({ ...bare, carrier: { origin, kind: 'signature' as const, data } }) as AssistantPart);
const thought: fc.Arbitrary<AssistantPart> = someText.map((text) => ({ type: 'reasoning', text }));
const hidden: fc.Arbitrary<AssistantPart> = fc.constant({ type: 'reasoning', text: '' });
const image: fc.Arbitrary<AssistantPart> = imagePart as fc.Arbitrary<AssistantPart>;
const vendor: fc.Arbitrary<AssistantPart> = fc.constant({
  type: 'vendor',
  format: 'gemini',
  value: { executableCode: { language: 'PYTHON', code: 'print(1)' } },
});
const orSigned = (origin: string, part: fc.Arbitrary<AssistantPart>) => fc.oneof(part, signedBy(origin, part));

const responses = someResponse({
  parts: [
    signedBy(ORIGIN, thought),
    signedBy(ORIGIN, hidden),
    orSigned(ORIGIN, textPart),
    signedBy(ORIGIN, hidden),
    orSigned(ORIGIN, thought),
    image,
    vendor,
    orSigned(ORIGIN, callPart),
    callPart,
  ],
  finishes: ['stop', 'length', 'content-filter'],
  choices: 3,
  usage: usageFigures.map((usage) => ({ ...usage, cacheWrite5m: 0, cacheWrite1h: 0 })),
}).map((response) => ({ ...response, choices: response.choices.map(signedApart), serviceTier: null }));

/** A signature that repeats the one before it is the same one: vendors send some twice. */
function signedApart<Choice extends { content: AssistantPart[] }>(choice: Choice): Choice {
  const content = choice.content.map((part, index) => {
    if (!('carrier' in part) || !part.carrier) return part;
    const data = Buffer.from(`${Buffer.from(part.carrier.data, 'base64').toString()}${index}`).toString('base64');
    return { ...part, carrier: { ...part.carrier, data } };
  });
  return { ...choice, content };
}

const parameters = fc.constantFrom<JsonObject | null>(
  null,
  { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
  {
    type: 'object',
    properties: {
      kind: { type: 'string', enum: ['a', 'b'] },
      at: { type: ['integer', 'null'], minimum: 1 },
      tags: { type: 'array', items: { type: 'string' }, maxItems: 3 },
    },
  },
);

const requests: fc.Arbitrary<NeutralRequest> = fc
  .record({
    messages: someMessages({
      user: fc.oneof(
        textPart as fc.Arbitrary<TextPart>,
        imagePart,
        fc.constant<UserPart>({
          type: 'document',
          source: { kind: 'base64', mediaType: 'application/pdf', data: 'JVBERi0=' },
          name: null,
        }),
      ),
      assistant: fc
        .tuple(
          fc.array(orSigned(NATIVE, thought), { maxLength: 1 }),
          fc.array(orSigned(NATIVE, textPart), { minLength: 1, maxLength: 1 }),
          fc.array(signedBy(NATIVE, callPart), { maxLength: 1 }),
        )
        .chain(([before, said, first]) =>
          fc.array(callPart, { maxLength: first.length * 2 }).map((more) => [...before, ...said, ...first, ...more]),
        ),
      result: fc.array(
        someText.map((text): TextPart => ({ type: 'text', text })),
        { minLength: 1, maxLength: 1 },
      ),
      system: fc.array(textPart as fc.Arbitrary<TextPart>, { maxLength: 2 }),
    }),
    tools: fc.uniqueArray(
      fc.record({
        type: fc.constant('function' as const),
        name: toolName,
        description: fc.option(someText, { nil: null }),
        parameters,
        strict: fc.constant(null),
      }),
      { maxLength: 3, selector: ({ name }) => name },
    ),
    toolChoice: fc.constantFrom<NeutralRequest['toolChoice']>(
      null,
      { type: 'auto' },
      { type: 'none' },
      { type: 'required' },
    ),
    reasoning: fc.constantFrom(null, { enabled: true, effort: null, budgetTokens: 2_000, show: true, summary: null }),
    output: fc.constantFrom<NeutralRequest['output']>(null, { type: 'text' }, { type: 'json' }),
    temperature: fc.option(fc.constantFrom(0, 0.5, 2), { nil: null }),
    stop: fc.array(someText, { maxLength: 3 }),
    choices: fc.constantFrom(1, 2),
  })
  .map(({ temperature, stop, ...rest }): NeutralRequest => ({
    ...NOTHING_ASKED,
    ...rest,
    model: 'public-model',
    toolChoice: rest.tools.length === 0 ? null : rest.toolChoice,
    output: rest.tools.length > 0 && rest.output?.type === 'json' ? null : rest.output,
    maxOutputTokens: 900,
    serviceTier: 'flex',
    sampling: { ...NOTHING_ASKED.sampling, temperature, stop },
    extras: {
      format: 'gemini',
      members: { safetySettings: [{ category: 'x' }], generationConfig: { mediaResolution: 'LOW' } },
    },
  }));

function client() {
  return aClient({ carriers: PLAIN });
}

describe("Gemini's generateContent", () => {
  test('an answer that is written and read again is the same answer', () => {
    fc.assert(
      fc.property(responses, (response) => {
        const wire = codec.encodeResponse(response, client());
        const read = codec.decodeResponse(JSON.parse(JSON.stringify(wire)), aCall('gemini'));
        expect(read).toEqual({ ...response, model: 'public-model' });
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
        const parts = decodeSse(codec, sse, aCall('gemini'), chunkBytes);
        keepsGrammar(parts);
        expect(parts).toEqual(decodeSse(codec, sse, aCall('gemini')));
        expect(foldStream(parts)).toEqual(
          codec.decodeResponse(codec.encodeResponse(response, client()), aCall('gemini')),
        );
      }),
      { numRuns: RUNS },
    );
  });

  test('a request that is written and read again asks for the same', () => {
    fc.assert(
      fc.property(requests, (request) => {
        const { warn, warnings } = collectWarnings();
        const call = aCall('gemini', { warn });
        const wire = codec.encodeRequest(request, call);
        const read = codec.decodeRequest(JSON.parse(JSON.stringify(wire)), client());
        expect(withoutStructure(read)).toEqual(request);
        expect(warnings).toEqual([]);
        // Written again it is the same to the letter, so that what the vendor has cached stays of use.
        expect(JSON.stringify(codec.encodeRequest(read, call))).toBe(JSON.stringify(wire));
      }),
      { numRuns: RUNS },
    );
  });

  test('a request in the names of the protocol is read as the same request', () => {
    fc.assert(
      fc.property(requests, (request) => {
        const wire = codec.encodeRequest(request, aCall('gemini'));
        expect(codec.decodeRequest(snakeCased(wire) as never, client())).toEqual(codec.decodeRequest(wire, client()));
      }),
      { numRuns: RUNS },
    );
  });

  test('the grammar is kept whatever the upstream sends', () => {
    fc.assert(
      fc.property(fc.array(someEvent, { maxLength: 25 }), garbageEvents, (events, garbage) => {
        const decoder = codec.createStreamDecoder(aCall('gemini'));
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

/** Results remember the object that they were, which the neutral request of another format does not have. */
function withoutStructure(request: NeutralRequest): NeutralRequest {
  const messages = structuredClone(request.messages);
  for (const message of messages) if (message.role === 'user') forget(message);
  return { ...request, messages };
}

function forget({ content }: Extract<NeutralMessage, { role: 'user' }>): void {
  for (const part of content) if (part.type === 'tool-result') delete part.structured;
}

/** Members of the API's own; what stands in arguments, results, schemas and extras keeps its names. */
const FREE = new Set(['args', 'response', 'properties', 'safetySettings']);

function snakeCased(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(snakeCased);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [
      key.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
      FREE.has(key) ? (member as unknown) : snakeCased(member),
    ]),
  );
}

const part = fc.constantFrom<object | null>(
  { text: 'a' },
  { text: '' },
  { text: 'b', thought: true },
  { text: 'c', thoughtSignature: 'QQ==' },
  { text: '', thoughtSignature: 'Qg==' },
  { thought: true, thoughtSignature: 'Qg==' },
  { functionCall: { name: 'f', args: { a: 1 } } },
  { functionCall: { name: 'f', args: null }, thoughtSignature: 'Qw==' },
  { functionCall: { name: '' } },
  { functionCall: { name: 'g', willContinue: true } },
  { functionCall: { partialArgs: [{ jsonPath: '$.a[0].b', stringValue: 'x' }], willContinue: true } },
  { functionCall: {} },
  { inlineData: { mimeType: 'image/png', data: 'AAAA' } },
  { inlineData: { mimeType: 'audio/L16', data: 'AAAA' } },
  { inlineData: { mimeType: 'audio/L16', data: 'AA==' } },
  { executableCode: { code: '1' } },
  { unheard: 1 },
  {},
  null,
);
/** Chunks of the right shape in every wrong order. */
const someEvent = fc
  .record({
    index: fc.constantFrom<unknown>(undefined, 0, 1, -1, 'x', 1e9),
    parts: fc.oneof(fc.array(part, { maxLength: 3 }), fc.constantFrom<unknown>(undefined, null, 'x')),
    finishReason: fc.constantFrom<unknown>(
      undefined,
      null,
      'STOP',
      'MAX_TOKENS',
      'SAFETY',
      'NEW',
      'MALFORMED_FUNCTION_CALL',
      3,
    ),
    usage: fc.constantFrom<unknown>(
      undefined,
      { promptTokenCount: 3, candidatesTokenCount: 1, totalTokenCount: 4 },
      {},
    ),
    grounding: fc.constantFrom<unknown>(undefined, {
      groundingChunks: [{ web: { uri: 'https://a' } }, null],
      groundingSupports: [{ segment: { startIndex: 0, endIndex: 99 }, groundingChunkIndices: [0, 1, 7] }, null],
    }),
    blocked: fc.constantFrom<unknown>(undefined, { blockReason: 'SAFETY' }),
    none: fc.boolean(),
  })
  .map(({ index, parts, finishReason, usage, grounding, blocked, none }) => ({
    event: 'message',
    data: JSON.stringify({
      candidates: none ? [] : [{ index, content: { parts }, finishReason, groundingMetadata: grounding }],
      usageMetadata: usage,
      promptFeedback: blocked,
      responseId: 'r',
    }),
  }));
