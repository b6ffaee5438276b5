import { createOpenAI } from '@ai-sdk/openai';
import { decodeRequest } from '@sluice/llm/formats/openai-responses/decode-request';
import { encodeResponse } from '@sluice/llm/formats/openai-responses/encode-response';
import { createStreamEncoder } from '@sluice/llm/formats/openai-responses/encode-stream';
import { referencedResponses, resolveReferences } from '@sluice/llm/formats/openai-responses/expand-stored';
import type { Json, JsonObject } from '@sluice/llm/neutral/json';
import type { NeutralResponse } from '@sluice/llm/neutral/response';
import { unfoldResponse } from '@sluice/llm/neutral/unfold';
import { generateText, jsonSchema, stepCountIs, streamText, tool } from 'ai';
import { aClient } from '../../../support/formats.ts';
import { NO_FIGURES } from '@sluice/llm/formats/usage-figures';

const USAGE = {
  ...NO_FIGURES,
  input: 1,
  output: 2,
};
const REASONED = { origin: 'anthropic-messages@a', kind: 'signature', data: 'c2ln' } as const;
const SIGNED = { origin: 'gemini@g', kind: 'signature', data: 'Z2Vt' } as const;

function answer(content: NeutralResponse['choices'][0]['content'], reason: 'stop' | 'tool-calls'): NeutralResponse {
  return {
    id: '',
    model: '',
    usage: USAGE,
    serviceTier: null,
    choices: [{ content, finish: { reason, stopSequence: null } }],
  };
}

const ANSWERS = [
  answer(
    [
      { type: 'reasoning', text: 'hm', carrier: REASONED },
      { type: 'text', text: 'Let me look.' },
      { type: 'tool-call', id: 'call_1', name: 'look', arguments: '{"a":1}', carrier: SIGNED },
    ],
    'tool-calls',
  ),
  answer([{ type: 'text', text: 'Done.' }], 'stop'),
];

/** The SDK before a gateway that keeps its responses; `asked` are the requests as they came. */
function gateway(streams: boolean) {
  const asked: JsonObject[] = [];
  const stored = new Map<string, Json[]>();
  const fetch = (_url: unknown, init?: { body?: unknown }): Promise<Response> => {
    const body = JSON.parse(String(init?.body)) as JsonObject;
    const input = body['input'] as Json[];
    const outputs = referencedResponses(input).flatMap((id) => stored.get(id) ?? []);
    asked.push({ ...body, input: resolveReferences(input, outputs) });
    const client = aClient({ requestBody: body, requestId: `01kabcdefgh2345${asked.length}` });
    const given = ANSWERS[asked.length - 1] as NeutralResponse;
    const whole = encodeResponse(given, client);
    stored.set(String(whole['id']), whole['output'] as Json[]);
    if (!streams) return Promise.resolve(Response.json(whole));
    const encoder = createStreamEncoder(client);
    const sse = [...unfoldResponse(given)].map((part) => encoder.push(part)).join('');
    return Promise.resolve(new Response(sse, { headers: { 'content-type': 'text/event-stream' } }));
  };
  return { asked, openai: createOpenAI({ apiKey: 'k', fetch: fetch as typeof globalThis.fetch }) };
}

const TOOLS = {
  look: tool({
    inputSchema: jsonSchema<{ a: number }>({ type: 'object', properties: { a: { type: 'number' } } }),
    execute: () => 'seen',
  }),
};

test.each([true, false])(
  'Vercel’s SDK makes a turn with a tool, and the reasoning comes back (streaming: %s)',
  async (streams) => {
    const { asked, openai } = gateway(streams);
    const options = { model: openai('m'), prompt: 'Hi', tools: TOOLS, stopWhen: stepCountIs(3) };
    const text = streams ? await streamText(options).text : (await generateText(options)).text;
    expect(text).toBe('Done.');
    expect(asked).toHaveLength(2);
    // What the SDK only refers to is there again, with what other vendors want back.
    expect(decodeRequest(asked[1] ?? {}, aClient()).messages).toMatchObject([
      { role: 'user' },
      {
        role: 'assistant',
        content: [
          { type: 'reasoning', text: 'hm', carrier: REASONED },
          { type: 'text', text: 'Let me look.' },
          { type: 'tool-call', id: 'call_1', carrier: SIGNED },
        ],
      },
      { role: 'user', content: [{ type: 'tool-result', callId: 'call_1', content: [{ text: 'seen' }] }] },
    ]);
  },
);
