import { describe, expect, test } from '@jest/globals';
import type { OpenAI } from 'openai';
import { openAiClient, userSays } from '../support/gateway.ts';
import { sharedStack } from '../support/stack.ts';
import { UPSTREAM_MODELS, WEATHER_SCHEMA } from '../support/upstream-formats.ts';

const client = openAiClient(sharedStack());

const chatTools = [
  { type: 'function' as const, function: { name: 'get_weather', description: 'Forecast', parameters: WEATHER_SCHEMA } },
  { type: 'function' as const, function: { name: 'get_time', parameters: WEATHER_SCHEMA } },
];
const responseTools = chatTools.map(({ type, function: definition }) => ({ type, strict: false, ...definition }));
const question = 'What are the weather and the time in Paris?';

describe.each(UPSTREAM_MODELS)('the OpenAI SDK over an upstream that speaks %s', (_format, model) => {
  test('chats, whole and streamed, and hears what it used', async () => {
    const body = { model, messages: [{ role: 'system' as const, content: 'Be brief.' }, ...userSays('Hello')] };
    const whole = await client.chat.completions.create(body);
    expect(whole).toMatchObject({ object: 'chat.completion', model });
    expect(whole.choices[0]?.finish_reason).toBe('stop');
    expect(whole.choices[0]?.message.content).toMatch(/\w+ \w+/);
    const { prompt_tokens: prompt, completion_tokens: completion, total_tokens: total } = whole.usage ?? {};
    expect(prompt).toBeGreaterThan(0);
    expect(total).toBe((prompt ?? 0) + (completion ?? 0));
    const stream = client.chat.completions.stream({ ...body, stream_options: { include_usage: true } });
    const final = await stream.finalChatCompletion();
    expect(final.choices[0]?.message.content).toBe(whole.choices[0]?.message.content);
    expect(final.usage).toMatchObject({ prompt_tokens: prompt, completion_tokens: completion });
  });

  test('calls tools in parallel, streamed and whole, and hands their results back', async () => {
    const asked = { model, messages: userSays(question), tools: chatTools };
    const first = await client.chat.completions.create(asked);
    expect(first.choices[0]?.finish_reason).toBe('tool_calls');
    const message = first.choices[0]?.message as OpenAI.ChatCompletionMessage;
    const calls = (message.tool_calls ?? []).filter((call) => call.type === 'function');
    expect(calls.map((call) => call.function.name)).toEqual(['get_weather', 'get_time']);
    for (const call of calls) expect(JSON.parse(call.function.arguments)).toHaveProperty('city');
    const streamed = await client.chat.completions.stream(asked).finalChatCompletion();
    expect(namesAndArguments(streamed)).toEqual(namesAndArguments(first));
    const results = calls.map((call, index) => ({
      role: 'tool' as const,
      tool_call_id: call.id,
      content: `result number ${index}`,
    }));
    const second = await client.chat.completions.create({
      ...asked,
      messages: [...asked.messages, message, ...results],
    });
    expect(second.choices[0]?.message.content).toMatch(/result number 0.*result number 1/);
  });

  test('gets a JSON answer of a schema', async () => {
    const json_schema = { name: 'place', schema: WEATHER_SCHEMA, strict: true };
    const answer = await client.chat.completions.create({
      model,
      messages: userSays('A city'),
      response_format: { type: 'json_schema', json_schema },
    });
    expect(JSON.parse(answer.choices[0]?.message.content ?? '')).toHaveProperty('city', expect.any(String));
  });

  test('asks for responses, whole and streamed', async () => {
    const whole = await client.responses.create({ model, instructions: 'Be brief.', input: 'Hello', store: false });
    expect(whole).toMatchObject({ object: 'response', status: 'completed', model });
    expect(whole.output_text).toMatch(/\w+ \w+/);
    expect(whole.usage?.total_tokens).toBe((whole.usage?.input_tokens ?? 0) + (whole.usage?.output_tokens ?? 0));
    const stream = client.responses.stream({ model, instructions: 'Be brief.', input: 'Hello', store: false });
    const final = await stream.finalResponse();
    expect(final.output_text).toBe(whole.output_text);
    expect(final.usage?.output_tokens).toBe(whole.usage?.output_tokens);
  });

  test('calls tools through responses and hands their outputs back', async () => {
    const input = [{ role: 'user' as const, content: question }];
    const first = await client.responses.create({ model, input, tools: responseTools, store: false });
    const calls = first.output.filter((item) => item.type === 'function_call');
    expect(calls.map(({ name }) => name)).toEqual(['get_weather', 'get_time']);
    const streamed = await client.responses
      .stream({ model, input, tools: responseTools, store: false })
      .finalResponse();
    expect(streamed.output.filter((item) => item.type === 'function_call').map((call) => call.arguments)).toEqual(
      calls.map((call) => call.arguments),
    );
    const outputs = calls.map((call, index) => ({
      type: 'function_call_output' as const,
      call_id: call.call_id,
      output: `result number ${index}`,
    }));
    const second = await client.responses.create({
      model,
      input: [...input, ...(first.output as OpenAI.Responses.ResponseInputItem[]), ...outputs],
      tools: responseTools,
      store: false,
    });
    expect(second.output_text).toMatch(/result number 0.*result number 1/);
  });

  test('gets structured output through responses', async () => {
    const format = { type: 'json_schema' as const, name: 'place', schema: WEATHER_SCHEMA, strict: true };
    const answer = await client.responses.create({ model, input: 'A city', text: { format }, store: false });
    expect(JSON.parse(answer.output_text)).toHaveProperty('city', expect.any(String));
  });

  test('hands encrypted reasoning back with the results of tools', async () => {
    const base = { model, tools: responseTools, store: false, reasoning: { effort: 'low' as const } };
    const include = ['reasoning.encrypted_content' as const];
    const input = [{ role: 'user' as const, content: question }];
    const first = await client.responses.create({ ...base, include, input });
    const outputs = first.output
      .filter((item) => item.type === 'function_call')
      .map((call) => ({ type: 'function_call_output' as const, call_id: call.call_id, output: 'done' }));
    expect(outputs).toHaveLength(2);
    const second = await client.responses.create({
      ...base,
      include,
      input: [...input, ...(first.output as OpenAI.Responses.ResponseInputItem[]), ...outputs],
    });
    expect(second.output_text).toContain('done');
  });
});

function namesAndArguments(answer: OpenAI.ChatCompletion): unknown {
  return answer.choices[0]?.message.tool_calls?.map(
    (call) => call.type === 'function' && [call.function.name, JSON.parse(call.function.arguments)],
  );
}
