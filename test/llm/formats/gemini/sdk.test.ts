import { jest } from '@jest/globals';
import { GoogleGenAI, FinishReason, type GenerateContentResponse } from '@google/genai';
import { GatewayError } from '@sluice/kit/errors/gateway-error';
import { GEMINI_CODEC as codec } from '@sluice/llm/formats/gemini/codec';
import { encodeError } from '@sluice/llm/formats/gemini/errors';
import type { JsonObject } from '@sluice/llm/neutral/json';
import type { NeutralRequest } from '@sluice/llm/neutral/request';
import type { NeutralResponse } from '@sluice/llm/neutral/response';
import type { StreamPart } from '@sluice/llm/neutral/stream';
import { unfoldResponse } from '@sluice/llm/neutral/unfold';
import { aClient } from '../../../support/formats.ts';
import { NO_FIGURES } from '@sluice/llm/formats/usage-figures';

const usage = {
  ...NO_FIGURES,
  input: 5,
  cacheRead: 2,
  output: 3,
  reasoning: 4,
};
const carrier = { origin: 'anthropic-messages@there', kind: 'signature', data: 'EqQBCkYIBBgC+/==' } as const;
const answer: NeutralResponse = {
  id: 'msg_1',
  model: 'theirs',
  choices: [
    {
      content: [
        { type: 'reasoning', text: 'Let me see.', carrier },
        {
          type: 'text',
          text: 'Hello wörld',
          citations: [{ start: 0, end: 5, title: 'T', url: 'https://t.example', citedText: null }],
        },
        { type: 'tool-call', id: 'toolu_1', name: 'look', arguments: '{"at":1}' },
      ],
      finish: { reason: 'tool-calls', stopSequence: null },
    },
  ],
  usage,
  serviceTier: null,
};

/** What it is answered next, and what it asked. */
let parts: StreamPart[] = [];
let refusal: GatewayError | null = null;
const asked: NeutralRequest[] = [];

/** The relay's part of the talk, without a network. */
const answerTo: typeof fetch = (input, init) => {
  const stream = String(input).includes(':streamGenerateContent?alt=sse');
  const body = JSON.parse(String(init?.body)) as JsonObject;
  asked.push(codec.decodeRequest(body, aClient({ path: { stream } })));
  const headers = { 'content-type': stream ? 'text/event-stream' : 'application/json' };
  if (refusal) {
    const refused = { status: refusal.status, headers: { 'content-type': 'application/json' } };
    return Promise.resolve(new Response(encodeError(refusal), refused));
  }
  const encoder = codec.createStreamEncoder(aClient());
  const text = stream
    ? `: ping\n\n${parts.map((part) => encoder.push(part)).join('')}`
    : JSON.stringify(codec.encodeResponse(answer, aClient()));
  return Promise.resolve(new Response(text, { headers }));
};

describe("Google's own SDK", () => {
  const ai = new GoogleGenAI({ apiKey: 'k' });

  beforeEach(() => {
    parts = [...unfoldResponse(answer)];
    refusal = null;
    asked.length = 0;
    jest.spyOn(globalThis, 'fetch').mockImplementation(answerTo);
    // The SDK remarks on parts that are no text.
    jest.spyOn(console, 'warn').mockImplementation(() => undefined);
  });
  afterEach(() => jest.restoreAllMocks());

  test('reads a whole answer: text, calls, sources, use and the reason for its end', async () => {
    const read = await ai.models.generateContent({ model: 'public-model', contents: 'hi' });
    expect(read.text).toBe('Hello wörld');
    expect(read.functionCalls).toEqual([{ id: 'toolu_1', name: 'look', args: { at: 1 } }]);
    expect(read.candidates?.[0]?.finishReason).toBe(FinishReason.STOP);
    expect(read.candidates?.[0]?.groundingMetadata?.groundingChunks).toEqual([
      { web: { uri: 'https://t.example', title: 'T' } },
    ]);
    expect(read.usageMetadata).toMatchObject({
      promptTokenCount: 7,
      candidatesTokenCount: 3,
      thoughtsTokenCount: 4,
      totalTokenCount: 14,
    });
    expect(asked[0]).toMatchObject({
      stream: false,
      messages: [{ role: 'user', content: [{ type: 'text', text: 'hi' }] }],
    });
  });

  test('reads a stream to the same', async () => {
    const chunks: GenerateContentResponse[] = [];
    for await (const chunk of await ai.models.generateContentStream({ model: 'public-model', contents: 'hi' }))
      chunks.push(chunk);
    expect(chunks.map(({ text }) => text ?? '').join('')).toBe('Hello wörld');
    expect(chunks.flatMap(({ functionCalls }) => functionCalls ?? [])).toHaveLength(1);
    expect(chunks.at(-1)?.usageMetadata?.totalTokenCount).toBe(14);
    expect(asked[0]?.stream).toBe(true);
  });

  test('keeps what it was streamed in its history, and brings signatures and ids back to the letter', async () => {
    const chat = ai.chats.create({ model: 'public-model' });
    for await (const _chunk of await chat.sendMessageStream({ message: 'hi' })) void _chunk;
    const result = { functionResponse: { id: 'toolu_1', name: 'look', response: { output: 'seen' } } };
    for await (const _chunk of await chat.sendMessageStream({ message: [result] })) void _chunk;
    expect(asked[1]?.messages.slice(1)).toEqual([
      {
        role: 'assistant',
        content: [
          { type: 'reasoning', text: 'Let me see.', carrier },
          { type: 'text', text: 'Hello wörld' },
          { type: 'tool-call', id: 'toolu_1', name: 'look', arguments: '{"at":1}' },
        ],
      },
      {
        role: 'user',
        content: [
          {
            type: 'tool-result',
            callId: 'toolu_1',
            name: 'look',
            content: [{ type: 'text', text: 'seen' }],
            isError: false,
            structured: { output: 'seen' },
          },
        ],
      },
    ]);
  });

  test('raises the error of a refusal and of a stream that fails', async () => {
    refusal = new GatewayError('invalid_api_key', { message: 'No such key.' });
    await expect(ai.models.generateContent({ model: 'public-model', contents: 'hi' })).rejects.toMatchObject({
      status: 401,
    });
    refusal = null;
    parts = [...parts.slice(0, 4), { type: 'failure', error: new GatewayError('upstream_cut', { message: 'Cut.' }) }];
    const stream = await ai.models.generateContentStream({ model: 'public-model', contents: 'hi' });
    await expect(
      (async () => {
        for await (const _chunk of stream) void _chunk;
      })(),
    ).rejects.toThrow('Cut.');
  });
});
