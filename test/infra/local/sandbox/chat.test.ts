import { describe, expect, test } from '@jest/globals';
import type OpenAI from 'openai';
import { withSandbox } from './with-sandbox.ts';

const sandbox = withSandbox();

const question = (content: string) => [{ role: 'user' as const, content }];

async function collect(stream: AsyncIterable<OpenAI.ChatCompletionChunk>): Promise<OpenAI.ChatCompletionChunk[]> {
  const chunks = [];
  for await (const chunk of stream) chunks.push(chunk);
  return chunks;
}

const textOf = (chunks: OpenAI.ChatCompletionChunk[], index = 0): string =>
  chunks
    .flatMap((chunk) => chunk.choices)
    .filter((choice) => choice.index === index)
    .map((choice) => choice.delta.content ?? '')
    .join('');

const namesOf = (answer: OpenAI.ChatCompletion) =>
  answer.choices[0]?.message.tool_calls?.map((call) => (call.type === 'function' ? call.function.name : ''));

async function textFor(content: string): Promise<string | null | undefined> {
  const answer = await sandbox.client.chat.completions.create({ model: 'sandbox-chat', messages: question(content) });
  return answer.choices[0]?.message.content;
}

describe('the answer', () => {
  test('is the same text for the same prompt, and another for another prompt', async () => {
    const first = await textFor('What is a sluice?');
    expect(first).toMatch(/^[A-Z][a-z]+ .+\.$/);
    expect(await textFor('What is a sluice?')).toBe(first);
    expect(await textFor('What is a lock?')).not.toBe(first);
  });

  test('does not fall into a loop', async () => {
    const answer = await sandbox.client.chat.completions.create({
      model: 'sandbox-chat--words-2000',
      messages: question('Tell me everything'),
    });
    const words = (answer.choices[0]?.message.content ?? '').toLowerCase().replaceAll('.', '').split(' ');
    expect(words).toHaveLength(2000);
    const runs = words.slice(0, -4).map((_, index) => words.slice(index, index + 5).join(' '));
    expect(new Set(runs).size).toBe(runs.length);
  });

  test('says the same as a stream and as a whole', async () => {
    const body = { model: 'sandbox-chat', messages: question('Both ways?') };
    const whole = await sandbox.client.chat.completions.create(body);
    const chunks = await collect(await sandbox.client.chat.completions.create({ ...body, stream: true }));
    expect(textOf(chunks)).toBe(whole.choices[0]?.message.content);
    expect(chunks[0]?.choices[0]?.delta).toEqual({ role: 'assistant', content: '', refusal: null });
    expect(chunks.at(-1)?.choices[0]?.finish_reason).toBe('stop');
    expect(chunks.some((chunk) => 'usage' in chunk)).toBe(false);
    expect(new Set(chunks.map((chunk) => chunk.id)).size).toBe(1);
  });

  test('counts usage, and streams it in a last chunk without choices when asked', async () => {
    const body = { model: 'sandbox-chat', messages: question('Count me') };
    const whole = await sandbox.client.chat.completions.create(body);
    const chunks = await collect(
      await sandbox.client.chat.completions.create({ ...body, stream: true, stream_options: { include_usage: true } }),
    );
    expect(whole.usage?.completion_tokens).toBe(whole.choices[0]?.message.content?.split(' ').length);
    expect(chunks.at(-1)?.choices).toEqual([]);
    expect(chunks.at(-1)?.usage).toEqual(whole.usage);
    expect(chunks.slice(0, -1).map((chunk) => chunk.usage)).toEqual(chunks.slice(0, -1).map(() => null));
  });

  test('ends a stream with [DONE]', async () => {
    const body = { model: 'sandbox-chat--words-3', stream: true, messages: question('Raw') };
    const text = await (await sandbox.post(JSON.stringify(body))).text();
    expect(text.endsWith('data: [DONE]\n\n')).toBe(true);
    expect(text.split('\n\n')).toHaveLength(1 + 3 + 1 + 1 + 1);
  });

  test('gives n choices that differ, in a stream too', async () => {
    const body = { model: 'sandbox-chat', messages: question('Three of them'), n: 3 };
    const whole = await sandbox.client.chat.completions.create(body);
    const texts = whole.choices.map((choice) => choice.message.content);
    expect(new Set(texts).size).toBe(3);
    const chunks = await collect(await sandbox.client.chat.completions.create({ ...body, stream: true }));
    expect([0, 1, 2].map((index) => textOf(chunks, index))).toEqual(texts);
  });

  test('ends before a stop sequence', async () => {
    const body = { model: 'sandbox-chat', messages: question('Stop me') };
    const full = (await sandbox.client.chat.completions.create(body)).choices[0]?.message.content ?? '';
    const stop = full.split(' ')[3] ?? '';
    const cut = await sandbox.client.chat.completions.create({ ...body, stop });
    expect(cut.choices[0]?.message.content).toBe(full.slice(0, full.indexOf(stop)));
    expect(cut.choices[0]?.finish_reason).toBe('stop');
  });

  test.each(['max_tokens', 'max_completion_tokens'])('ends with length at %s', async (field) => {
    const answer = await sandbox.client.chat.completions.create({
      model: 'sandbox-chat',
      messages: question('Be brief'),
      [field]: 4,
    });
    expect(answer.choices[0]?.message.content?.split(' ')).toHaveLength(4);
    expect(answer.choices[0]?.finish_reason).toBe('length');
    expect(answer.usage?.completion_tokens).toBe(4);
  });

  test('counts reasoning within the output, and cached tokens of a long prompt', async () => {
    const answer = await sandbox.client.chat.completions.create({
      model: 'sandbox-chat--words-5',
      messages: question('long '.repeat(1000)),
      reasoning_effort: 'low',
    });
    expect(answer.usage?.completion_tokens).toBe(16 + 5);
    expect(answer.usage?.completion_tokens_details?.reasoning_tokens).toBe(16);
    expect(answer.usage?.prompt_tokens).toBe(3 + 1250);
    expect(answer.usage?.prompt_tokens_details?.cached_tokens).toBe(1152);
  });

  test('carries log probabilities when they are asked for', async () => {
    const body = { model: 'sandbox-chat--words-3', messages: question('Odds?'), logprobs: true, top_logprobs: 2 };
    const whole = await sandbox.client.chat.completions.create(body);
    const content = whole.choices[0]?.logprobs?.content ?? [];
    expect(content.map((entry) => entry.token).join('')).toBe(whole.choices[0]?.message.content);
    expect(content.map((entry) => entry.top_logprobs.length)).toEqual([2, 2, 2]);
  });
});

describe('structured output', () => {
  test('is JSON in mode json_object', async () => {
    const answer = await sandbox.client.chat.completions.create({
      model: 'sandbox-chat',
      messages: question('As JSON please'),
      response_format: { type: 'json_object' },
    });
    expect(JSON.parse(answer.choices[0]?.message.content ?? '')).toEqual({ answer: expect.any(String) });
  });

  test('fits the schema in mode json_schema, a recursive one too', async () => {
    const schema = {
      type: 'object',
      properties: {
        name: { type: 'string', minLength: 20 },
        kind: { enum: ['a', 'b'] },
        size: { type: 'integer', minimum: 10, maximum: 12 },
        next: { anyOf: [{ $ref: '#' }, { type: 'null' }] },
      },
      required: ['name', 'kind', 'size', 'next'],
      additionalProperties: false,
    };
    const answer = await sandbox.client.chat.completions.create({
      model: 'sandbox-chat',
      messages: question('A node'),
      response_format: { type: 'json_schema', json_schema: { name: 'node', schema, strict: true } },
    });
    let node = JSON.parse(answer.choices[0]?.message.content ?? '') as Record<string, unknown> | null;
    let depth = 0;
    for (; node; node = node['next'] as Record<string, unknown> | null) {
      depth += 1;
      expect(Object.keys(node)).toEqual(['name', 'kind', 'size', 'next']);
      expect((node['name'] as string).length).toBeGreaterThanOrEqual(20);
      expect(['a', 'b']).toContain(node['kind']);
      expect([10, 11, 12]).toContain(node['size']);
    }
    expect(depth).toBeGreaterThan(1);
  });
});

describe('tools', () => {
  const parameters = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] };
  const tools = ['get_weather', 'get_time'].map((name) => ({
    type: 'function' as const,
    function: { name, parameters },
  }));
  const ask = (content: string, more: object = {}) =>
    sandbox.client.chat.completions.create({ model: 'sandbox-chat', messages: question(content), tools, ...more });

  test('are called when the last user message asks for them, several at once', async () => {
    const answer = await ask('What are the weather and the time in Paris?');
    expect(namesOf(answer)).toEqual(['get_weather', 'get_time']);
    expect(answer.choices[0]?.finish_reason).toBe('tool_calls');
    expect(answer.choices[0]?.message.content).toBeNull();
    const call = answer.choices[0]?.message.tool_calls?.[0];
    expect(JSON.parse(call?.type === 'function' ? call.function.arguments : '')).toEqual({ city: expect.any(String) });
  });

  test('are called one at a time without parallel_tool_calls', async () => {
    expect(namesOf(await ask('Weather and time?', { parallel_tool_calls: false }))).toEqual(['get_weather']);
  });

  test('are left alone when nothing asks for them or tool_choice is none', async () => {
    expect(namesOf(await ask('Hello'))).toBeUndefined();
    expect(namesOf(await ask('The weather?', { tool_choice: 'none' }))).toBeUndefined();
  });

  test('are called when tool_choice requires or names one', async () => {
    expect(namesOf(await ask('Hello', { tool_choice: 'required' }))).toEqual(['get_weather']);
    const named = { type: 'function', function: { name: 'get_time' } };
    expect(namesOf(await ask('Hello', { tool_choice: named }))).toEqual(['get_time']);
    const unknown = { type: 'function', function: { name: 'get_lost' } };
    await expect(ask('Hello', { tool_choice: unknown })).rejects.toMatchObject({ status: 400, param: 'tool_choice' });
  });

  test('stream their arguments in fragments that add up to the whole answer', async () => {
    const whole = await ask('Weather and time?');
    const chunks = await collect(
      await sandbox.client.chat.completions.create({
        model: 'sandbox-chat',
        messages: question('Weather and time?'),
        tools,
        stream: true,
      }),
    );
    const deltas = chunks.flatMap((chunk) => chunk.choices[0]?.delta.tool_calls ?? []);
    const calls = [0, 1].map((index) => {
      const own = deltas.filter((delta) => delta.index === index);
      expect(own.length).toBeGreaterThan(2);
      return {
        id: own[0]?.id,
        type: own[0]?.type,
        function: {
          name: own[0]?.function?.name,
          arguments: own.map((delta) => delta.function?.arguments ?? '').join(''),
        },
      };
    });
    expect(calls).toEqual(whole.choices[0]?.message.tool_calls);
    expect(chunks.at(-1)?.choices[0]?.finish_reason).toBe('tool_calls');
  });

  test('are answered with text that holds the result', async () => {
    const first = await ask('The weather?');
    const message = first.choices[0]?.message;
    const id = message?.tool_calls?.[0]?.id ?? '';
    const answer = await sandbox.client.chat.completions.create({
      model: 'sandbox-chat',
      tools,
      messages: [
        ...question('The weather?'),
        message as OpenAI.ChatCompletionMessageParam,
        { role: 'tool', tool_call_id: id, content: 'rain, 12 degrees' },
      ],
    });
    expect(answer.choices[0]?.message.content).toContain('rain, 12 degrees');
    expect(answer.choices[0]?.finish_reason).toBe('stop');
  });
});
