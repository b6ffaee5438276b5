import { describe, expect, test } from '@jest/globals';
import { openAiClient, userSays } from '../support/gateway.ts';
import { sharedStack } from '../support/stack.ts';
import { UPSTREAM_MODELS } from '../support/upstream-formats.ts';

const ready = sharedStack();
const client = openAiClient(ready);
const headers = { 'x-api-key': ready.apiKey, 'content-type': 'application/json' };

async function post(path: string, body: object): Promise<Response> {
  return fetch(`${ready.url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
}

/** Data of the unnamed events of a stream. */
async function eventsOf(response: Response): Promise<string[]> {
  return [...(await response.text()).matchAll(/^data: (.*)$/gm)].map((match) => match[1] ?? '');
}

describe.each(UPSTREAM_MODELS)('over an upstream that speaks %s', (_format, model) => {
  test('a response is kept, gone on from, listed and deleted', async () => {
    const first = await client.responses.create({ model, input: 'My name is Ann' });
    expect((await client.responses.retrieve(first.id)).output_text).toBe(first.output_text);
    const second = await client.responses
      .stream({ model, input: 'And now?', previous_response_id: first.id })
      .finalResponse();
    expect(second.usage?.input_tokens).toBeGreaterThan(first.usage?.input_tokens ?? Infinity);
    const items = await client.responses.inputItems.list(second.id);
    expect(JSON.stringify(items.data)).toContain('My name is Ann');
    await client.responses.delete(first.id);
    await expect(client.responses.retrieve(first.id)).rejects.toMatchObject({ status: 404 });
    const gone = client.responses.create({ model, input: 'Again', previous_response_id: first.id });
    await expect(gone).rejects.toMatchObject({ status: 400, param: 'previous_response_id' });
  });

  test('a response that is not to be stored is not', async () => {
    const { id } = await client.responses.create({ model, input: 'Forget this', store: false });
    await expect(client.responses.retrieve(id)).rejects.toMatchObject({ status: 404 });
  });

  test('a chat session remembers what was said', async () => {
    const first = (await (await post('/api/chat', { model, message: 'Hello' })).json()) as Record<string, unknown>;
    expect(first).toMatchObject({ success: true, sessionId: expect.any(String), response: expect.any(String) });
    const sessionId = String(first['sessionId']);
    const events = await eventsOf(await post('/api/chat/stream', { model, message: 'And again', sessionId }));
    expect(events.at(-1)).toBe('[DONE]');
    const told = events.slice(0, -1).map((data) => JSON.parse(data) as Record<string, unknown>);
    expect(told.at(-1)).toMatchObject({ type: 'done', sessionId, usage: { totalTokens: expect.any(Number) } });
    const text = told.map(({ content }) => content ?? '').join('');
    const kept = await (await fetch(`${ready.url}/api/chat/sessions/${sessionId}`, { headers })).json();
    expect(kept).toMatchObject({
      session: {
        messages: [
          { role: 'user', content: 'Hello' },
          { role: 'assistant', content: first['response'] },
          { role: 'user', content: 'And again' },
          { role: 'assistant', content: text },
        ],
      },
    });
    const gone = await fetch(`${ready.url}/api/chat/sessions/${sessionId}`, { method: 'DELETE', headers });
    expect(await gone.json()).toEqual({ success: true });
    expect((await fetch(`${ready.url}/api/chat/sessions/${sessionId}`, { headers })).status).toBe(404);
  });

  test('legacy completions answer in their own shape', async () => {
    const whole = await client.completions.create({ model, prompt: 'Once upon a time', max_tokens: 4096 });
    expect(whole).toMatchObject({ object: 'text_completion', choices: [{ text: expect.stringMatching(/\w/) }] });
  });

  test('the plug-in surface streams unless it is told not to', async () => {
    const streamed = await post('/api/plugin-api/chat/completions', { model, messages: userSays('Hello') });
    expect(streamed.headers.get('content-type')).toContain('text/event-stream');
    expect(await eventsOf(streamed)).toContain('[DONE]');
    const whole = await post('/api/plugin-api/chat/completions', { model, messages: userSays('Hello'), stream: false });
    expect(await whole.json()).toMatchObject({ object: 'chat.completion' });
  });
});

describe('an upstream that fails before it says anything', () => {
  const model = 'sandbox-chat--500';

  test('is told to a stream of the plug-in surface as text under 200, and to the rest by its status', async () => {
    const streamed = await post('/api/plugin-api/chat/completions', { model, messages: userSays('Hello') });
    expect(streamed.status).toBe(200);
    const [said = '', stopped = '', end] = await eventsOf(streamed);
    expect(JSON.parse(said)).toMatchObject({
      choices: [{ delta: { content: expect.stringContaining('upstream') } }],
      error: { code: 'upstream_error' },
    });
    expect(JSON.parse(stopped)).toMatchObject({ choices: [{ delta: {}, finish_reason: 'stop' }] });
    expect(end).toBe('[DONE]');
    const whole = await post('/api/plugin-api/chat/completions', { model, messages: userSays('Hello'), stream: false });
    expect(whole.status).toBe(502);
  });

  test('is told to a chat stream as an event under 200', async () => {
    const streamed = await post('/api/chat/stream', { model, message: 'Hello' });
    expect(streamed.status).toBe(200);
    expect((await eventsOf(streamed)).map((event) => event.slice(0, 15))).toEqual(['{"type":"error"', '[DONE]']);
    expect((await post('/api/chat', { model, message: 'Hello' })).status).toBe(502);
  });
});

test('a chat stream may be asked for with the key in the query, and comes back to nothing', async () => {
  const query = new URLSearchParams({ message: 'Hello', model: 'sandbox-claude', apiKey: ready.apiKey });
  const url = `${ready.url}/api/chat/stream?${query.toString()}`;
  const events = await eventsOf(await fetch(url));
  expect(events.at(-1)).toBe('[DONE]');
  expect((await fetch(url, { headers: { 'last-event-id': 'x' } })).status).toBe(204);
  const sessions = await (await fetch(`${ready.url}/api/chat/sessions`, { headers })).json();
  expect(sessions).toMatchObject({ success: true, sessions: expect.any(Array) });
});

test('background responses that stream are refused in words', async () => {
  const asked = client.responses.create({ model: 'sandbox-chat', input: 'Hello', background: true, stream: true });
  await expect(asked).rejects.toMatchObject({ status: 400, param: 'stream' });
});

describe.each(['sandbox-chat', 'sandbox-gemini'])('embeddings of %s', (model) => {
  test('come as numbers and as base64 through the OpenAI SDK', async () => {
    const plain = await client.embeddings.create({ model, input: ['one', 'two'], encoding_format: 'float' });
    const packed = await client.embeddings.create({ model, input: ['one', 'two'] });
    expect(plain.data.map(({ index }) => index)).toEqual([0, 1]);
    for (const [at, { embedding }] of packed.data.entries()) {
      const expected = plain.data[at]?.embedding ?? [];
      expect(embedding).toHaveLength(expected.length);
      for (const [place, number] of embedding.entries()) expect(number).toBeCloseTo(expected[place] ?? NaN, 5);
    }
  });

  test('come through Gemini’s paths', async () => {
    const content = { parts: [{ text: 'one' }] };
    const single = await (await post(`/v1beta/models/${model}:embedContent`, { content })).json();
    expect(single).toMatchObject({ embedding: { values: expect.any(Array) } });
    const requests = [
      { model: `models/${model}`, content },
      { model: `models/${model}`, content },
    ];
    const batch = await (await post(`/v1/models/${model}:batchEmbedContents`, { requests })).json();
    expect(batch).toMatchObject({ embeddings: [single && expect.any(Object), expect.any(Object)] });
  });
});

test('a model that makes no embeddings says so', async () => {
  const asked = client.embeddings.create({ model: 'sandbox-claude', input: 'one' });
  await expect(asked).rejects.toMatchObject({ status: 400, param: 'model' });
});

test('an access token of the login is accepted like a key', async () => {
  const login = await fetch(`${ready.url}/api/auth/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(ready.admin),
  });
  const { access_token: token } = (await login.json()) as { access_token: string };
  const own = openAiClient(ready, token);
  const answer = await own.chat.completions.create({ model: 'sandbox-chat', messages: userSays('Hello') });
  expect(answer.choices[0]?.finish_reason).toBe('stop');
});
