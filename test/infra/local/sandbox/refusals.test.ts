import { describe, expect, test } from '@jest/globals';
import {
  APIConnectionError,
  APIError,
  AuthenticationError,
  InternalServerError,
  NotFoundError,
  OpenAI,
  RateLimitError,
} from 'openai';
import { SANDBOX_CREDENTIAL } from '../../../../infra/local/sandbox/demo-document.ts';
import { withSandbox } from './with-sandbox.ts';

const sandbox = withSandbox();
const messages = [{ role: 'user' as const, content: 'Hi' }];

const ask = (model: string) => sandbox.client.chat.completions.create({ model, messages });
const stream = (model: string) => sandbox.client.chat.completions.create({ model, messages, stream: true });
async function drain(model: string): Promise<number> {
  let count = 0;
  for await (const _ of await stream(model)) count += 1;
  return count;
}

const moveClock = (body: string) => fetch(`${sandbox.url()}/__clock`, { method: 'POST', body });

describe('a request that the vendor would refuse', () => {
  const cases: [string, object, string | null, string | null][] = [
    ['no messages', { messages: undefined }, 'messages', 'missing_required_parameter'],
    ['an empty list', { messages: [] }, 'messages', 'empty_array'],
    ['messages that are text', { messages: 'Hi' }, 'messages', 'invalid_type'],
    ['an unknown role', { messages: [{ role: 'robot', content: 'x' }] }, 'messages[0].role', 'invalid_value'],
    ['content of a wrong type', { messages: [{ role: 'user', content: 5 }] }, 'messages[0].content', 'invalid_type'],
    ['a result without its call', { messages: [{ role: 'tool', content: 'x' }] }, 'messages.[0].role', null],
    ['too high a temperature', { temperature: 3 }, 'temperature', 'decimal_above_max_value'],
    ['no choices', { n: 0 }, 'n', 'integer_below_min_value'],
    ['both maxima', { max_tokens: 1, max_completion_tokens: 1 }, 'max_tokens', 'invalid_parameter_combination'],
    ['stream options without a stream', { stream_options: { include_usage: true } }, 'stream_options', null],
    [
      'a tool without a name',
      { tools: [{ type: 'function' }] },
      'tools[0].function.name',
      'missing_required_parameter',
    ],
    ['a choice without tools', { tool_choice: 'auto' }, 'tool_choice', null],
    ['json_object without the word', { response_format: { type: 'json_object' } }, 'messages', null],
    ['no model', { model: undefined }, null, null],
  ];
  test.each(cases)('%s is a 400 that names the field', async (_title, change, param, code) => {
    const body = JSON.stringify({ model: 'sandbox-chat', messages, ...change });
    const answer = await sandbox.post(body);
    expect(answer.status).toBe(400);
    expect(await answer.json()).toEqual({
      error: { message: expect.any(String), type: 'invalid_request_error', param, code },
    });
  });

  test('that is not JSON is a 400', async () => {
    const answer = await sandbox.post('{"model": ');
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ error: { message: expect.stringContaining('could not parse') } });
  });

  test('without a key, or with one it does not know, is a 401', async () => {
    expect((await fetch(`${sandbox.url()}/v1/models`)).status).toBe(401);
    const stranger = new OpenAI({ apiKey: 'sk-stranger', baseURL: `${sandbox.url()}/v1`, maxRetries: 0 });
    await expect(stranger.models.list()).rejects.toBeInstanceOf(AuthenticationError);
  });

  test('to an unknown path, or with another method, is a 404 or a 405', async () => {
    const headers = { authorization: `Bearer ${SANDBOX_CREDENTIAL}` };
    expect((await fetch(`${sandbox.url()}/v1/audio`, { headers })).status).toBe(404);
    expect((await fetch(`${sandbox.url()}/v1/chat/completions`, { headers })).status).toBe(405);
  });
});

describe('models', () => {
  test('are listed and can be looked up', async () => {
    const listed = [];
    for await (const model of sandbox.client.models.list()) listed.push(model.id);
    expect(listed).toContain('sandbox-chat');
    expect(await sandbox.client.models.retrieve('sandbox-chat--429')).toMatchObject({ object: 'model' });
    await expect(sandbox.client.models.retrieve('nobody')).rejects.toBeInstanceOf(NotFoundError);
  });
});

describe('faults on request', () => {
  test('429 with retry-after', async () => {
    const error = await ask('sandbox-chat--429--retry-after-7').catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(RateLimitError);
    expect(error).toMatchObject({ code: 'rate_limit_exceeded' });
    expect((error as APIError).headers?.get('retry-after')).toBe('7');
  });

  test('500, 400 and an unknown directive', async () => {
    await expect(ask('sandbox-chat--500')).rejects.toBeInstanceOf(InternalServerError);
    await expect(ask('sandbox-chat--400')).rejects.toMatchObject({ status: 400, code: 'sandbox_refusal' });
    await expect(ask('sandbox-chat--nonsense')).rejects.toMatchObject({ status: 404, code: 'model_not_found' });
  });

  test('a cut in a stream, a whole answer and before the head', async () => {
    await expect(drain('sandbox-chat--cut-5')).rejects.toThrow();
    await expect(ask('sandbox-chat--cut-5')).rejects.toThrow();
    await expect(ask('sandbox-chat--cut-0')).rejects.toBeInstanceOf(APIConnectionError);
    const cut = (await sandbox.log()).filter((entry) => entry.body.includes('--cut-'));
    expect(cut.map((entry) => [entry.finished, entry.aborted])).toEqual(cut.map(() => [false, false]));
  });

  test('an error event after some events', async () => {
    const seen: unknown[] = [];
    const reading = (async () => {
      for await (const chunk of await stream('sandbox-chat--error-event-3')) seen.push(chunk);
    })();
    await expect(reading).rejects.toBeInstanceOf(APIError);
    expect(seen).toHaveLength(3);
  });

  test('no usage, though asked for', async () => {
    expect((await ask('sandbox-chat--no-usage')).usage).toBeUndefined();
  });

  test('a pause between chunks and before the head', async () => {
    expect(await drain('sandbox-chat--delay-2--words-5--slow-first-1')).toBe(7);
  });
});

describe('the log', () => {
  test('keeps what was received with the credential masked, and can be cleared', async () => {
    const body = '{"b":1,"model":"sandbox-chat","x":12345678901234567890,"messages":[{"role":"user","content":"é"}]}';
    expect((await sandbox.post(body)).status).toBe(200);
    const entry = (await sandbox.log()).at(-1);
    expect(entry).toMatchObject({ method: 'POST', path: '/v1/chat/completions', body, status: 200, finished: true });
    expect(entry?.headers['authorization']).toBe(`Bearer …${SANDBOX_CREDENTIAL.slice(-4)}`);
    await fetch(`${sandbox.url()}/__log`, { method: 'DELETE' });
    expect(await sandbox.log()).toEqual([]);
  });

  test('notes a caller that left a hanging stream', async () => {
    const leaving = new AbortController();
    const hanging = await sandbox.client.chat.completions.create(
      { model: 'sandbox-chat--hang-3', messages, stream: true },
      { signal: leaving.signal },
    );
    let seen = 0;
    for await (const _ of hanging) {
      seen += 1;
      if (seen === 3) leaving.abort();
    }
    let entry = (await sandbox.log()).at(-1);
    while (entry?.aborted !== true) entry = (await sandbox.log()).at(-1);
    expect(entry).toMatchObject({ finished: false, aborted: true, msUntilAbort: expect.any(Number) });
  });
});

describe('the clock', () => {
  test('takes an ISO time or milliseconds, and says when nobody followed', async () => {
    expect((await moveClock('{"now":"2027-01-31T23:59:00Z"}')).status).toBe(200);
    expect((await moveClock('{"now":1800000000000}')).status).toBe(200);
    expect(sandbox.clockMoves).toEqual([Date.parse('2027-01-31T23:59:00Z'), 1_800_000_000_000]);
    expect((await moveClock('{"now":"soon"}')).status).toBe(400);
    expect((await moveClock('{')).status).toBe(400);
    expect((await moveClock('{"now":0}')).status).toBe(504);
  });
});
