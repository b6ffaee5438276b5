import { jsonOf, chatBody } from '../../support/fake-upstream.ts';
import { createMemoryCatalogStore } from '../../support/memory-stores.ts';
import {
  aCredential,
  aKey,
  aModel,
  anUpstream,
  aUser,
  call,
  CHAT,
  NOW,
  startRig,
  type CallOptions,
  type Rig,
  type RigOptions,
} from './rig.ts';

interface Refusal {
  title: string;
  rig?: RigOptions;
  call?: CallOptions;
  status: number;
  code: string;
  param?: string;
  message?: RegExp;
}

const POST_PATH = '/v1/chat/completions';
const REFUSALS: Refusal[] = [
  { title: 'no key', call: { headers: { authorization: '' } }, status: 401, code: 'missing_key' },
  { title: 'another scheme', call: { headers: { authorization: 'Basic eDp5' } }, status: 401, code: 'missing_key' },
  {
    title: 'a wrong key',
    call: { headers: { authorization: 'Bearer sk-wrong' } },
    status: 401,
    code: 'invalid_api_key',
  },
  {
    title: 'a mistyped generated key',
    call: { headers: { authorization: 'bearer sk-sluice1-abc' } },
    status: 401,
    code: 'invalid_api_key',
  },
  { title: 'a disabled key', rig: { keys: [aKey({ enabled: false })] }, status: 401, code: 'key_disabled' },
  { title: 'an expired key', rig: { keys: [aKey({ expiresAt: NOW })] }, status: 401, code: 'key_expired' },
  { title: 'a key of nobody', rig: { users: [] }, status: 401, code: 'invalid_api_key' },
  { title: 'a disabled owner', rig: { users: [aUser({ enabled: false })] }, status: 403, code: 'account_disabled' },
  {
    title: 'an address outside the key’s list',
    rig: { keys: [aKey({ allowedIps: ['192.0.2.7'] })] },
    status: 403,
    code: 'ip_not_allowed',
  },
  { title: 'a silenced owner', rig: { users: [aUser({ silenced: true })] }, status: 403, code: 'account_silenced' },
  {
    title: 'an owner with an unverified address',
    rig: { users: [aUser({ email: 'a@b.example' })] },
    status: 401,
    code: 'email_not_verified',
  },
  {
    title: 'a model outside the key’s list',
    rig: { keys: [aKey({ models: ['other'] })] },
    status: 403,
    code: 'model_not_allowed',
    param: 'model',
  },
  {
    title: 'an unknown model',
    call: { body: { ...CHAT, model: 'nope' } },
    status: 404,
    code: 'model_not_found',
    param: 'model',
    message: /'nope'/,
  },
  {
    title: 'a model that nobody serves',
    rig: { models: [aModel({ routes: [] })] },
    status: 503,
    code: 'no_credential',
  },
  {
    title: 'only disabled credentials',
    rig: { credentials: [aCredential('first', 'a', { enabled: false })] },
    status: 503,
    code: 'no_credential',
  },
  {
    title: 'malformed JSON',
    call: { body: '{"model": "public",\n "messages": [}' },
    status: 400,
    code: 'invalid_json',
    message: /line 2, column 15/,
  },
  { title: 'an empty body', call: { body: '' }, status: 400, code: 'invalid_json', message: /end of JSON/ },
  { title: 'a body that is no object', call: { body: '[1]' }, status: 400, code: 'invalid_json' },
  { title: 'no messages', call: { body: { model: 'public' } }, status: 400, code: 'invalid_field', param: 'messages' },
  {
    title: 'messages of null',
    call: { body: { model: 'public', messages: null } },
    status: 400,
    code: 'invalid_field',
    param: 'messages',
  },
  {
    title: 'messages of another type',
    call: { body: { model: 'public', messages: 'hi' } },
    status: 400,
    code: 'invalid_field',
    param: 'messages',
  },
  {
    title: 'no message in the list',
    call: { body: '{"model":"public","messages": [ \n ]}' },
    status: 400,
    code: 'invalid_field',
    param: 'messages',
  },
  {
    title: 'bytes that are not UTF-8',
    call: { body: Buffer.from('{"model":"public","messages":[{"content":"\xff"}]}', 'latin1') },
    status: 400,
    code: 'invalid_json',
    message: /UTF-8.*byte 42/,
  },
  { title: 'no model', call: { body: { messages: [] } }, status: 400, code: 'invalid_field', param: 'model' },
  {
    title: 'a model of another type',
    call: { body: { ...CHAT, model: 5 } },
    status: 400,
    code: 'invalid_field',
    param: 'model',
  },
  {
    title: 'a stream flag of another type',
    call: { body: { ...CHAT, stream: 'yes' } },
    status: 400,
    code: 'invalid_field',
    param: 'stream',
  },
  {
    title: 'stream options of another type',
    call: { body: { ...CHAT, stream_options: [] } },
    status: 400,
    code: 'invalid_field',
    param: 'stream_options',
  },
  {
    title: 'a body that is too large',
    call: { body: Buffer.alloc(1024 * 1024 + 1, 0x20) },
    status: 413,
    code: 'body_too_large',
  },
  {
    title: 'an unknown path',
    call: { path: '/v1/unknown' },
    status: 404,
    code: 'not_found',
    message: /POST \/v1\/unknown/,
  },
  {
    title: 'an unknown path without a key',
    call: { path: '/v1/', headers: { authorization: '' } },
    status: 404,
    code: 'not_found',
  },
  { title: 'a method that is not allowed', call: { method: 'GET' }, status: 405, code: 'method_not_allowed' },
  {
    title: 'an upstream of a format that cannot be reached from here',
    rig: { upstreams: (url) => [anUpstream('first', url, { format: 'openai-images' })] },
    status: 502,
    code: 'upstream_error',
    message: /"first".*openai-images/,
  },
  {
    title: 'a credential of a kind that the upstream does not take',
    rig: { credentials: [aCredential('first', 'a', { kind: 'aws_role' })] },
    status: 502,
    code: 'upstream_error',
    message: /api_key/,
  },
  {
    title: 'an upstream inside our network',
    rig: { settings: { allowedUpstreamNetworks: [] } },
    status: 502,
    code: 'upstream_address_refused',
  },
  {
    title: 'an upstream that is not there',
    rig: { upstreams: () => [anUpstream('first', 'http://127.0.0.1:1/v1')] },
    status: 502,
    code: 'upstream_unreachable',
  },
];

describe('a refusal', () => {
  it.each(REFUSALS)('of $title is $status $code in OpenAI’s shape', async (refusal) => {
    const rig = await startRig(refusal.rig);
    rig.upstream.answer(jsonOf(chatBody('never')));
    const answer = await call(rig, refusal.call);
    await rig.close();

    expect(answer.status).toBe(refusal.status);
    expect(answer.headers['content-type']).toBe('application/json');
    expect(answer.json).toEqual({
      error: {
        message: expect.stringMatching(refusal.message ?? /\w+ \w+/),
        type: expect.any(String),
        param: refusal.param ?? null,
        code: refusal.code,
      },
    });
    expect(rig.upstream.requests).toHaveLength(0);
    if (refusal.status !== 413) expect(answer.headers['server-timing']).toMatch(/\btotal;dur=[\d.]+$/);
    if (refusal.status !== 413) expect(answer.headers['x-sluice-request-id']).toMatch(/^[0-9a-z]{16}$/);
  });

  it('of a method names those that are allowed', async () => {
    const rig = await startRig();
    const answers = [await call(rig, { method: 'GET', path: POST_PATH }), await call(rig, { path: '/v1/models' })];
    await rig.close();
    expect(answers.map(({ headers }) => headers['allow'])).toEqual(['POST', 'GET, HEAD']);
  });

  it('tells nothing of a store’s own error', async () => {
    const findKeyByDigest = () => Promise.reject(new Error('table Identity-XYZ is gone'));
    const identity = { findKeyByDigest, findKeyById: async () => null, findUserById: async () => aUser() };
    const rig = await startRig({ deps: { identity } });
    const answer = await call(rig);
    await rig.close();
    expect(answer.status).toBe(503);
    expect(answer.text).not.toContain('Identity-XYZ');
  });
});

describe('keys and users', () => {
  it('are believed no longer than the cache may last, and wrong keys are remembered too', async () => {
    let reads = 0;
    const findKeyByDigest = async (): Promise<null> => {
      reads += 1;
      return null;
    };
    const identity = { findKeyByDigest, findKeyById: async () => null, findUserById: async () => aUser() };
    const rig = await startRig({ deps: { identity } });
    await call(rig);
    await call(rig);
    await rig.close();
    expect(reads).toBe(1);
  });
});

describe('the list of models', () => {
  let rig: Rig;
  afterEach(() => rig.close());
  const models = [aModel(), aModel({ name: 'meta/llama 3' }), aModel({ name: 'hidden' })];

  it('holds what the key may use, in OpenAI’s shape', async () => {
    rig = await startRig({ models, keys: [aKey({ models: ['public', 'meta/llama 3'] })] });
    for (const path of ['/v1/models', '/api/v1/models']) {
      const answer = await call(rig, { method: 'GET', path });
      expect(answer.status).toBe(200);
      expect(answer.json.object).toBe('list');
      expect(answer.json.data.map((model: { id: string }) => model.id)).toEqual(['meta/llama 3', 'public']);
      expect(answer.json.data[1]).toEqual({ id: 'public', object: 'model', created: NOW / 1000, owned_by: 'sluice' });
    }
  });

  it('gives one by its name, slashes and escapes included', async () => {
    rig = await startRig({ models });
    for (const name of ['meta/llama%203', 'meta%2Fllama%203']) {
      const answer = await call(rig, { method: 'GET', path: `/v1/models/${name}` });
      expect(answer.json).toMatchObject({ id: 'meta/llama 3' });
    }
  });

  it('knows nothing of models that the key may not use', async () => {
    rig = await startRig({ models, keys: [aKey({ models: ['public'] })] });
    const answer = await call(rig, { method: 'GET', path: '/v1/models/hidden' });
    expect(answer.status).toBe(404);
    expect(answer.json.error.code).toBe('model_not_found');
  });

  it('wants a key', async () => {
    rig = await startRig();
    const answer = await call(rig, { method: 'GET', path: '/v1/models', headers: { authorization: '' } });
    expect(answer.status).toBe(401);
  });
});

describe('browsers', () => {
  let rig: Rig;
  afterEach(() => rig.close());
  const preflight = {
    method: 'OPTIONS',
    headers: {
      authorization: '',
      origin: 'https://app.example',
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'authorization,x-stainless-os',
    },
  };

  it('may call from an origin of the settings, with the headers their SDK sends', async () => {
    rig = await startRig({ settings: { browserOrigins: ['https://app.example'] } });
    rig.upstream.answer(jsonOf(chatBody('Hello')));
    const asked = await call(rig, preflight);
    expect(asked.status).toBe(204);
    expect(asked.headers).toMatchObject({
      'access-control-allow-origin': 'https://app.example',
      'access-control-allow-methods': 'POST',
      'access-control-allow-headers': 'authorization,x-stainless-os',
      vary: 'origin',
    });
    const answer = await call(rig, { headers: { origin: 'https://app.example' } });
    expect(answer.headers['access-control-allow-origin']).toBe('https://app.example');
    expect(answer.headers['access-control-expose-headers']).toContain('x-request-id');
    const refused = await call(rig, { headers: { origin: 'https://app.example', authorization: '' } });
    expect(refused.headers['access-control-allow-origin']).toBe('https://app.example');
  });

  it.each(['https://app.example\u00e9', `https://${'x'.repeat(300)}`])(
    'may not have anything but an origin echoed, even where all may call: %s',
    async (origin) => {
      rig = await startRig({ settings: { browserOrigins: ['*'] } });
      const answer = await call(rig, {
        headers: { origin: Buffer.from(origin).toString('latin1'), authorization: '' },
      });
      expect(answer.headers['access-control-allow-origin']).toBeUndefined();
      const names = { ...preflight.headers, 'access-control-request-headers': 'x<script>' };
      const asked = await call(rig, { method: 'OPTIONS', headers: names });
      expect(asked.headers['access-control-allow-headers']).toBe('authorization, content-type');
    },
  );

  it('learn of a wrong path and of a missing key too', async () => {
    rig = await startRig({ settings: { browserOrigins: ['https://app.example'] } });
    for (const path of ['/v1/no/such/path', '/v1/models']) {
      const headers = { origin: 'https://app.example', authorization: '' };
      const answer = await call(rig, { method: 'GET', path, headers });
      expect(answer.headers['access-control-allow-origin']).toBe('https://app.example');
    }
  });

  it('of any origin learn that the settings, which name theirs, are out of reach', async () => {
    const catalog = { ...createMemoryCatalogStore(), readSettings: () => Promise.reject(new Error('no table')) };
    rig = await startRig({ deps: { catalog } });
    const answer = await call(rig, { headers: { origin: 'https://app.example' } });
    expect([answer.status, answer.headers['access-control-allow-origin']]).toEqual([503, '*']);
  });

  it('may not call from elsewhere', async () => {
    rig = await startRig();
    rig.upstream.answer(jsonOf(chatBody('Hello')));
    expect((await call(rig, preflight)).status).toBe(405);
    const answer = await call(rig, { headers: { origin: 'https://app.example' } });
    expect(answer.headers['access-control-allow-origin']).toBeUndefined();
  });
});
