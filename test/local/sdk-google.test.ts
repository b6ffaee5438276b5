import { GoogleGenAI, type Content, type FunctionDeclaration } from '@google/genai';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { sharedStack } from '../support/stack.ts';
import { UPSTREAM_MODELS, WEATHER_SCHEMA } from '../support/upstream-formats.ts';

const ready = sharedStack();
let clients: Record<'v1' | 'v1beta', GoogleGenAI>;

beforeAll(() => {
  const create = (apiVersion: string): GoogleGenAI =>
    new GoogleGenAI({
      apiKey: ready.apiKey,
      // Else it reaches for a dispatcher that Node keeps outside of Jest's globals.
      httpOptions: { baseUrl: ready.url, apiVersion, fetch: (input, init) => fetch(input, init) },
    });
  clients = { v1: create('v1'), v1beta: create('v1beta') };
});

const functionDeclarations: FunctionDeclaration[] = ['get_weather', 'get_time'].map((name) => ({
  name,
  description: 'A tool',
  parametersJsonSchema: WEATHER_SCHEMA,
}));
const question: Content = { role: 'user', parts: [{ text: 'What are the weather and the time in Paris?' }] };

describe.each(UPSTREAM_MODELS)('the Google SDK over an upstream that speaks %s', (_format, model) => {
  test.each(['v1', 'v1beta'] as const)('generates content under /%s, whole and streamed', async (version) => {
    const asked = { model, contents: 'Hello', config: { systemInstruction: 'Be brief.' } };
    const whole = await clients[version].models.generateContent(asked);
    expect(whole.text).toMatch(/\w+ \w+/);
    expect(whole.candidates?.[0]?.finishReason).toBe('STOP');
    expect(whole.usageMetadata?.promptTokenCount).toBeGreaterThan(0);
    let text = '';
    let tokens: number | undefined;
    for await (const chunk of await clients[version].models.generateContentStream(asked)) {
      text += chunk.text ?? '';
      tokens = chunk.usageMetadata?.candidatesTokenCount ?? tokens;
    }
    expect(text).toBe(whole.text);
    expect(tokens).toBe(whole.usageMetadata?.candidatesTokenCount);
  });

  test('calls functions in parallel and hands their responses back', async () => {
    const config = { tools: [{ functionDeclarations }] };
    const first = await clients.v1beta.models.generateContent({ model, contents: [question], config });
    expect(first.functionCalls?.map(({ name }) => name)).toEqual(['get_weather', 'get_time']);
    const parts = (first.functionCalls ?? []).map(({ id, name }, index) => ({
      functionResponse: {
        ...(id === undefined ? {} : { id }),
        name: name ?? '',
        response: { output: `result number ${index}` },
      },
    }));
    const contents = [question, first.candidates?.[0]?.content as Content, { role: 'user', parts }];
    const second = await clients.v1beta.models.generateContent({ model, contents, config });
    expect(second.text).toMatch(/result number 0.*result number 1/);
  });

  test('thinks, and what it thought may be sent back', async () => {
    const config = {
      tools: [{ functionDeclarations }],
      thinkingConfig: { includeThoughts: true, thinkingBudget: 1024 },
    };
    const first = await clients.v1beta.models.generateContent({ model, contents: [question], config });
    const parts = (first.functionCalls ?? []).map(({ id, name }) => ({
      functionResponse: { ...(id === undefined ? {} : { id }), name: name ?? '', response: { output: 'done' } },
    }));
    expect(parts).toHaveLength(2);
    const contents = [question, first.candidates?.[0]?.content as Content, { role: 'user', parts }];
    const second = await clients.v1beta.models.generateContent({ model, contents, config });
    expect(second.text).toContain('done');
  });

  test('gets a JSON answer of a schema', async () => {
    const config = { responseMimeType: 'application/json', responseJsonSchema: WEATHER_SCHEMA };
    const answer = await clients.v1beta.models.generateContent({ model, contents: 'A city', config });
    expect(JSON.parse(answer.text ?? '')).toHaveProperty('city', expect.any(String));
  });

  test('counts tokens', async () => {
    const { totalTokens } = await clients.v1beta.models.countTokens({ model, contents: [question] });
    expect(totalTokens).toBeGreaterThan(5);
  });
});

test('lists the models', async () => {
  const names: string[] = [];
  for await (const model of await clients.v1.models.list({ config: { pageSize: 5 } })) names.push(model.name ?? '');
  expect(names).toEqual(expect.arrayContaining(UPSTREAM_MODELS.map(([, model]) => `models/${model}`)));
  expect((await clients.v1beta.models.get({ model: 'sandbox-gemini' })).name).toBe('models/sandbox-gemini');
});

test('a stream without alt=sse is a JSON array', async () => {
  const answer = await fetch(`${ready.url}/v1beta/models/sandbox-claude:streamGenerateContent?key=${ready.apiKey}`, {
    method: 'POST',
    body: JSON.stringify({ contents: [question] }),
    headers: { 'content-type': 'application/json' },
  });
  expect(answer.headers.get('content-type')).toContain('application/json');
  const chunks = (await answer.json()) as { candidates?: unknown[] }[];
  expect(chunks.length).toBeGreaterThan(2);
  expect(chunks.every((chunk) => typeof chunk === 'object')).toBe(true);
});

test('an error is told in Google’s shape', async () => {
  const asked = clients.v1beta.models.generateContent({ model: 'no-such-model', contents: 'Hello' });
  await expect(asked).rejects.toMatchObject({ status: 404 });
});
