import * as fc from 'fast-check';
import { OPENAI_EMBEDDINGS_CODEC } from '@sluice/llm/formats/openai-embeddings/codec';
import { OPENAI_EMBEDDINGS } from '@sluice/llm/formats/openai-embeddings/openai-embeddings';
import { toBase64, toFloats } from '@sluice/llm/formats/openai-embeddings/vector';
import type { EmbedResponse } from '@sluice/llm/neutral/embed';
import type { JsonObject } from '@sluice/llm/neutral/json';
import OpenAI from 'openai';
import { collectWarnings } from '../../../support/formats.ts';
import { NO_FIGURES } from '@sluice/llm/formats/usage-figures';

const { decodeRequest, encodeRequest, decodeResponse, encodeResponse } = OPENAI_EMBEDDINGS_CODEC;
const CALL = { model: 'up', warn: () => undefined };

test.each([
  ['text', [{ content: 'text' }], true],
  [['a', 'b'], [{ content: 'a' }, { content: 'b' }], false],
  [['a'], [{ content: 'a' }], false],
  [[1, 2, 3], [{ content: [1, 2, 3] }], true],
  [[[1, 2], [3]], [{ content: [1, 2] }, { content: [3] }], false],
])('the input %j is read and written as it was', (input, inputs, single) => {
  const request = decodeRequest({ model: 'm', input, dimensions: 8, user: 'u', encoding_format: 'base64', extra: 1 });
  expect(request).toMatchObject({ model: 'm', inputs, single, dimensions: 8, encoding: 'base64', endUser: 'u' });
  expect(encodeRequest(request, CALL)).toEqual({
    model: 'up',
    input,
    dimensions: 8,
    user: 'u',
    encoding_format: 'base64',
    extra: 1,
  });
});

test.each([
  [{ input: 'x', model: '' }, 'model'],
  [{ model: 'm' }, 'input'],
  [{ model: 'm', input: '' }, 'input'],
  [{ model: 'm', input: [] }, 'input'],
  [{ model: 'm', input: ['a', ''] }, 'input[1]'],
  [{ model: 'm', input: [[1], []] }, 'input[1]'],
  [{ model: 'm', input: [1, 'a'] }, 'input[1]'],
  [{ model: 'm', input: 'x', dimensions: 0 }, 'dimensions'],
  [{ model: 'm', input: 'x', encoding_format: 'hex' }, 'encoding_format'],
])('%j is refused by the path %s', (body, param) => {
  expect(() => decodeRequest(body as JsonObject)).toThrow(expect.objectContaining({ code: 'invalid_field', param }));
});

const ANSWER: EmbedResponse = {
  model: 'up',
  vectors: [
    [0.5, -1.25],
    [3, 0.0625],
  ],
  usage: { ...NO_FIGURES, input: 7 },
};

async function askSdk(params: { encoding_format?: 'float' }) {
  const fetch = (_url: unknown, init?: { body?: unknown }): Promise<Response> => {
    const request = decodeRequest(JSON.parse(String(init?.body)) as JsonObject);
    return Promise.resolve(Response.json(encodeResponse(ANSWER, { model: 'm', request })));
  };
  const client = new OpenAI({ apiKey: 'k', fetch: fetch as typeof globalThis.fetch });
  return client.embeddings.create({ model: 'm', input: ['a', 'b'], ...params });
}

test.each([[{}], [{ encoding_format: 'float' as const }]])(
  'the SDK reads the vectors when it asks with %j',
  async (params) => {
    const { data, model, usage } = await askSdk(params);
    expect(data.map(({ embedding, index }) => ({ embedding: [...embedding], index }))).toEqual([
      { embedding: [0.5, -1.25], index: 0 },
      { embedding: [3, 0.0625], index: 1 },
    ]);
    expect(model).toBe('m');
    expect(usage).toEqual({ prompt_tokens: 7, total_tokens: 7 });
  },
);

test('vectors survive the way through base64 as float32', () => {
  fc.assert(
    fc.property(fc.array(fc.float({ noNaN: true })), (values) => {
      expect(toFloats(toBase64(values))).toEqual(values);
    }),
  );
  expect(toBase64([1])).toBe('AACAPw==');
});

test('an answer is put in the order of its indexes; one that is none is the upstream’s error', () => {
  const entry = (index: number, embedding: JsonObject[string]): JsonObject => ({
    object: 'embedding',
    index,
    embedding,
  });
  const body = {
    object: 'list',
    model: 'e',
    data: [entry(1, [2]), entry(0, 'AACAPw==')],
    usage: { prompt_tokens: 3, total_tokens: 3 },
  };
  expect(decodeResponse(body, CALL)).toMatchObject({ model: 'e', vectors: ['AACAPw==', [2]], usage: { input: 3 } });
  for (const broken of [{}, { data: [{}] }, { data: [null] }]) {
    expect(() => decodeResponse(broken as JsonObject, CALL)).toThrow(
      expect.objectContaining({ code: 'upstream_error' }),
    );
  }
});

test('what a foreign client asks beyond this API is left out with a warning', () => {
  const { warnings, warn } = collectWarnings();
  const request = {
    ...decodeRequest({ model: 'm', input: 'x' }),
    inputs: [{ content: 'x', extras: { taskType: 'CLUSTERING' } }],
    extras: { format: 'gemini', members: { autoTruncate: true } },
  };
  expect(encodeRequest(request, { model: 'up', warn })).toEqual({ model: 'up', input: 'x', encoding_format: 'float' });
  expect(warnings).toEqual(['dropped autoTruncate', 'dropped input']);
});

describe('embeddings that are passed through', () => {
  const body = Buffer.from('{ "input":["a"] , "model":"m","encoding_format":"base64"}');

  it('are the same bytes with the upstream’s model', () => {
    const facts = OPENAI_EMBEDDINGS.readRequest(body, null);
    expect(facts.model).toBe('m');
    expect(OPENAI_EMBEDDINGS.prepareBody(body, facts, 'm')).toBe(body);
    expect(OPENAI_EMBEDDINGS.prepareBody(body, facts, 'up').toString()).toBe(
      '{ "input":["a"] , "model":"up","encoding_format":"base64"}',
    );
  });

  it.each([
    ['{"model":"m"}', 'input'],
    ['{"model":"m","input":[ ]}', 'input'],
    ['{"model":"m","input":{}}', 'input'],
  ])('%s is refused by the path %s', (text, param) => {
    expect(() => OPENAI_EMBEDDINGS.readRequest(Buffer.from(text), null)).toThrow(expect.objectContaining({ param }));
  });

  it('tell their usage wherever it stands', () => {
    const usage = { prompt_tokens: 9, prompt_tokens_details: { cached_tokens: 2 }, total_tokens: 9 };
    const data = [{ embedding: [0.1], index: 0 }];
    for (const answer of [
      { data, usage },
      { usage, data },
    ]) {
      expect(OPENAI_EMBEDDINGS.readUsage(Buffer.from(JSON.stringify(answer)))).toMatchObject({
        input: 7,
        cacheRead: 2,
      });
    }
    expect(OPENAI_EMBEDDINGS.readUsage(Buffer.from(JSON.stringify({ data })))).toBeNull();
    expect(OPENAI_EMBEDDINGS.readUsage(Buffer.from('{"usage":null}'))).toBeNull();
  });

  it('are counted by their texts, or by the tokens that they are', async () => {
    const count = (input: unknown) =>
      OPENAI_EMBEDDINGS.countRequest(Buffer.from(JSON.stringify({ model: 'm', input })));
    expect(await count([[1, 2], [3]])).toBe(3);
    expect(await count('one two three')).toBe(3);
  });
});
