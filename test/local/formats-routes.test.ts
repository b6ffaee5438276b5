import Anthropic from '@anthropic-ai/sdk';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { OpenAI } from 'openai';
import type { ResponseInput } from 'openai/resources/responses/responses';
import { importInto, openAiClient } from '../support/gateway.ts';
import { sharedStack } from '../support/stack.ts';
import { WEATHER_SCHEMA } from '../support/upstream-formats.ts';

const ready = sharedStack();
const PRICE = { inputPerMillion: 1, outputPerMillion: 1, cacheReadPerMillion: 1 };
/** The sandbox's upstreams in this order; `--500` makes the first of two fail. */
const MODELS: Record<string, { upstream: string; model: string; priority?: number }[]> = {
  'routed-gemini': [{ upstream: 'sandbox-gemini', model: 'sandbox-gemini' }],
  'routed-claude': [{ upstream: 'sandbox-claude', model: 'sandbox-claude' }],
  'routed-responses': [{ upstream: 'sandbox-responses', model: 'sandbox-responses' }],
  'routed-chat': [{ upstream: 'sandbox', model: 'sandbox-chat' }],
  'chat-then-claude': [
    { upstream: 'sandbox', model: 'sandbox-chat--500', priority: 0 },
    { upstream: 'sandbox-claude', model: 'sandbox-claude', priority: 1 },
  ],
  'gemini-then-responses': [
    { upstream: 'sandbox-gemini', model: 'sandbox-gemini--500', priority: 0 },
    { upstream: 'sandbox-responses', model: 'sandbox-responses', priority: 1 },
  ],
};
let claude: Anthropic;
let openai: OpenAI;

beforeAll(async () => {
  await importInto(ready, {
    version: 1,
    models: Object.entries(MODELS).map(([name, routes]) => ({ name, class: 'chat', routes, price: PRICE })),
  } as never);
  claude = new Anthropic({ apiKey: ready.apiKey, baseURL: ready.url, maxRetries: 0 });
  openai = openAiClient(ready);
});

const tools = [{ name: 'get_weather', description: 'A tool', input_schema: { ...WEATHER_SCHEMA, required: ['city'] } }];
const question: Anthropic.MessageParam = { role: 'user', content: 'What is the weather in Paris?' };
const ROUTES = ['routed-gemini', 'routed-claude', 'routed-responses', 'routed-chat'];
const CHANGES = ROUTES.flatMap((from) => ROUTES.map((to) => [from, to] as const));

describe('a conversation whose route changes', () => {
  test.each(CHANGES)(
    'of the Anthropic SDK, thinking and using tools, from %s to %s and back goes on',
    async (from, to) => {
      const asked = { max_tokens: 4096, tools, thinking: { type: 'enabled' as const, budget_tokens: 1024 } };
      const messages: Anthropic.MessageParam[] = [question];
      for (const model of [from, to, from]) {
        const answer = await claude.messages.stream({ ...asked, model, messages }).finalMessage();
        messages.push({ role: 'assistant', content: answer.content });
        const results = answer.content
          .filter((block) => block.type === 'tool_use')
          .map(({ id }) => ({ type: 'tool_result' as const, tool_use_id: id, content: `result by ${model}` }));
        messages.push({
          role: 'user',
          content: [...results, { type: 'text', text: 'What is the weather in Rome?' }],
        });
        expect(answer.content.length).toBeGreaterThan(0);
      }
    },
  );

  test.each(CHANGES)(
    'of the OpenAI SDK’s responses, with encrypted reasoning, from %s to %s and back goes on',
    async (from, to) => {
      const input: ResponseInput = [{ role: 'user', content: 'What is the weather in Paris?' }];
      for (const model of [from, to, from]) {
        const answer = await openai.responses.create({
          model,
          store: false,
          input,
          reasoning: { effort: 'low', summary: 'auto' },
          include: ['reasoning.encrypted_content'],
          tools: [{ type: 'function', name: 'get_weather', parameters: WEATHER_SCHEMA, strict: false }],
        });
        expect(answer.status).toBe('completed');
        input.push(...(answer.output as ResponseInput));
        for (const item of answer.output) {
          if (item.type !== 'function_call') continue;
          input.push({ type: 'function_call_output', call_id: item.call_id, output: `result by ${model}` });
        }
        input.push({ role: 'user', content: 'What is the weather in Rome?' });
      }
    },
  );
});

describe('failover to an upstream of another language', () => {
  test.each(['chat-then-claude', 'gemini-then-responses'])('of %s gives each SDK one clean answer', async (model) => {
    const messages = [{ role: 'user' as const, content: 'Hello' }];
    const message = await claude.messages.stream({ model, max_tokens: 500, messages }).finalMessage();
    expect(message).toMatchObject({ type: 'message', stop_reason: 'end_turn' });
    let text = '';
    let finish: string | null = null;
    for await (const { choices } of await openai.chat.completions.create({ model, messages, stream: true })) {
      text += choices[0]?.delta.content ?? '';
      finish = choices[0]?.finish_reason ?? finish;
    }
    expect([text.length > 0, finish]).toEqual([true, 'stop']);
    const response = await openai.responses.create({ model, input: 'Hello', store: false });
    expect(response).toMatchObject({ object: 'response', status: 'completed' });
    expect(response.output_text).toMatch(/\w+/);
  });
});
