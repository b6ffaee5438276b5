import { createAnthropic } from '@ai-sdk/anthropic';
import { createGoogleGenerativeAI } from '@ai-sdk/google';
import { createOpenAI } from '@ai-sdk/openai';
import { describe, expect, test } from '@jest/globals';
import { generateObject, generateText, jsonSchema, stepCountIs, streamText, tool, type LanguageModel } from 'ai';
import { sharedStack } from '../support/stack.ts';
import { UPSTREAM_MODELS, WEATHER_SCHEMA } from '../support/upstream-formats.ts';

const ready = sharedStack();
const settings = () => ({ apiKey: ready.apiKey });

const PROVIDERS: readonly (readonly [string, (model: string) => LanguageModel])[] = [
  ['@ai-sdk/openai', (model) => createOpenAI({ ...settings(), baseURL: `${ready.url}/v1` })(model)],
  ['@ai-sdk/openai .chat()', (model) => createOpenAI({ ...settings(), baseURL: `${ready.url}/v1` }).chat(model)],
  ['@ai-sdk/anthropic', (model) => createAnthropic({ ...settings(), baseURL: `${ready.url}/v1` })(model)],
  ['@ai-sdk/google', (model) => createGoogleGenerativeAI({ ...settings(), baseURL: `${ready.url}/v1beta` })(model)],
];

const schema = jsonSchema<{ city: string }>(WEATHER_SCHEMA);
const get_weather = tool({
  description: 'Forecast',
  inputSchema: schema,
  execute: ({ city }) => `It is sunny in ${city}`,
});

describe.each(PROVIDERS)('Vercel’s SDK with %s', (_provider, create) => {
  describe.each(UPSTREAM_MODELS)('over an upstream that speaks %s', (_format, name) => {
    test('generates and streams text', async () => {
      const asked = { model: create(name), system: 'Be brief.', prompt: 'Hello', maxRetries: 0 };
      const whole = await generateText(asked);
      expect(whole.text).toMatch(/\w+ \w+/);
      expect(whole.finishReason).toBe('stop');
      const stream = streamText(asked);
      let text = '';
      for await (const piece of stream.textStream) text += piece;
      expect(text).toBe(whole.text);
      expect((await stream.usage).outputTokens).toBe(whole.usage.outputTokens);
    });

    test('runs a tool and goes on with its result', async () => {
      const { text, steps } = await generateText({
        model: create(name),
        prompt: 'What is the weather in Paris?',
        tools: { get_weather },
        stopWhen: stepCountIs(3),
        maxRetries: 0,
      });
      expect(steps[0]?.toolCalls.map(({ toolName }) => toolName)).toEqual(['get_weather']);
      expect(text).toContain('It is sunny in');
    });

    test('generates an object', async () => {
      const { object } = await generateObject({ model: create(name), schema, prompt: 'A city', maxRetries: 0 });
      expect(object).toHaveProperty('city', expect.any(String));
    });
  });
});
