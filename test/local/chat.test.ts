import { describe, expect, test } from '@jest/globals';
import type { OpenAI } from 'openai';
import { openAiClient, userSays } from '../support/gateway.ts';
import { sharedStack } from '../support/stack.ts';

const ready = sharedStack();
const client = openAiClient(ready);

const parameters = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] };
const tools = ['get_weather', 'get_time'].map((name) => ({
  type: 'function' as const,
  function: { name, parameters },
}));
const askForTools = { model: 'sandbox-chat', messages: userSays('What are the weather and the time in Paris?'), tools };

async function collect(stream: AsyncIterable<OpenAI.ChatCompletionChunk>): Promise<OpenAI.ChatCompletionChunk[]> {
  const chunks = [];
  for await (const chunk of stream) chunks.push(chunk);
  return chunks;
}

function textOf(chunks: OpenAI.ChatCompletionChunk[]): string {
  return chunks.map((chunk) => chunk.choices[0]?.delta.content ?? '').join('');
}

const callsOf = (answer: OpenAI.ChatCompletion) =>
  answer.choices[0]?.message.tool_calls?.map((call) =>
    call.type === 'function' ? [call.id, call.function.name, call.function.arguments] : [],
  );

describe('an unmodified OpenAI SDK with the printed key', () => {
  test('chats', async () => {
    const answer = await client.chat.completions.create({ model: 'sandbox-chat', messages: userSays('Hello') });
    expect(answer.object).toBe('chat.completion');
    expect(answer.choices[0]?.message).toMatchObject({ role: 'assistant', content: expect.stringMatching(/\w+ \w+/) });
    expect(answer.choices[0]?.finish_reason).toBe('stop');
    expect(answer.usage?.total_tokens).toBeGreaterThan(0);
  });

  test('streams the same text', async () => {
    const body = { model: 'sandbox-chat', messages: userSays('Hello in pieces') };
    const whole = await client.chat.completions.create(body);
    const chunks = await collect(await client.chat.completions.create({ ...body, stream: true }));
    expect(chunks.length).toBeGreaterThan(5);
    expect(textOf(chunks)).toBe(whole.choices[0]?.message.content);
    expect(chunks.at(-1)?.choices[0]?.finish_reason).toBe('stop');
  });

  test('gets usage in a stream when it asks for it', async () => {
    const chunks = await collect(
      await client.chat.completions.create({
        model: 'sandbox-chat--words-5',
        messages: userSays('Count'),
        stream: true,
        stream_options: { include_usage: true },
      }),
    );
    expect(chunks.at(-1)).toMatchObject({ choices: [], usage: { completion_tokens: 5 } });
    expect(chunks.slice(0, -1).every((chunk) => chunk.usage === null)).toBe(true);
  });

  test('sees no usage in a stream when it does not ask, though the ledger does', async () => {
    const body = { model: 'sandbox-chat--words-5', messages: userSays('Do not count'), stream: true as const };
    const chunks = await collect(await client.chat.completions.create(body));
    expect(chunks.filter((chunk) => 'usage' in chunk && chunk.usage !== null)).toEqual([]);
    expect(chunks.filter((chunk) => chunk.choices.length === 0)).toEqual([]);
    const asked = { ...body, stream_options: { include_usage: false } };
    const others = await collect(await client.chat.completions.create(asked));
    expect(others.filter((chunk) => chunk.choices.length === 0)).toEqual([]);
  });

  test('calls tools in parallel and hands the results back', async () => {
    const first = await client.chat.completions.create(askForTools);
    const message = first.choices[0]?.message;
    expect(first.choices[0]?.finish_reason).toBe('tool_calls');
    const calls = message?.tool_calls ?? [];
    expect(calls.map((call) => call.type === 'function' && call.function.name)).toEqual(['get_weather', 'get_time']);
    const results = calls.map((call, index) => ({
      role: 'tool' as const,
      tool_call_id: call.id,
      content: `result number ${index}`,
    }));
    const second = await client.chat.completions.create({
      ...askForTools,
      messages: [...askForTools.messages, message as OpenAI.ChatCompletionMessage, ...results],
    });
    expect(second.choices[0]?.message.content).toContain('result number 0; result number 1');
  });

  test("streams parallel tool calls that the SDK's own helper puts together", async () => {
    const whole = await client.chat.completions.create(askForTools);
    const stream = client.chat.completions.stream(askForTools);
    const final = await stream.finalChatCompletion();
    expect(callsOf(final)).toHaveLength(2);
    expect(callsOf(final)).toEqual(callsOf(whole));
  });

  test('gets several choices and structured output', async () => {
    const several = await client.chat.completions.create({ model: 'sandbox-chat', messages: userSays('Two'), n: 2 });
    expect(several.choices.map((choice) => choice.index)).toEqual([0, 1]);
    const schema = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] };
    const structured = await client.chat.completions.create({
      model: 'sandbox-chat',
      messages: userSays('A city'),
      response_format: { type: 'json_schema', json_schema: { name: 'place', schema } },
    });
    expect(JSON.parse(structured.choices[0]?.message.content ?? '')).toEqual({ city: expect.any(String) });
  });

  test('lists models and looks one up', async () => {
    const models = [];
    for await (const model of client.models.list()) models.push(model);
    expect(models.map((model) => model.id)).toContain('sandbox-chat');
    expect(models.every((model) => model.object === 'model' && Number.isInteger(model.created))).toBe(true);
    expect(await client.models.retrieve('sandbox-chat')).toMatchObject({ id: 'sandbox-chat', object: 'model' });
  });
});

describe('the aliases under /api/v1', () => {
  const headers = { authorization: `Bearer ${ready.apiKey}`, 'content-type': 'application/json' };

  test('answer as /v1 does', async () => {
    const body = JSON.stringify({ model: 'sandbox-chat', messages: userSays('Alias') });
    const answer = await fetch(`${ready.url}/api/v1/chat/completions`, { method: 'POST', headers, body });
    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({ object: 'chat.completion' });
    const models = await fetch(`${ready.url}/api/v1/models`, { headers });
    expect(await models.json()).toMatchObject({ object: 'list' });
    const one = await fetch(`${ready.url}/api/v1/models/sandbox-chat`, { headers });
    expect(await one.json()).toMatchObject({ id: 'sandbox-chat' });
  });
});

describe('the headers of every answer', () => {
  test('carry our request id, the build and what the time went to', async () => {
    const body = { model: 'sandbox-chat', messages: userSays('Headers') };
    const { response: whole } = await client.chat.completions.create(body).withResponse();
    const { response: streamed, data } = await client.chat.completions.create({ ...body, stream: true }).withResponse();
    await collect(data);
    for (const response of [whole, streamed]) {
      const requestId = response.headers.get('x-sluice-request-id');
      expect(requestId).toMatch(/^[0-9a-hjkmnp-tv-z]{16}$/);
      expect(response.headers.get('x-request-id')).toBe(requestId);
      expect(response.headers.get('x-sluice-build')).toBeTruthy();
      expect(response.headers.get('server-timing')).toMatch(/\bauth;dur=[\d.]+.*\badmit;dur=/);
    }
    expect(whole.headers.get('x-request-id')).not.toBe(streamed.headers.get('x-request-id'));
    const named = await client.chat.completions
      .create(body, { headers: { 'x-request-id': 'the-client-s-own' } })
      .withResponse();
    expect(named.response.headers.get('x-request-id')).toBe('the-client-s-own');
    expect(named.response.headers.get('x-sluice-request-id')).not.toBe('the-client-s-own');
  });

  test('name the upstream and the credential to administrators’ keys', async () => {
    const body = { model: 'sandbox-chat', messages: userSays('Who serves me?') };
    const { response } = await client.chat.completions.create(body).withResponse();
    expect(response.headers.get('x-sluice-upstream')).toBe('sandbox');
    expect(response.headers.get('x-sluice-credential')).toBe('sandbox');
    expect(response.headers.get('x-sluice-attempts')).toBe('1');
  });
});
