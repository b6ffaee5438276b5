import { gzipSync } from 'node:zlib';
import { chatBody, jsonOf } from '../../support/fake-upstream.ts';
import { CHAT, call, startRig, type Rig } from './rig.ts';

/** The shape in which each SDK reads an error; `code` is ours where the shape has a place for it. */
const SHAPES = {
  openai: (status: number, code: string) => ({
    error: { message: expect.any(String), type: expect.any(String), param: null, code },
    status,
  }),
  anthropic: (status: number) => ({
    type: 'error',
    error: { type: expect.stringMatching(/_error$/), message: expect.any(String) },
    request_id: expect.stringMatching(/^\w{16}$/),
    status,
  }),
  google: (status: number, code: string) => ({
    error: {
      code: status,
      message: expect.any(String),
      status: expect.stringMatching(/^[A-Z_]+$/),
      details: expect.arrayContaining([expect.objectContaining({ reason: code.toUpperCase() })]),
    },
    status,
  }),
  chat: (status: number) => ({ success: false, error: expect.any(String), status }),
  union: (status: number, code: string) => ({
    success: false,
    error: expect.any(String),
    error_code: code.toUpperCase(),
    detail: expect.any(String),
    message: expect.any(String),
    request_id: expect.stringMatching(/^\w{16}$/),
    status,
  }),
};

const CALLERS: [path: string, headers: Record<string, string>, shape: keyof typeof SHAPES][] = [
  ['/v1/no/such/path', {}, 'openai'],
  ['/api/v1/images/nothing', {}, 'openai'],
  ['/v1/messages/nothing', {}, 'anthropic'],
  ['/cc/v1/nothing', {}, 'anthropic'],
  ['/v1/nothing', { 'anthropic-version': '2026-10-21' }, 'anthropic'],
  ['/v1beta/nothing', {}, 'google'],
  ['/v1/nothing', { 'x-goog-api-key': 'k' }, 'google'],
  ['/v1/nothing', { 'x-goog-api-client': 'genai-js/3.1' }, 'google'],
  ['/api/chat/nothing', {}, 'chat'],
  ['/api/plugin-api/nothing', {}, 'union'],
];

describe('an error of the relay', () => {
  let rig: Rig;
  beforeAll(async () => {
    rig = await startRig();
    rig.upstream.answer(jsonOf(chatBody('Hello')));
  });
  afterAll(() => rig.close());

  it.each(CALLERS)('on %s with %j has the shape of %s', async (path, headers, shape) => {
    const answer = await call(rig, { path, headers });
    expect({ ...answer.json, status: answer.status }).toEqual(SHAPES[shape](404, 'not_found'));
    expect(answer.headers).toMatchObject({
      'content-type': 'application/json',
      'x-request-id': expect.any(String),
      'x-sluice-request-id': expect.any(String),
    });
  });

  const HEADED: [Record<string, string>, keyof typeof SHAPES][] = [
    [{}, 'openai'],
    [{ 'anthropic-version': '2023-06-01' }, 'anthropic'],
    [{ 'x-goog-api-client': 'genai-js/3.1' }, 'google'],
  ];
  const FAULTS: [code: string, status: number, change: object][] = [
    ['missing_key', 401, { headers: { authorization: '' } }],
    ['invalid_api_key', 401, { headers: { authorization: 'Bearer sk-nobody-has-this-key' } }],
    ['method_not_allowed', 405, { method: 'GET', path: '/v1/chat/completions' }],
    ['invalid_json', 400, { body: '{' }],
    ['model_not_found', 404, { body: JSON.stringify({ ...CHAT, model: 'nope' }) }],
    ['unsupported_media_type', 415, { headers: { 'content-encoding': 'snappy' } }],
    ['bad_request', 400, { headers: { 'content-encoding': 'gzip' } }],
  ];
  const table = HEADED.flatMap(([headers, shape]) => FAULTS.map((fault) => [shape, ...fault, headers] as const));
  it.each(table)('for a caller of %s: %s is a %d', async (shape, code, status, change, headers) => {
    const given = change as { headers?: Record<string, string> };
    const answer = await call(rig, { ...change, headers: { ...headers, ...given.headers } });
    const { error, ...rest } = answer.json as { error: Record<string, unknown> };
    const known = 'param' in error ? { ...error, param: null } : error;
    const details = known['details'] as object[] | undefined;
    expect({ ...rest, error: details ? { ...known, details } : known, status: answer.status }).toEqual(
      SHAPES[shape](status, code),
    );
    if (status === 405) expect(answer.headers['allow']).toBe('POST');
    if (status === 415) expect(answer.headers['accept-encoding']).toContain('zstd');
  });

  it('of a bomb is a 413, and a compressed request reaches the upstream plain', async () => {
    const text = JSON.stringify({ ...CHAT, messages: [{ role: 'user', content: 'squeezed' }] });
    const before = rig.upstream.requests.length;
    const headers = { 'content-encoding': 'gzip' };
    const answer = await call(rig, { headers, body: gzipSync(text) });
    expect(answer.status).toBe(200);
    const [seen] = rig.upstream.requests.slice(before);
    expect(seen?.body).toContain('squeezed');
    expect(seen?.headers['content-encoding']).toBeUndefined();
    const bomb = gzipSync(JSON.stringify({ ...CHAT, filler: ' '.repeat(20 * 1024 * 1024) }));
    expect(bomb.length).toBeLessThan(100_000);
    const refused = await call(rig, { headers: { ...headers, 'anthropic-version': '2023-06-01' }, body: bomb });
    expect(refused.status).toBe(413);
    expect(refused.json).toMatchObject({ type: 'error', error: { type: 'request_too_large' } });
  });
});
