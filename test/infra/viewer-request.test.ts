import { readFileSync } from 'node:fs';
import { createContext, runInContext } from 'node:vm';
import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { ROUTES } from '../../functions/admin/routes.ts';
import { RELAY_ROUTES } from '../../functions/relay/routes.ts';
import type { ErrorCode } from '../../layers/kit/errors/catalogue.ts';
import { GatewayError } from '../../layers/kit/errors/gateway-error.ts';
import { encodeFailure } from '../../layers/kit/http/path-envelopes.ts';
import { GENERATED_KEY_PREFIX, generateApiKey, isPlausibleApiKey } from '../../layers/kit/ids/api-key.ts';

interface EdgeHeaders {
  [name: string]: { value: string };
}
interface EdgeRequest {
  method: string;
  uri: string;
  querystring: object;
  headers: EdgeHeaders;
}
interface EdgeResponse {
  statusCode: number;
  headers: EdgeHeaders;
  body?: { encoding: string; data: string };
}

const source = readFileSync('infra/edge/viewer-request.js', 'utf8');
const NOW = 1_790_000_000_000;

/** The function as CloudFront would have it: nothing in reach but the language itself. */
function load(settings?: object): (event: object) => EdgeRequest | EdgeResponse {
  const code =
    settings === undefined
      ? source
      : source.replace(/^const SETTINGS = .*$/m, `const SETTINGS = ${JSON.stringify(settings)};`);
  const context = createContext({});
  runInContext(`Date.now = () => ${NOW};\n${code}`, context);
  return (event) => {
    context.event = event;
    return JSON.parse(String(runInContext('JSON.stringify(handler(event))', context))) as EdgeRequest | EdgeResponse;
  };
}

const edge = load();

function send(
  uri: string,
  headers: Record<string, string> = {},
  options: { method?: string; run?: typeof edge } = {},
): EdgeRequest | EdgeResponse {
  const given = Object.entries({ host: 'llm.example.com', ...headers }).map(([name, value]) => [name, { value }]);
  return (options.run ?? edge)({
    version: '1.0',
    context: { eventType: 'viewer-request', requestId: 'cdn-id-1==' },
    viewer: { ip: '203.0.113.9' },
    request: {
      method: options.method ?? 'POST',
      uri,
      querystring: {},
      headers: Object.fromEntries(given),
      cookies: {},
    },
  });
}

function get(uri: string): EdgeRequest | EdgeResponse {
  return send(uri, {}, { method: 'GET' });
}

function answerOf(result: EdgeRequest | EdgeResponse): { status: number; body: unknown; headers: EdgeHeaders } {
  if (!('statusCode' in result)) throw new Error('the request went on to the origin');
  const body: unknown = result.body === undefined ? undefined : JSON.parse(result.body.data);
  return { status: result.statusCode, body, headers: result.headers };
}

function forwarded(result: EdgeRequest | EdgeResponse): EdgeRequest {
  if ('statusCode' in result) throw new Error(`answered ${result.statusCode}`);
  return result;
}

const WRONG_KEY = `${GENERATED_KEY_PREFIX}${'x'.repeat(46)}`;

test('fits into CloudFront and uses only what its runtime has', () => {
  expect(Buffer.byteLength(source)).toBeLessThan(10_000);
  expect(source).not.toMatch(/\bfor \(const|\?\.|\?\?|const \{|const \[|\.\.\.|\bimport\b|\brequire\b|console\./);
});

describe('trusted headers', () => {
  test('address and viewer are what the CDN saw, whatever the client claims', () => {
    const { headers } = forwarded(
      send('/v1/models', { 'x-forwarded-host': 'evil.example', 'x-sluice-viewer-ip': '127.0.0.1' }, { method: 'GET' }),
    );
    expect(headers['x-forwarded-host']).toEqual({ value: 'llm.example.com' });
    expect(headers['x-sluice-viewer-ip']).toEqual({ value: '203.0.113.9' });
  });

  test('no header of our own comes from a client, above all not the origin secret', () => {
    const { headers } = forwarded(send('/v1/models', { 'x-sluice-origin-secret': 'guess', 'x-sluice-anything': '1' }));
    expect(Object.keys(headers).filter((name) => name.startsWith('x-sluice-'))).toEqual(['x-sluice-viewer-ip']);
  });

  test('all other headers go on as they came', () => {
    const { headers } = forwarded(
      send('/v1/chat/completions', { authorization: 'Bearer sk-mine', 'x-request-id': 'r1' }),
    );
    expect(headers).toMatchObject({ authorization: { value: 'Bearer sk-mine' }, 'x-request-id': { value: 'r1' } });
  });
});

describe('keys', () => {
  test('agrees with the code that makes and checks keys, over any text after the prefix', () => {
    const base62 = fc.string({ unit: fc.constantFrom(...'0Zaz9Q'), minLength: 44, maxLength: 48 });
    fc.assert(
      fc.property(fc.oneof(base62, fc.constant(null)), (rest) => {
        const key = rest === null ? generateApiKey() : GENERATED_KEY_PREFIX + rest;
        const passes = !('statusCode' in send('/v1/models', { authorization: `Bearer ${key}` }));
        expect(passes).toBe(isPlausibleApiKey(key));
      }),
      { numRuns: 500 },
    );
  });

  test('passes every generated key and refuses each one with a character changed', () => {
    for (let round = 0; round < 50; round += 1) {
      const key = generateApiKey();
      const place = GENERATED_KEY_PREFIX.length + (round % 46);
      const changed = key.slice(0, place) + (key[place] === 'a' ? 'b' : 'a') + key.slice(place + 1);
      forwarded(send('/v1/models', { authorization: `bearer ${key}` }));
      expect(answerOf(send('/v1/models', { authorization: `bearer ${changed}` })).status).toBe(401);
    }
  });

  test.each(['authorization', 'x-api-key', 'x-goog-api-key'])('looks into %s', (name) => {
    const value = name === 'authorization' ? `BEARER  ${WRONG_KEY}` : WRONG_KEY;
    expect(answerOf(send('/v1/models', { [name]: value })).status).toBe(401);
  });

  test.each(['Bearer sk-chosen-by-an-operator', 'Bearer eyJhbGciOi.J9.x', 'Basic dXNlcjpw', ''])(
    'lets %p through: only the origin can tell',
    (value) => {
      forwarded(send('/v1/models', { authorization: value }));
    },
  );
});

describe('the dialect of a refusal', () => {
  const sentence = expect.stringMatching(/key is not valid/);
  const paths = [
    '/v1/chat/completions',
    '/v1/models',
    '/v1/messages',
    '/v1/messages/count_tokens',
    '/v1/no/such/path',
    '/cc/v1/messages',
    '/v1beta/models/gemini-3:generateContent',
    '/api/v1/chat/completions',
    '/api/v1/models',
    '/api/v1/images/generations',
    '/api/v1/admin/keys',
    '/public-api/refresh',
    '/api/chat',
    '/api/chat/stream',
    '/api/admin/import',
    '/api/plugin-api/chat/completions',
    '/health',
  ];
  const callers: Record<string, string>[] = [
    {},
    { 'anthropic-version': '2023-06-01' },
    { 'x-goog-api-key': 'x' },
    { 'x-goog-api-client': 'genai-js/3' },
  ];
  const faults: [ErrorCode, Record<string, string>][] = [
    ['invalid_api_key', { authorization: `Bearer ${WRONG_KEY}` }],
    ['body_too_large', { 'content-length': '9000000' }],
    ['headers_too_large', { 'x-large': 'x'.repeat(17_000) }],
  ];
  const cases = paths.flatMap((path) =>
    callers.flatMap((caller) => faults.map(([code, headers]) => [path, caller, code, headers] as const)),
  );

  test.each(cases)('%s from a caller with %j: %s is what the origin would say', (path, caller, code, fault) => {
    const headers = { ...caller, ...fault };
    const { status, body, headers: sent } = answerOf(send(path, headers));
    const isRelays = /^\/(?:v1|v1beta|cc)\/|^\/api\/(?:chat|plugin-api|v1\/(?:chat|images|models))/.test(path);
    const told = answerOf(send(isRelays ? '/v1/x' : '/api/x', fault)).body as { message: string; error: Error };
    const message = isRelays ? told.error.message : told.message;
    const error = new GatewayError(code, { message });
    const facts = { path, headers, publicApiPrefix: '/public-api', error, requestId: 'cdn-id-1==' };
    const expected = encodeFailure(facts);
    expect({ status, body }).toEqual({ status: expected.status, body: JSON.parse(expected.body) });
    for (const [name, value] of Object.entries(expected.headers)) expect(sent[name]).toEqual({ value });
  });

  test('carries what every answer carries: ids, build and timing', () => {
    const run = load({ publicApiPrefix: 'public-api', buildId: 'abc123' });
    const refuse = (id: string) =>
      answerOf(send('/v1/models', { authorization: `Bearer ${WRONG_KEY}`, 'x-request-id': id }, { run })).headers;
    expect(refuse('mine-1')).toMatchObject({
      'x-request-id': { value: 'mine-1' },
      'x-sluice-request-id': { value: 'cdn-id-1==' },
      'x-sluice-build': { value: 'abc123' },
      'server-timing': { value: 'edge' },
    });
    expect(refuse('not <fit>')['x-request-id']).toEqual({ value: 'cdn-id-1==' });
  });

  const refused = (path: string, headers: Record<string, string>) =>
    answerOf(send(path, { authorization: `Bearer ${WRONG_KEY}`, ...headers })).headers['access-control-allow-origin'];

  test.each([...new Set(RELAY_ROUTES.map(({ path }) => path.replaceAll(/:\w+/g, 'x')))])(
    'may be read by pages of every origin: %s',
    (path) => {
      expect(refused(path, { origin: 'https://app.example.com' })).toEqual({ value: '*' });
      expect(refused(path, {})).toBeUndefined();
    },
  );

  test('may be read by our own pages alone on the control plane', () => {
    const ours = ROUTES.map(({ path }) => path.replaceAll(/\{\w+\+?\}/g, 'x')).filter((path) => path !== '/health');
    for (const path of [...ours, '/public-api/refresh', '/api/vault/x']) {
      expect([path, refused(path, { origin: 'https://app.example.com' })]).toEqual([path, undefined]);
    }
  });

  test('follows the public prefix of the stage', () => {
    const run = load({ publicApiPrefix: 'tokens' });
    const refusal = answerOf(send('/tokens/refresh', { authorization: `Bearer ${WRONG_KEY}` }, { run }));
    expect(refusal.body).toEqual({ success: false, msg: sentence });
  });
});

describe('bodies that are too large', () => {
  const text = 5 * 1024 * 1024;
  const binary = Math.floor(4.4 * 1024 * 1024);

  test.each<[string, number, number | null]>([
    ['application/json', text, null],
    ['application/json; charset=utf-8', text, null],
    ['application/json', text + 1, 413],
    ['text/plain', text, null],
    ['multipart/form-data; boundary=x', binary, null],
    ['multipart/form-data; boundary=x', binary + 1, 413],
    ['application/octet-stream', text, 413],
    ['', binary + 1, 413],
  ])('%s of %d bytes: %p', (type, length, status) => {
    const result = send('/v1/images/edits', { 'content-type': type, 'content-length': String(length) });
    expect('statusCode' in result ? result.statusCode : null).toBe(status);
  });

  test('are told the way on which larger images come, where there is one', () => {
    const headers = { 'content-type': 'application/json', 'content-length': String(7 * 1024 * 1024) };
    expect(answerOf(send('/v1/images/edits', headers)).body).toMatchObject({
      error: { code: 'body_too_large', message: expect.stringContaining('POST /v1/uploads') },
    });
    expect(JSON.stringify(answerOf(send('/api/admin/import', headers)).body)).not.toContain('uploads');
  });

  test('are refused in the dialect of the path', () => {
    const headers = { 'content-type': 'application/json', 'content-length': String(text + 1) };
    expect(answerOf(send('/v1/chat/completions', headers)).body).toMatchObject({
      error: { type: 'invalid_request_error', code: 'body_too_large' },
    });
    expect(answerOf(send('/v1/messages', headers)).body).toMatchObject({ error: { type: 'request_too_large' } });
    expect(answerOf(send('/v1beta/models/x:generateContent', headers)).body).toMatchObject({ error: { code: 413 } });
    expect(answerOf(send('/api/admin/import', headers)).body).toMatchObject({ error_code: 'BODY_TOO_LARGE' });
  });

  test('the largest bodies that pass fit into the 6 MB that Lambda takes', () => {
    expect(Math.ceil(binary / 3) * 4).toBeLessThan(6_291_456);
    expect(text).toBeLessThan(6_291_456);
  });
});

describe('media', () => {
  const random = 'Zm9vYmFyYmF6cXV4MTIzNA';
  const later = NOW / 1000 + 1;

  test('are served until their second and not after it', () => {
    expect(forwarded(get(`/images/${later}/${random}.png`)).uri).toBe(`/images/${later}/${random}.png`);
    expect(get(`/images/${NOW / 1000}/${random}.png`)).toMatchObject({ statusCode: 404 });
  });

  test('uploads too, whose names tell it in hexadecimal', () => {
    const upload = (seconds: number) => `/images/upload-${seconds.toString(16)}-0123-8456-9789-0123456789ab.png`;
    expect(forwarded(get(upload(later))).uri).toBe(upload(later));
    expect(get(upload(NOW / 1000))).toMatchObject({ statusCode: 404 });
  });

  test.each([
    '/images/',
    '/images/x.png',
    `/images/${later}/short.png`,
    `/images/${later}/${random}`,
    `/images/${later}/${random}.png/x`,
    `/images/${later}/../${random}.png`,
    `/images/99999999999/${random}.png`,
    `/images/-1/${random}.png`,
    `/images/%2e%2e/${random}.png`,
    `/images/${later}/%2e%2e%2f${random}.png`,
    `/images/${later}/..%2f..%2fuploads%2f${random}.png`,
    `/images//${later}/${random}.png`,
    `/images/${later}//${random}.png`,
    `/images/${later}\\${random}.png`,
    `/images/https://evil.example/${random}.png`,
    `/images/u_aHR0cHM6Ly9ldmlsLmV4YW1wbGUvYS5wbmc`,
    `/images/p_L3VzZXJzL2EvZ2VuZXJhdGVkL2IvaW1hZ2UucG5n`,
    `/images/${later}/${random}.png%00.html`,
    `/images/${later}/${random}.p%6eg`,
    '/images/upload-ffffffff-0123-4456-9789-0123456789ab.png',
    '/images/upload-FFFFFFFF-0123-8456-9789-0123456789AB.png',
    '/images/upload-ffffffff-0123-8456-9789-0123456789ab/../x.png',
    '/images/upload-ffffffff-0123-8456-9789-0123456789ab',
  ])('%s is not an address of ours', (uri) => {
    expect(get(uri)).toMatchObject({ statusCode: 404, headers: { 'cache-control': { value: 'no-store' } } });
  });
});

describe('pages', () => {
  test.each(['/', '/login', '/admin/token', '/usage/logs/2026', '/v1', '/apis/x', '/healthy'])(
    '%s is a page',
    (uri) => {
      expect(forwarded(get(uri)).uri).toBe('/index.html');
    },
  );

  test.each(['/assets/index-1a2b3c.js', '/favicon.ico', '/index.html'])('%s is a file', (uri) => {
    expect(forwarded(get(uri)).uri).toBe(uri);
  });

  test.each(['/v1/models', '/v1beta/models', '/cc/v1/messages', '/api/usage/stats', '/public-api/x', '/health'])(
    '%s belongs to a function and keeps its path',
    (uri) => {
      expect(forwarded(get(uri)).uri).toBe(uri);
    },
  );

  test.each([
    ['/manage', '/admin/token'],
    ['/v1/files/image/1/a.png', '/images/1/a.png'],
    ['/v1/files/video/1/a.mp4', '/images/1/a.mp4'],
  ])('%s leads to %s', (uri, location) => {
    expect(answerOf(get(uri))).toMatchObject({
      status: 302,
      headers: { location: { value: location } },
    });
  });
});
