import { beforeAll, describe, expect, test } from '@jest/globals';
import { ChatAnthropic } from '@langchain/anthropic';
import {
  HumanMessage,
  SystemMessage,
  ToolMessage,
  type AIMessage,
  type AIMessageChunk,
} from '@langchain/core/messages';
import { ChatOpenAI } from '@langchain/openai';
import { sharedStack } from '../support/stack.ts';
import { UPSTREAM_MODELS, WEATHER_SCHEMA } from '../support/upstream-formats.ts';

const ready = sharedStack();
const PROVIDERS = {
  '@langchain/openai': (model: string) =>
    new ChatOpenAI({ model, apiKey: ready.apiKey, maxRetries: 0, configuration: { baseURL: `${ready.url}/v1` } }),
  '@langchain/anthropic': (model: string) =>
    new ChatAnthropic({ model, apiKey: ready.apiKey, maxRetries: 0, maxTokens: 4096, anthropicApiUrl: ready.url }),
};
const tools = [{ name: 'get_weather', description: 'Forecast', schema: WEATHER_SCHEMA }];

beforeAll(() => {
  // LangChain traces to a server of its own where the environment says so.
  process.env['LANGSMITH_TRACING'] = 'false';
});

describe.each(Object.entries(PROVIDERS))('%s', (_provider, create) => {
  describe.each(UPSTREAM_MODELS)('over an upstream that speaks %s', (_format, name) => {
    test('answers, whole and streamed', async () => {
      const messages = [new SystemMessage('Be brief.'), new HumanMessage('Hello')];
      const whole = (await create(name).invoke(messages)) as AIMessage;
      expect(whole.text).toMatch(/\w+ \w+/);
      expect(whole.usage_metadata?.output_tokens).toBeGreaterThan(0);
      let text = '';
      for await (const chunk of await create(name).stream(messages)) text += (chunk as AIMessageChunk).text;
      expect(text).toBe(whole.text);
    });

    test('calls a tool and goes on with its result', async () => {
      const model = create(name).bindTools(tools);
      const question = new HumanMessage('What is the weather in Paris?');
      const first = (await model.invoke([question])) as AIMessage;
      const [call] = first.tool_calls ?? [];
      expect(call).toMatchObject({ name: 'get_weather', args: { city: expect.any(String) } });
      const result = new ToolMessage({ tool_call_id: call?.id ?? '', content: 'It is sunny' });
      const second = (await model.invoke([question, first, result])) as AIMessage;
      expect(second.text).toContain('It is sunny');
    });
  });
});
