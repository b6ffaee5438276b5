import * as fc from 'fast-check';
import { OPENAI_RESPONSES_CODEC } from '@sluice/llm/formats/openai-responses/codec';
import { foldStream } from '@sluice/llm/neutral/fold';
import type { AssistantPart, ToolCallPart } from '@sluice/llm/neutral/parts';
import type { NeutralMessage, NeutralRequest } from '@sluice/llm/neutral/request';
import type { NeutralResponse } from '@sluice/llm/neutral/response';
import { unfoldResponse } from '@sluice/llm/neutral/unfold';
import { aCall, aClient, CARRIERS, decodeSse } from '../../../support/formats.ts';
import { NO_FIGURES } from '@sluice/llm/formats/usage-figures';

const FORMAT = 'openai-responses';
const { decodeRequest, encodeRequest, decodeResponse, encodeResponse, createStreamEncoder } = OPENAI_RESPONSES_CODEC;

const words = fc.oneof(
  fc.string({ minLength: 1, maxLength: 12, unit: 'grapheme' }),
  fc.constantFrom(
    'data: [DONE]\n\n',
    '[DONE]',
    '"}\n\nevent: error',
    '\u2028',
    '\u0000',
    '\\',
    '{"type":"response.failed"}',
  ),
);
const name = fc.stringMatching(/^[a-zA-Z0-9_-]{1,20}$/);
const base64 = fc.uint8Array({ minLength: 1, maxLength: 9 }).map((bytes) => Buffer.from(bytes).toString('base64'));
const text = words.map((value) => ({ type: 'text' as const, text: value }));
const image = fc.record({
  type: fc.constant('image' as const),
  source: fc.oneof(
    base64.map((data) => ({ kind: 'base64' as const, mediaType: 'image/png', data })),
    fc.webUrl().map((url) => ({ kind: 'url' as const, url, mediaType: null })),
  ),
  detail: fc.constantFrom('low' as const, 'high' as const, 'auto' as const, 'original' as const),
});
const file = fc.record({
  type: fc.constant('document' as const),
  source: base64.map((data) => ({ kind: 'base64' as const, mediaType: 'application/pdf', data })),
  name: words,
});
const shown = fc.oneof(text, image, file);
const args = fc.oneof(
  fc.dictionary(name, fc.jsonValue({ maxDepth: 1 })).map((value) => JSON.stringify(value)),
  fc.constant('{"broken":'),
);

/** The assistant's turn, and the results that it is owed. */
const turn = (index: number): fc.Arbitrary<NeutralMessage[]> =>
  fc
    .record({
      said: fc.array(text, { maxLength: 2 }),
      reasoned: fc.option(fc.record({ text: fc.oneof(words, fc.constant('')), data: base64 })),
      calls: fc.array(fc.record({ name, args, custom: fc.boolean(), result: fc.array(shown, { maxLength: 2 }) }), {
        maxLength: 3,
      }),
      asked: fc.array(shown, { minLength: 1, maxLength: 3 }),
    })
    .map(({ said, reasoned, calls, asked }) => {
      const carrier = { origin: `native:${FORMAT}`, kind: 'encrypted' as const, data: reasoned?.data ?? '' };
      const made = calls.map((call, at): ToolCallPart => ({
        type: 'tool-call',
        id: `call_${index}_${at}`,
        name: call.name,
        arguments: call.args,
        ...(call.custom ? { custom: true as const } : {}),
      }));
      const content: AssistantPart[] = [
        ...(reasoned ? [{ type: 'reasoning' as const, text: reasoned.text, carrier }] : []),
        ...said,
        ...made,
      ];
      const results = made.map((call, at) => ({
        type: 'tool-result' as const,
        callId: call.id,
        name: call.name,
        content: calls[at]?.result ?? [],
        isError: false,
      }));
      return [
        ...(content.length > 0 ? [{ role: 'assistant' as const, content }] : []),
        ...(results.length > 0 ? [{ role: 'user' as const, content: results }] : []),
        { role: 'user' as const, content: asked },
      ];
    });

const conversation = fc.tuple(
  fc.option(
    words.map((value): NeutralMessage => ({ role: 'system', as: 'system', content: [{ type: 'text', text: value }] })),
  ),
  fc.array(
    fc
      .array(text, { minLength: 1, maxLength: 2 })
      .map((content): NeutralMessage => ({ role: 'system', as: 'developer', content })),
    { maxLength: 2 },
  ),
  fc.nat({ max: 3 }).chain((turns) => fc.tuple(...Array.from({ length: turns }, (_none, index) => turn(index)))),
);

const request = fc
  .record({
    messages: conversation,
    tools: fc.uniqueArray(name, { maxLength: 3 }),
    maxOutputTokens: fc.option(fc.integer({ min: 16, max: 9999 })),
    temperature: fc.option(fc.constantFrom(0, 0.5, 2)),
    effort: fc.option(fc.constantFrom('none' as const, 'low' as const, 'high' as const)),
    verbosity: fc.option(fc.constantFrom('low', 'high')),
    stream: fc.boolean(),
    required: fc.boolean(),
  })
  .map(({ messages: [first, others, turns], tools, ...asked }): NeutralRequest => {
    const declared = tools.map((tool, index) =>
      index === 1
        ? { type: 'custom' as const, name: tool, description: 'D', grammar: { type: 'text' } }
        : { type: 'function' as const, name: tool, description: null, parameters: { type: 'object' }, strict: false },
    );
    return {
      ...decodeRequest({ model: 'upstream-model', input: 'x' }, aClient()),
      messages: [...(first ? [first] : []), ...others, ...turns.flat()],
      tools: declared,
      toolChoice: tools[0] !== undefined && asked.required ? { type: 'tool', name: tools[0] } : null,
      maxOutputTokens: asked.maxOutputTokens,
      sampling: { ...decodeRequest({ model: 'm', input: 'x' }, aClient()).sampling, temperature: asked.temperature },
      reasoning:
        asked.effort === null
          ? null
          : {
              enabled: asked.effort === 'none' ? false : null,
              effort: asked.effort,
              budgetTokens: null,
              show: null,
              summary: null,
            },
      verbosity: asked.verbosity,
      stream: asked.stream,
      extras: { format: FORMAT, members: { store: false } },
    };
  });

test('a request that is written and read again is the same request', () => {
  fc.assert(
    fc.property(request, (asked) => {
      const { extras, ...again } = decodeRequest(encodeRequest(asked, aCall(FORMAT)), aClient());
      const { extras: before, ...rest } = asked;
      expect(again).toEqual(rest);
      const { include: _include, ...members } = extras.members;
      expect(members).toEqual(before.members);
    }),
    { numRuns: 100 },
  );
});

test('writing the same request twice gives the same bytes', () => {
  fc.assert(
    fc.property(request, (asked) => {
      const once = JSON.stringify(encodeRequest(asked, aCall(FORMAT)));
      expect(JSON.stringify(encodeRequest(structuredClone(asked), aCall(FORMAT)))).toBe(once);
    }),
    { numRuns: 20 },
  );
});

const count = fc.nat({ max: 99_999 });
const CARRIER = { origin: 'anthropic-messages@a', kind: 'signature', data: 'c2ln' } as const;

const answer = fc
  .record({
    content: fc.array(
      fc.oneof(
        text,
        words.map((value) => ({ type: 'reasoning' as const, text: value })),
        fc
          .oneof(words, fc.constant(''))
          .map((value) => ({ type: 'reasoning' as const, text: value, carrier: CARRIER })),
        base64.map((data) => ({
          type: 'image' as const,
          source: { kind: 'base64' as const, mediaType: 'image/png', data },
        })),
        fc.record({ type: fc.constant('tool-call' as const), id: fc.constant(''), name, arguments: args }),
      ),
      { maxLength: 6 },
    ),
    refusal: fc.option(words, { freq: 5 }),
    length: fc.boolean(),
    usage: fc.record({
      input: count,
      cacheRead: count,
      cacheWrite5m: count,
      cacheWrite1h: count,
      output: count,
      reasoning: count,
    }),
  })
  .map(({ content, refusal, length, usage }): NeutralResponse => {
    const parts: AssistantPart[] = content.map((part, index) =>
      part.type === 'tool-call' ? { ...part, id: `call_${index}` } : part,
    );
    if (refusal !== null) parts.push({ type: 'refusal', text: refusal });
    const calls = parts.some(({ type }) => type === 'tool-call');
    const reason = calls ? 'tool-calls' : refusal !== null ? 'refusal' : 'stop';
    return {
      id: `resp_${aClient().requestId}`,
      model: 'public-model',
      choices: [{ content: parts, finish: { reason: length ? 'length' : reason, stopSequence: null } }],
      usage: { ...NO_FIGURES, ...usage },
      serviceTier: 'default',
    };
  });

/** Carriers travel sealed: what an upstream of ours gives is what we sealed. */
function opened(response: NeutralResponse): NeutralResponse {
  const content = response.choices[0]?.content ?? [];
  for (const part of content) {
    if (part.type !== 'reasoning' || !part.carrier) continue;
    const carrier = CARRIERS.open(part.carrier.data);
    if (carrier !== null && carrier !== 'forged') part.carrier = carrier;
  }
  return response;
}

test('our own answer is understood as an upstream’s: content, end and every token of it', () => {
  fc.assert(
    fc.property(answer, (given) => {
      const again = decodeResponse(encodeResponse(given, aClient()), aCall(FORMAT));
      expect(opened(again)).toEqual(given);
    }),
    { numRuns: 100 },
  );
});

test('our own stream, however cut, comes to the same answer as the whole', () => {
  fc.assert(
    fc.property(answer, fc.integer({ min: 1, max: 200 }), (given, size) => {
      const encoder = createStreamEncoder(aClient());
      const sse = [...unfoldResponse(given)].map((part) => encoder.push(part)).join('');
      expect(opened(foldStream(decodeSse(OPENAI_RESPONSES_CODEC, sse, aCall(FORMAT), size)))).toEqual(given);
    }),
    { numRuns: 100 },
  );
});
