import { beforeAll, describe, expect, test } from '@jest/globals';
import {
  APIError,
  AuthenticationError,
  BadRequestError,
  InternalServerError,
  NotFoundError,
  PermissionDeniedError,
  RateLimitError,
} from 'openai';
import { chosenSecret, importInto, marker, openAiClient, receivedWith, userSays } from '../support/gateway.ts';
import { sharedStack } from '../support/stack.ts';

const ready = sharedStack();
const client = openAiClient(ready);
const narrow = chosenSecret();
const disabled = chosenSecret();
const expired = chosenSecret();

beforeAll(async () => {
  await importInto(ready, {
    version: 1,
    keys: [
      { name: 'refusals-narrow', owner: 'admin', secret: narrow, models: ['sandbox-chat--words-5'] },
      { name: 'refusals-disabled', owner: 'admin', secret: disabled, enabled: false },
      { name: 'refusals-expired', owner: 'admin', secret: expired, expiresAt: '2026-01-01T00:00:00Z' },
    ],
  });
});

async function errorOf(call: PromiseLike<unknown>): Promise<APIError> {
  try {
    await call;
  } catch (error) {
    return error as APIError;
  }
  throw new Error('the call was answered');
}

function chat(body: object, key = ready.apiKey, path = '/v1/chat/completions'): Promise<Response> {
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
  return fetch(`${ready.url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
}

/** Asserts OpenAI's shape: all four members, a sentence, and our request id beside it. */
async function expectOpenAiError(response: Response, status: number, error: object): Promise<void> {
  expect(response.status).toBe(status);
  expect(response.headers.get('content-type')).toMatch(/^application\/json/);
  const body = (await response.json()) as { error: object };
  expect(Object.keys(body.error).toSorted()).toEqual(['code', 'message', 'param', 'type']);
  expect(body.error).toMatchObject({ message: expect.stringMatching(/\w+ \w+/), ...error });
}

const ask = { model: 'sandbox-chat--words-5', messages: userSays('Hi') };

describe('a key', () => {
  test.each([
    ['that nobody knows', () => chosenSecret(), 'invalid_api_key'],
    ['of our prefix with a wrong checksum', () => `sk-sluice1-${'A'.repeat(46)}`, 'invalid_api_key'],
    ['that is disabled', () => disabled, 'key_disabled'],
    ['that has expired', () => expired, 'key_expired'],
  ])('%s is a 401 AuthenticationError', async (_title, secret, code) => {
    const error = await errorOf(openAiClient(ready, secret()).chat.completions.create(ask));
    expect(error).toBeInstanceOf(AuthenticationError);
    expect(error).toMatchObject({ status: 401, code, message: expect.stringMatching(/key/i) });
  });

  test('that is missing is a 401 in OpenAI’s shape, on models too', async () => {
    const body = JSON.stringify(ask);
    const answer = await fetch(`${ready.url}/v1/chat/completions`, { method: 'POST', body });
    await expectOpenAiError(answer, 401, { code: 'missing_key' });
    await expectOpenAiError(await fetch(`${ready.url}/v1/models`), 401, { code: 'missing_key' });
  });

  test('that may not use the model is a 403 PermissionDeniedError, and sees only its models', async () => {
    const limited = openAiClient(ready, narrow);
    const error = await errorOf(limited.chat.completions.create({ ...ask, model: 'sandbox-chat' }));
    expect(error).toBeInstanceOf(PermissionDeniedError);
    expect(error).toMatchObject({ status: 403, code: 'model_not_allowed' });
    await limited.chat.completions.create(ask);
    const models = [];
    for await (const model of limited.models.list()) models.push(model.id);
    expect(models).toEqual(['sandbox-chat--words-5']);
  });
});

describe('a request', () => {
  test('for an unknown model is a 404 NotFoundError model_not_found', async () => {
    const error = await errorOf(client.chat.completions.create({ ...ask, model: 'no-such-model' }));
    expect(error).toBeInstanceOf(NotFoundError);
    expect(error).toMatchObject({
      status: 404,
      code: 'model_not_found',
      message: expect.stringContaining('no-such-model'),
    });
    const lookedUp = await errorOf(client.models.retrieve('no-such-model'));
    expect(lookedUp).toBeInstanceOf(NotFoundError);
    expect(lookedUp).toMatchObject({ code: 'model_not_found' });
  });

  test('of malformed JSON is a 400 that names the position', async () => {
    const headers = { authorization: `Bearer ${ready.apiKey}`, 'content-type': 'application/json' };
    const body = '{"model":"sandbox-chat","messages":[{"role":"user",}]}';
    const answer = await fetch(`${ready.url}/v1/chat/completions`, { method: 'POST', headers, body });
    const position = body.indexOf(',}') + 1;
    await expectOpenAiError(answer, 400, {
      code: 'invalid_json',
      message: expect.stringMatching(new RegExp(`\\b${position}\\b|line 1, column ${position + 1}`)),
    });
  });

  test.each([
    ['messages', { model: 'sandbox-chat' }],
    ['model', { messages: userSays('Hi') }],
  ])('without %s is a 400 BadRequestError that names the field', async (param, body) => {
    const error = await errorOf(client.chat.completions.create(body as typeof ask));
    expect(error).toBeInstanceOf(BadRequestError);
    expect(error).toMatchObject({ status: 400, param, message: expect.stringContaining(param) });
  });

  test.each([
    ['model', { ...ask, model: 5 }],
    ['messages', { ...ask, messages: 'Hi' }],
    ['stream', { ...ask, stream: 'yes' }],
  ])('with %s of a wrong type is a 400 that names the field', async (param, body) => {
    await expectOpenAiError(await chat(body), 400, { param });
  });

  test('that is not an object is a 400', async () => {
    await expectOpenAiError(await chat([1, 2]), 400, {});
  });

  test('that is too large is a 413, with its length announced or not', async () => {
    const large = { ...ask, messages: userSays('x'.repeat(6_500_000)) };
    const error = await errorOf(client.chat.completions.create(large));
    expect(error).toBeInstanceOf(APIError);
    expect(error).toMatchObject({ status: 413, code: 'body_too_large' });
    const bytes = new TextEncoder().encode(JSON.stringify(large));
    const body = new ReadableStream({
      start(controller) {
        controller.enqueue(bytes);
        controller.close();
      },
    });
    const headers = { authorization: `Bearer ${ready.apiKey}`, 'content-type': 'application/json' };
    const init = { method: 'POST', headers, body, duplex: 'half' } as RequestInit;
    const unannounced = await fetch(`${ready.url}/v1/chat/completions`, init);
    expect(unannounced.status).toBe(413);
  });

  test('to an unknown path is a 404, with another method a 405 that names the right one', async () => {
    await expectOpenAiError(await chat(ask, ready.apiKey, '/v1/no/such/path'), 404, { code: 'not_found' });
    const headers = { authorization: `Bearer ${ready.apiKey}` };
    const wrongMethod = await fetch(`${ready.url}/v1/chat/completions`, { headers });
    expect(wrongMethod.headers.get('allow')).toContain('POST');
    await expectOpenAiError(wrongMethod, 405, { code: 'method_not_allowed' });
    await expectOpenAiError(await chat({}, ready.apiKey, '/v1/models'), 405, { code: 'method_not_allowed' });
  });

  test('that is refused never reaches the upstream', async () => {
    const mark = marker();
    await chat({ ...ask, messages: userSays(mark) }, chosenSecret());
    await chat({ ...ask, model: 'no-such-model', messages: userSays(mark) });
    await chat({ ...ask, model: 'sandbox-chat', messages: userSays(mark) }, narrow);
    expect(await receivedWith(ready, mark)).toEqual([]);
  });
});

describe('what the upstream refuses', () => {
  test('because of the caller is passed on unchanged', async () => {
    const refused = { model: 'sandbox-chat', messages: [{ role: 'robot', content: 'Hi' }] };
    const direct = await fetch(`${ready.sandboxUrl}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: 'Bearer sk-sandbox-upstream-credential' },
      body: JSON.stringify(refused),
    });
    const relayed = await chat(refused);
    expect(relayed.status).toBe(400);
    expect(await relayed.text()).toBe(await direct.text());
    const error = await errorOf(client.chat.completions.create({ ...ask, model: 'sandbox-chat--400' }));
    expect(error).toBeInstanceOf(BadRequestError);
    expect(error).toMatchObject({ code: 'sandbox_refusal', param: 'messages' });
  });

  test('for its rate is a 429 RateLimitError with retry-after', async () => {
    const error = await errorOf(client.chat.completions.create({ ...ask, model: 'sandbox-chat--429--retry-after-7' }));
    expect(error).toBeInstanceOf(RateLimitError);
    expect(error.headers?.get('retry-after')).toBe('7');
    const streamed = await errorOf(
      client.chat.completions.create({ ...ask, model: 'sandbox-chat--429', stream: true }),
    );
    expect(streamed).toBeInstanceOf(RateLimitError);
  });

  test('with a failure of its own is an error the SDK knows', async () => {
    const error = await errorOf(client.chat.completions.create({ ...ask, model: 'sandbox-chat--500' }));
    expect(error).toBeInstanceOf(InternalServerError);
    expect(error.status).toBeGreaterThanOrEqual(500);
    expect(error.message).toMatch(/\w+ \w+/);
  });
});
