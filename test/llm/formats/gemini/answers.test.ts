import { GatewayError } from '@sluice/kit/errors/gateway-error';
import { GEMINI_CODEC as codec } from '@sluice/llm/formats/gemini/codec';
import { decodeErrorMessage, encodeError } from '@sluice/llm/formats/gemini/errors';
import { decodeUsage } from '@sluice/llm/formats/gemini/usage';
import { foldStream } from '@sluice/llm/neutral/fold';
import type { JsonObject } from '@sluice/llm/neutral/json';
import type { StreamPart } from '@sluice/llm/neutral/stream';
import { aCall, aClient, decodeSse } from '../../../support/formats.ts';
import { NO_FIGURES } from '@sluice/llm/formats/usage-figures';

const chunk = (parts: JsonObject[], more: JsonObject = {}): JsonObject => ({
  responseId: 'r1',
  candidates: [{ content: { role: 'model', parts }, index: 0, ...more }],
});
const sse = (...chunks: unknown[]): string => chunks.map((data) => `data: ${JSON.stringify(data)}\n\n`).join('');
const decode = (...chunks: unknown[]): StreamPart[] => decodeSse(codec, sse(...chunks), aCall('gemini'));
const callsIn = (parts: StreamPart[]) =>
  foldStream(parts).choices.flatMap(({ content }) => content.filter((part) => part.type === 'tool-call'));

describe('an answer of the upstream', () => {
  test.each(['MALFORMED_FUNCTION_CALL', 'UNEXPECTED_TOOL_CALL', 'MALFORMED_RESPONSE'])(
    'that ends with %s is a failure that another try may mend',
    (finishReason) => {
      const failed = chunk([{ text: 'I call' }], { finishReason });
      const last = decode(failed).at(-1);
      expect(last).toMatchObject({ type: 'failure', error: { code: 'upstream_error', status: 502 } });
      expect(() => codec.decodeResponse(failed, aCall('gemini'))).toThrow(
        expect.objectContaining({ code: 'upstream_error' }),
      );
    },
  );

  test('that breaks off before it says why it ends is cut, and what it used is told', () => {
    const parts = decode({
      ...chunk([{ text: 'half' }]),
      usageMetadata: { promptTokenCount: 3, candidatesTokenCount: 1, totalTokenCount: 4 },
    });
    expect(parts.slice(-2)).toMatchObject([
      { type: 'usage', usage: { input: 3, output: 1 } },
      { type: 'failure', error: { code: 'upstream_cut' } },
    ]);
    expect(decode()).toMatchObject([{ type: 'failure', error: { code: 'upstream_cut' } }]);
  });

  test('without a candidate and without a reason is none', () => {
    expect(() => codec.decodeResponse({ candidates: [] }, aCall('gemini'))).toThrow(
      expect.objectContaining({ code: 'upstream_error' }),
    );
  });

  test('that holds an error fails with its sentence, its kind and its delay', () => {
    const error = {
      code: 429,
      message: 'Quota exceeded.',
      status: 'RESOURCE_EXHAUSTED',
      details: [{ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '3.2s' }],
    };
    expect(decode(chunk([{ text: 'a' }]), { error }).at(-1)).toMatchObject({
      type: 'failure',
      error: { code: 'rate_limit_exceeded', message: 'Quota exceeded.', retryAfterSeconds: 4 },
    });
    expect(decode({ error: 'no' })).toMatchObject([
      { type: 'failure', error: { code: 'upstream_error', message: 'no' } },
    ]);
  });

  test('that is no JSON fails', () => {
    expect(decodeSse(codec, 'data: <html>\n\n', aCall('gemini'))).toMatchObject([
      { type: 'failure', error: { code: 'upstream_error' } },
    ]);
  });

  test('with an end marker of other formats, comments and CRLF is read all the same', () => {
    const text = `: hi\r\n\r\n${sse(chunk([{ text: 'a' }], { finishReason: 'STOP' }))}data: [DONE]\n\n`;
    expect(foldStream(decodeSse(codec, text, aCall('gemini'))).choices[0]?.content).toEqual([
      { type: 'text', text: 'a' },
    ]);
  });

  test('gives calls without ids some that are the same when it comes again, and differ within it', () => {
    const call = { functionCall: { name: 'f', args: { a: 1 } } };
    const twice = () => callsIn(decode(chunk([call, call], { finishReason: 'STOP' }))).map(({ id }) => id);
    expect(new Set(twice()).size).toBe(2);
    expect(twice()).toEqual(twice());
    const later = { ...chunk([call], { finishReason: 'STOP' }), responseId: 'r2' };
    expect(twice()).not.toContain(callsIn(decode(later))[0]?.id);
  });

  test('ends with calls of tools though the vendor says STOP, and restores names and custom tools', () => {
    const call = aCall('gemini', { toolNames: new Map([['short', 'long.name']]), customTools: new Set(['patch']) });
    const parts: JsonObject[] = [
      { functionCall: { name: 'short', args: {} } },
      { functionCall: { name: 'patch', args: { input: '*** Begin' } } },
    ];
    const { choices } = codec.decodeResponse(chunk(parts, { finishReason: 'STOP' }), call);
    expect(choices[0]).toMatchObject({
      finish: { reason: 'tool-calls' },
      content: [
        { name: 'long.name', arguments: '{}' },
        { name: 'patch', arguments: '*** Begin', custom: true },
      ],
    });
  });

  test('may bring a signature twice, or before any text', () => {
    const parts = decode(
      chunk([{ text: '', thoughtSignature: 'QQ==' }]),
      chunk([{ text: 'a', thought: true, thoughtSignature: 'Qg==' }]),
      chunk([{ text: '', thought: true, thoughtSignature: 'Qg==' }]),
      chunk([{ text: 'b', thought: true }]),
      chunk([{ text: 'c' }], { finishReason: 'STOP' }),
    );
    const carrier = (data: string) => ({ origin: 'gemini@there', kind: 'signature', data });
    expect(foldStream(parts).choices[0]?.content).toEqual([
      { type: 'reasoning', text: '', carrier: carrier('QQ==') },
      { type: 'reasoning', text: 'a', carrier: carrier('Qg==') },
      { type: 'reasoning', text: 'b' },
      { type: 'text', text: 'c' },
    ]);
  });
});

describe('usage', () => {
  test('has disjoint parts whose sum is the total', () => {
    const usage = decodeUsage({
      promptTokenCount: 100,
      cachedContentTokenCount: 40,
      toolUsePromptTokenCount: 7,
      candidatesTokenCount: 20,
      thoughtsTokenCount: 30,
      totalTokenCount: 157,
      promptTokensDetails: [
        { modality: 'AUDIO', tokenCount: 10 },
        { modality: 'TEXT', tokenCount: 90 },
      ],
      candidatesTokensDetails: [{ modality: 'AUDIO', tokenCount: 5 }],
    });
    expect(usage).toEqual({
      ...NO_FIGURES,
      input: 57,
      cacheRead: 40,
      output: 15,
      reasoning: 30,
      audioInput: 10,
      audioOutput: 5,
    });
    expect(Object.values(usage ?? {}).reduce((sum, tokens) => sum + tokens, 0)).toBe(157);
  });

  test('counts thoughts once where a server counts them among the candidates', () => {
    expect(
      decodeUsage({ promptTokenCount: 5, candidatesTokenCount: 30, thoughtsTokenCount: 20, totalTokenCount: 35 }),
    ).toMatchObject({
      output: 10,
      reasoning: 20,
    });
  });

  test('that names no tokens is unknown', () => {
    expect(decodeUsage({})).toBeNull();
    expect(decodeUsage(null)).toBeNull();
  });
});

describe('what clients are told', () => {
  const encode = (parts: StreamPart[]): JsonObject[] => {
    const encoder = codec.createStreamEncoder(aClient());
    return parts
      .map((part) => encoder.push(part))
      .join('')
      .split('\n\n')
      .filter((event) => event !== '')
      .map((event) => JSON.parse(event.replace(/^data: /, '')) as JsonObject);
  };

  test('every chunk has a part, names the model that was asked for, and the last one says why and what it took', () => {
    const usage = {
      ...NO_FIGURES,
      input: 1,
      cacheRead: 2,
      cacheWrite5m: 3,
      cacheWrite1h: 4,
      output: 5,
      reasoning: 6,
    };
    const chunks = encode([
      { type: 'response-start', id: '', model: 'theirs', usage: null },
      { type: 'block-start', block: 0, choice: 0, content: { type: 'refusal' } },
      { type: 'refusal-delta', block: 0, text: 'No.' },
      { type: 'block-end', block: 0 },
      { type: 'usage', usage },
      { type: 'choice-end', choice: 0, finish: { reason: 'refusal', stopSequence: null } },
      { type: 'response-end', usage, serviceTier: null },
    ]);
    const named = { modelVersion: 'public-model', responseId: 'req0000000000001' };
    expect(chunks).toEqual([
      { candidates: [{ content: { parts: [{ text: 'No.' }], role: 'model' }, index: 0 }], ...named },
      {
        candidates: [{ content: { parts: [{ text: '' }], role: 'model' }, finishReason: 'SAFETY', index: 0 }],
        usageMetadata: {
          promptTokenCount: 10,
          candidatesTokenCount: 5,
          totalTokenCount: 21,
          cachedContentTokenCount: 2,
          thoughtsTokenCount: 6,
        },
        ...named,
      },
    ]);
  });

  test('a failure is an error object of Google’s', () => {
    const error = new GatewayError('rate_limit_exceeded', { message: 'Slow down.', retryAfterSeconds: 9 });
    const [told] = encode([{ type: 'failure', error }]);
    expect(told).toEqual(JSON.parse(encodeError(error)));
    expect(told).toMatchObject({ error: { code: 429, message: 'Slow down.', status: 'RESOURCE_EXHAUSTED' } });
    const body = Buffer.from(encodeError(error));
    expect(decodeErrorMessage(body)).toBe('Slow down.');
    expect(decode(told).at(-1)).toMatchObject({ error: { code: 'rate_limit_exceeded', retryAfterSeconds: 9 } });
  });
});

describe('an error body of the upstream', () => {
  test.each([
    ['{"error":{"code":400,"message":"Bad.","status":"INVALID_ARGUMENT"}}', 'Bad.'],
    ['[{"error":{"message":"In a list."}}]', 'In a list.'],
    ['{"error":"Plain."}', 'Plain.'],
    ['<html>', null],
    ['{"error":{}}', null],
  ])('%s says %s', (body, sentence) => {
    expect(decodeErrorMessage(Buffer.from(body))).toBe(sentence);
  });
});
