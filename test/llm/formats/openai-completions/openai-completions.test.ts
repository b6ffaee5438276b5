import { GatewayError } from '@sluice/kit/errors/gateway-error';
import { OPENAI_COMPLETIONS } from '@sluice/llm/formats/openai-completions/openai-completions';
import { OPENAI_CHAT_CODEC } from '@sluice/llm/formats/openai-chat/codec';
import type { JsonObject } from '@sluice/llm/neutral/json';
import type { NeutralResponse } from '@sluice/llm/neutral/response';
import { unfoldResponse } from '@sluice/llm/neutral/unfold';
import OpenAI from 'openai';
import { aCall, aClient, collectWarnings } from '../../../support/formats.ts';
import { NO_FIGURES } from '@sluice/llm/formats/usage-figures';

const { codec, readRequest } = OPENAI_COMPLETIONS;
if (codec === null) throw new Error('Legacy completions are conversations.');

const ANSWER: NeutralResponse = {
  id: 'up',
  model: 'up',
  choices: [
    {
      content: [
        { type: 'reasoning', text: 'hm' },
        { type: 'text', text: 'Once ' },
        { type: 'text', text: 'upon' },
      ],
      finish: { reason: 'length', stopSequence: null },
    },
    { content: [{ type: 'text', text: 'Another' }], finish: { reason: 'stop-sequence', stopSequence: 'x' } },
  ],
  usage: { ...NO_FIGURES, input: 4, cacheRead: 1, output: 3, reasoning: 2 },
  serviceTier: null,
};

function sdk(body: string, contentType: string): OpenAI {
  const fetch = (): Promise<Response> =>
    Promise.resolve(new Response(body, { headers: { 'content-type': contentType } }));
  return new OpenAI({ apiKey: 'k', fetch, maxRetries: 0 });
}

function decode(body: JsonObject) {
  const { warnings, warn } = collectWarnings();
  return { request: codec!.decodeRequest({ model: 'm', ...body }, aClient({ warn })), warnings };
}

test.each([['Say'], [['Say']]])('the prompt %j is one message of the user', (prompt) => {
  expect(decode({ prompt }).request.messages).toEqual([{ role: 'user', content: [{ type: 'text', text: 'Say' }] }]);
});

test.each([
  [{}, 'prompt'],
  [{ prompt: ['a', 'b'] }, 'prompt'],
  [{ prompt: [1, 2] }, 'prompt'],
  [{ prompt: [[1, 2]] }, 'prompt[0]'],
  [{ prompt: 'x', stop: [5] }, 'stop[0]'],
])('%j is refused by the path %s', (body, param) => {
  expect(() => decode(body as JsonObject)).toThrow(expect.objectContaining({ code: 'invalid_field', param }));
});

test.each([
  [{ suffix: 'end' }, 'suffix'],
  [{ echo: true }, 'echo'],
])('%j is refused, since the answer would be another one', (members, param) => {
  const { request } = decode({ prompt: 'x', ...members });
  const encode = () => OPENAI_CHAT_CODEC.encodeRequest(request, aCall('openai-chat'));
  expect(encode).toThrow(expect.objectContaining({ code: 'invalid_field', param }));
});

test('what asks for nothing is no matter, and what is not to be had is a warning', () => {
  const { request, warnings } = decode({
    prompt: 'x',
    echo: false,
    suffix: '',
    n: 2,
    best_of: 2,
    logprobs: 3,
    stop: 'X',
  });
  expect(warnings).toEqual(['dropped logprobs']);
  expect(request).toMatchObject({ choices: 2, extras: { members: {} }, sampling: { stop: ['X'] } });
  expect(decode({ prompt: 'x', best_of: 3 }).warnings).toEqual(['dropped best_of']);
});

test('the SDK reads the whole answer', async () => {
  const body = JSON.stringify(codec!.encodeResponse(ANSWER, aClient()));
  const completion = await sdk(body, 'application/json').completions.create({ model: 'm', prompt: 'x' });
  expect(completion).toMatchObject({
    object: 'text_completion',
    model: 'public-model',
    choices: [
      { text: 'Once upon', index: 0, finish_reason: 'length', logprobs: null },
      { text: 'Another', index: 1, finish_reason: 'stop' },
    ],
    usage: { prompt_tokens: 5, completion_tokens: 5, total_tokens: 10 },
  });
});

test.each([true, false])('the SDK reads the stream, with a usage report if it asked (%s)', async (wantsStreamUsage) => {
  const encoder = codec!.createStreamEncoder(aClient({ wantsStreamUsage }));
  const body = [...unfoldResponse(ANSWER)].map((part) => encoder.push(part)).join('');
  expect(body.endsWith('data: [DONE]\n\n')).toBe(true);
  const stream = await sdk(body, 'text/event-stream').completions.create({ model: 'm', prompt: 'x', stream: true });
  const texts = ['', ''];
  const finishes: (string | null)[] = [];
  let report: unknown = null;
  for await (const chunk of stream) {
    for (const { index, text, finish_reason: finish } of chunk.choices) {
      texts[index] += text;
      if (finish !== null) finishes[index] = finish;
    }
    if (chunk.usage) report = chunk.usage;
  }
  expect(texts).toEqual(['Once upon', 'Another']);
  expect(finishes).toEqual(['length', 'stop']);
  if (wantsStreamUsage) expect(report).toMatchObject({ total_tokens: 10 });
  else expect(report).toBeNull();
});

test('a stream that fails makes the SDK raise and has no end marker', async () => {
  const encoder = codec!.createStreamEncoder(aClient());
  const body = encoder.push({ type: 'failure', error: new GatewayError('upstream_cut', { message: 'It broke.' }) });
  expect(body).not.toContain('[DONE]');
  const stream = await sdk(body, 'text/event-stream').completions.create({ model: 'm', prompt: 'x', stream: true });
  const drain = async (): Promise<void> => {
    for await (const _chunk of stream) void _chunk;
  };
  await expect(drain()).rejects.toThrow('It broke.');
});

test('the relay’s facts are read from outside', () => {
  const body = Buffer.from(
    '{"model":"m","prompt":"x","n":2,"max_tokens":7,"stream":true,"stream_options":{"include_usage":true}}',
  );
  expect(readRequest(body)).toMatchObject({
    model: 'm',
    stream: true,
    wantsStreamUsage: true,
    choices: 2,
    maxOutputTokens: 7,
  });
  expect(() => readRequest(Buffer.from('{"model":"m"}'))).toThrow(expect.objectContaining({ param: 'prompt' }));
  expect(OPENAI_COMPLETIONS.readConversation(body, readRequest(body))?.toString()).toBe('"x"');
});
