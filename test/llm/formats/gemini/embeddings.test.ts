import { GEMINI_EMBED_CODEC as codec } from '@sluice/llm/formats/gemini/embed-codec';
import { GEMINI_EMBEDDINGS } from '@sluice/llm/formats/gemini/embeddings';
import type { JsonObject } from '@sluice/llm/neutral/json';
import { OPENAI_EMBEDDINGS_CODEC } from '@sluice/llm/formats/openai-embeddings/codec';
import { collectWarnings } from '../../../support/formats.ts';

const call = () => ({ model: 'text-embedding-005', ...collectWarnings() });
const one = { content: { parts: [{ text: 'a' }] }, taskType: 'RETRIEVAL_QUERY', outputDimensionality: 3 };
const batch = {
  requests: [
    { model: 'models/public', ...one },
    { model: 'models/public', ...one, content: { parts: [{ text: 'b' }, { text: 'c' }] } },
  ],
};

test('one text and a batch are read and written as they were', () => {
  expect(codec.decodeRequest(one)).toMatchObject({
    inputs: [{ content: 'a', extras: { taskType: 'RETRIEVAL_QUERY' } }],
    single: true,
    dimensions: 3,
  });
  expect(codec.encodeRequest(codec.decodeRequest(one), call())).toEqual({ model: 'models/text-embedding-005', ...one });
  const read = codec.decodeRequest(batch);
  expect(read.inputs.map(({ content }) => content)).toEqual(['a', 'b\nc']);
  const written = codec.encodeRequest(read, call());
  expect(codec.operationOf(written)).toBe('embed-batch');
  expect(codec.decodeRequest(written)).toEqual(read);
});

test.each<[JsonObject, string]>([
  [{}, 'content'],
  [{ requests: [] }, 'requests'],
  [{ requests: [{ content: { parts: [] } }] }, 'requests[0].content.parts'],
  [{ content: { parts: [{ inlineData: {} }] } }, 'content.parts[0]'],
  [{ requests: [one, { ...one, outputDimensionality: 4 }] }, 'requests[1].outputDimensionality'],
])('%j is refused by the path of its field', (body, param) => {
  expect(() => codec.decodeRequest(body)).toThrow(expect.objectContaining({ code: 'invalid_field', param }));
});

test('OpenAI’s request goes to Gemini and Gemini’s answer back, in the base64 that its SDK asks for', () => {
  const asked = OPENAI_EMBEDDINGS_CODEC.decodeRequest({
    model: 'm',
    input: ['a', 'b'],
    dimensions: 2,
    encoding_format: 'base64',
  });
  expect(codec.encodeRequest(asked, call())).toEqual({
    requests: ['a', 'b'].map((text) => ({
      model: 'models/text-embedding-005',
      content: { parts: [{ text }] },
      outputDimensionality: 2,
    })),
  });
  const answer = codec.decodeResponse({ embeddings: [{ values: [0.5, -1] }, { values: [0, 2] }] }, call());
  const told = OPENAI_EMBEDDINGS_CODEC.encodeResponse(answer, { model: 'm', request: asked });
  const [first] = told['data'] as { embedding: string }[];
  expect([...new Float32Array(new Uint8Array(Buffer.from(first?.embedding ?? '', 'base64')).buffer)]).toEqual([
    0.5, -1,
  ]);
});

test('tokens of another tokenizer are refused', () => {
  const asked = OPENAI_EMBEDDINGS_CODEC.decodeRequest({ model: 'm', input: [[1, 2], [3]] });
  expect(() => codec.encodeRequest(asked, call())).toThrow(expect.objectContaining({ param: 'input[0]' }));
});

test('an answer has one vector or a list, as it was asked for', () => {
  const answer = {
    model: 'x',
    vectors: [Buffer.from(new Float32Array([1, 2]).buffer).toString('base64')],
    usage: null,
  };
  const tell = (body: JsonObject) =>
    codec.encodeResponse(answer, { model: 'public', request: codec.decodeRequest(body) });
  expect(tell(one)).toEqual({ embedding: { values: [1, 2] } });
  expect(tell(batch)).toEqual({ embeddings: [{ values: [1, 2] }] });
  expect(() => codec.decodeResponse({ embeddings: [{}] }, call())).toThrow(
    expect.objectContaining({ code: 'upstream_error' }),
  );
});

test('passed through, each request of a batch names the upstream’s model, and no other byte changes', async () => {
  const body = Buffer.from(
    '{"requests": [ {"content":{"parts":[{"text":"a b"}]},"model":"models/public"} , {"content":{"parts":{"text":"c"}}}],"n":1.0}',
  );
  const facts = GEMINI_EMBEDDINGS.readRequest(body, { model: 'public', stream: false, jsonArray: false });
  expect(facts.model).toBe('public');
  expect(GEMINI_EMBEDDINGS.operationOf(body)).toBe('embed-batch');
  expect(GEMINI_EMBEDDINGS.prepareBody(body, facts, 'theirs').toString()).toBe(
    '{"requests": [ {"content":{"parts":[{"text":"a b"}]},"model":"models/theirs"} , {"content":{"parts":{"text":"c"}},"model":"models/theirs"}],"n":1.0}',
  );
  expect(await GEMINI_EMBEDDINGS.countRequest(body)).toBe(3);
  const single = Buffer.from('{"content":{"parts":[{"text":"a"}]}}');
  const own = GEMINI_EMBEDDINGS.readRequest(single, null);
  expect(GEMINI_EMBEDDINGS.operationOf(single)).toBe('embed');
  expect(GEMINI_EMBEDDINGS.prepareBody(single, own, 'theirs')).toBe(single);
  expect(
    GEMINI_EMBEDDINGS.readUsage(Buffer.from('{"embedding":{"values":[1]},"usageMetadata":{"promptTokenCount":4}}')),
  ).toMatchObject({ input: 4 });
  expect(GEMINI_EMBEDDINGS.readUsage(Buffer.from('{"embedding":{"values":[1]}}'))).toBeNull();
});
