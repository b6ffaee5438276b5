import Anthropic from '@anthropic-ai/sdk';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { sharedStack } from '../support/stack.ts';
import { UPSTREAM_MODELS, WEATHER_SCHEMA } from '../support/upstream-formats.ts';

const ready = sharedStack();
let client: Anthropic;
let claudeCode: Anthropic;

beforeAll(() => {
  const options = { apiKey: ready.apiKey, maxRetries: 0 };
  client = new Anthropic({ ...options, baseURL: ready.url });
  claudeCode = new Anthropic({ ...options, baseURL: `${ready.url}/cc` });
});

const tools = ['get_weather', 'get_time'].map((name) => ({
  name,
  description: 'A tool',
  input_schema: { ...WEATHER_SCHEMA, required: ['city'] },
}));
const question: Anthropic.MessageParam = { role: 'user', content: 'What are the weather and the time in Paris?' };

function textOf({ content }: Anthropic.Message): string {
  return content.map((block) => (block.type === 'text' ? block.text : '')).join('');
}

function resultsOf({ content }: Anthropic.Message): Anthropic.MessageParam {
  const calls = content.filter((block) => block.type === 'tool_use');
  return {
    role: 'user',
    content: calls.map(({ id }, index) => ({
      type: 'tool_result',
      tool_use_id: id,
      content: `result number ${index}`,
    })),
  };
}

describe.each(UPSTREAM_MODELS)('the Anthropic SDK over an upstream that speaks %s', (_format, model) => {
  const base = { model, max_tokens: 4096 };

  test('gets a message, whole and streamed', async () => {
    const body = { ...base, system: 'Be brief.', messages: [{ role: 'user' as const, content: 'Hello' }] };
    const whole = await client.messages.create(body);
    expect(whole).toMatchObject({ type: 'message', role: 'assistant', model, stop_reason: 'end_turn' });
    expect(textOf(whole)).toMatch(/\w+ \w+/);
    expect(whole.usage.input_tokens).toBeGreaterThan(0);
    const streamed = await client.messages.stream(body).finalMessage();
    expect(textOf(streamed)).toBe(textOf(whole));
    expect(streamed.usage.output_tokens).toBe(whole.usage.output_tokens);
    expect(streamed.stop_reason).toBe('end_turn');
  });

  test('uses tools in parallel and hands their results back', async () => {
    const first = await client.messages.create({ ...base, tools, messages: [question] });
    expect(first.stop_reason).toBe('tool_use');
    const streamed = await client.messages.stream({ ...base, tools, messages: [question] }).finalMessage();
    const inputsOf = ({ content }: Anthropic.Message): unknown =>
      content.filter((block) => block.type === 'tool_use').map(({ name, input }) => [name, input]);
    expect(inputsOf(streamed)).toEqual(inputsOf(first));
    expect(first.content.filter((block) => block.type === 'tool_use').map(({ name }) => name)).toEqual([
      'get_weather',
      'get_time',
    ]);
    const messages = [question, { role: 'assistant' as const, content: first.content }, resultsOf(first)];
    const second = await client.messages.create({ ...base, tools, messages });
    expect(textOf(second)).toMatch(/result number 0.*result number 1/);
  });

  test('thinks, and its thinking may be sent back with the results of tools', async () => {
    const asked = { ...base, tools, thinking: { type: 'enabled' as const, budget_tokens: 1024 } };
    const first = await client.messages.stream({ ...asked, messages: [question] }).finalMessage();
    expect(first.stop_reason).toBe('tool_use');
    const messages = [question, { role: 'assistant' as const, content: first.content }, resultsOf(first)];
    const second = await client.messages.create({ ...asked, messages });
    expect(textOf(second)).toContain('result number 0');
  });

  test('gets a JSON answer of a schema', async () => {
    const answer = await client.messages.create({
      ...base,
      messages: [{ role: 'user', content: 'A city' }],
      output_config: { format: { type: 'json_schema', schema: WEATHER_SCHEMA } },
    });
    expect(JSON.parse(textOf(answer))).toHaveProperty('city', expect.any(String));
  });

  test('counts tokens', async () => {
    const { input_tokens: tokens } = await client.messages.countTokens({ model, messages: [question] });
    expect(tokens).toBeGreaterThan(5);
  });

  test('hears the true input tokens at the start of a stream under /cc', async () => {
    const body = { ...base, messages: [question], stream: true as const };
    const counts: number[] = [];
    for await (const event of await claudeCode.messages.create(body)) {
      if (event.type === 'message_start') counts.push(event.message.usage.input_tokens);
      if (event.type === 'content_block_start') expect(counts).toHaveLength(1);
    }
    expect(counts[0]).toBeGreaterThan(5);
  });
});

test('lists the models page by page', async () => {
  const names: string[] = [];
  for await (const model of client.models.list({ limit: 5 })) names.push(model.id);
  expect(names).toEqual(expect.arrayContaining(UPSTREAM_MODELS.map(([, model]) => model)));
  expect(new Set(names).size).toBe(names.length);
  expect((await client.models.retrieve('sandbox-claude')).type).toBe('model');
});

test('an error is the one that the SDK throws for its status', async () => {
  const asked = { model: 'no-such-model', max_tokens: 16, messages: [{ role: 'user' as const, content: 'Hello' }] };
  await expect(client.messages.create(asked)).rejects.toBeInstanceOf(Anthropic.NotFoundError);
  const stranger = new Anthropic({ apiKey: 'sk-nobody-knows-this-key-0123456789', baseURL: ready.url, maxRetries: 0 });
  await expect(stranger.messages.create(asked)).rejects.toBeInstanceOf(Anthropic.AuthenticationError);
});
