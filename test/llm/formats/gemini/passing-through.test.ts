import { createEventFramer } from '@sluice/kit/stream/sse-framing';
import { GEMINI } from '@sluice/llm/formats/gemini/gemini';
import { PLAIN_BODY } from '@sluice/llm/upstreams/vendor';

const PATH = { model: 'public', stream: true, jsonArray: false };
const read = (body: string) => GEMINI.readRequest(Buffer.from(body), PATH);
const prepare = (body: string, known: { model?: string; outputCap?: number | null } = {}) => {
  const bytes = Buffer.from(body);
  const upstream = {
    model: 'theirs',
    outputCap: null,
    outputCapField: 'max_tokens',
    body: PLAIN_BODY,
    ...known,
  } as const;
  return GEMINI.prepareBody(bytes, GEMINI.readRequest(bytes, PATH), upstream).toString();
};

describe('a request', () => {
  test('has its model and flag from the path, and what counts for holds from its configuration', () => {
    const facts = read(
      '{"contents":[{}],"generation_config":{"candidateCount":3,"max_output_tokens":50,"maxOutputTokens":70}}',
    );
    expect(facts).toMatchObject({
      model: 'public',
      stream: true,
      wantsStreamUsage: true,
      choices: 3,
      maxOutputTokens: 70,
    });
    expect(read('{"contents":[{"parts":[{"inlineData":{"data":"x"}}]}]}').mediaTokens).toBeGreaterThan(0);
  });

  test.each([
    ['{"contents":[]}', 'contents'],
    ['{}', 'contents'],
    ['{"contents":3}', 'contents'],
    ['{"contents":[{}],"generationConfig":[]}', 'generationConfig'],
    ['{"contents":[{}],"generationConfig":{},"generation_config":{}}', 'generationConfig'],
  ])('%s is refused by name', (body, param) => {
    expect(() => read(body)).toThrow(expect.objectContaining({ code: 'invalid_field', param }));
  });

  test('goes on byte for byte', () => {
    const body = '{ "contents": [{"parts":[{"text":"a\\u0000"}]}], "n": 1.0, "big": 12345678901234567890 }';
    expect(prepare(body)).toBe(body);
  });

  test('has its answer capped inside of its configuration, and a model in the body changed', () => {
    expect(prepare('{"contents":[{}]}', { outputCap: 9 })).toBe(
      '{"contents":[{}],"generationConfig":{"maxOutputTokens":9}}',
    );
    expect(
      prepare('{"model":"models/public","contents":[{}],"generation_config":{"max_output_tokens":50, "topK":1.0}}', {
        outputCap: 9,
      }),
    ).toBe('{"model":"models/theirs","contents":[{}],"generation_config":{"max_output_tokens":9, "topK":1.0}}');
  });

  test('to be counted may stand inside of one for the counter', async () => {
    const body = Buffer.from(
      '{"generateContentRequest":{"model":"models/x","contents":[{"parts":[{"text":"one two three"}]}]}}',
    );
    expect(GEMINI.readCountRequest(body, PATH).model).toBe('public');
    expect(await GEMINI.countRequest(body)).toBe(3);
    expect(JSON.parse(GEMINI.encodeTokenCount(3))).toEqual({ totalTokens: 3 });
  });

  test('belongs to the conversation that begins as it does', () => {
    const key = (body: string) => GEMINI.readConversation(Buffer.from(body), read(body))?.toString();
    const turn = '{"role":"user","parts":[{"text":"a"}]}';
    const first = `{"systemInstruction":{"parts":[]},"contents":[${turn}]}`;
    const later = `{"systemInstruction":{"parts":[]},"contents":[${turn},{"role":"model"}]}`;
    expect(key(later)).toBe(key(first));
    expect(key('{"contents":[{"role":"user"}],"cachedContent":"cachedContents/1"}')).toBe('cachedContents/1');
    expect(key('{"contents":[{"role":"model"}]}')).toBeUndefined();
  });
});

describe('a stream', () => {
  const see = (text: string) => {
    const tap = GEMINI.createStreamTap({ ...read('{"contents":[{}]}'), choices: 1 });
    const block = createEventFramer().push(Buffer.from(text));
    const seen = block && tap.see(block);
    return { tap, seen: seen?.toString() };
  };
  const event = (data: object) => `data: ${JSON.stringify(data)}\r\n\r\n`;

  test('passes as it is and shows use, texts and its end', () => {
    const text =
      event({
        candidates: [{ content: { parts: [{ text: 'hm', thought: true }, { text: 'a' }] } }],
        usageMetadata: { promptTokenCount: 3, totalTokenCount: 3 },
      }) +
      event({
        candidates: [{ content: { parts: [{ text: 'b' }] }, finishReason: 'STOP' }],
        usageMetadata: { promptTokenCount: 3, candidatesTokenCount: 2, totalTokenCount: 5 },
      });
    const { tap, seen } = see(text);
    expect(seen).toBe(text);
    expect(tap).toMatchObject({ finished: true, ended: false, failed: false, usage: { input: 3, output: 2 } });
    expect(tap.delivered()).toEqual({ output: 'ab', reasoning: 'hm' });
  });

  test('has not finished before each candidate says why', () => {
    expect(see(event({ candidates: [{ content: { parts: [{ text: '"finishReason":"STOP"' }] } }] })).tap.finished).toBe(
      false,
    );
    expect(see(event({ promptFeedback: { blockReason: 'SAFETY' } })).tap.finished).toBe(true);
    expect(see(event({ error: { code: 500 } })).tap).toMatchObject({ failed: true, finished: false });
    expect(see('data: not json\n\n').tap).toMatchObject({ failed: false, finished: false });
  });

  test('a whole answer shows the same', () => {
    const body = {
      candidates: [{ content: { parts: [{ text: 'a' }] } }],
      usageMetadata: { promptTokenCount: 3, totalTokenCount: 3 },
    };
    expect(GEMINI.readBody(Buffer.from(JSON.stringify(body)))).toMatchObject({
      usage: { input: 3 },
      delivered: { output: 'a' },
    });
    expect(GEMINI.readBody(Buffer.from('{"cut'))).toMatchObject({ usage: null });
  });
});
