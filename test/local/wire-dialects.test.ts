import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { marker, receivedWith, userSays } from '../support/gateway.ts';
import { sharedStack } from '../support/stack.ts';

const ready = sharedStack();

interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
}

/** One call as it is, whatever method, head or body. */
function send(
  method: string,
  path: string,
  headers: Record<string, string | number> = {},
  body?: Buffer,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(ready.url);
    const call = httpRequest({ hostname, port, method, path, headers, agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (piece: string) => (text += piece));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }));
    });
    call.on('error', reject);
    call.end(body);
  });
}

const openai = {
  error: { message: expect.any(String), type: expect.any(String), param: null, code: expect.any(String) },
};
const anthropic = {
  type: 'error',
  error: { type: expect.stringMatching(/_error|_large/), message: expect.any(String) },
  request_id: expect.any(String),
};
const google = {
  error: {
    code: expect.any(Number),
    message: expect.any(String),
    status: expect.stringMatching(/^[A-Z_]+$/),
    details: expect.any(Array),
  },
};
const union = {
  success: false,
  error: expect.any(String),
  error_code: expect.any(String),
  detail: expect.any(String),
  message: expect.any(String),
};

const CALLERS: [path: string, headers: Record<string, string>, shape: object][] = [
  ['/v1/chat/completions', {}, openai],
  ['/v1/no/such/path', {}, openai],
  ['/api/v1/images/generations', {}, openai],
  ['/v1/messages', {}, anthropic],
  ['/cc/v1/messages', {}, anthropic],
  ['/v1/models', { 'anthropic-version': '2026-10-21' }, anthropic],
  ['/v1beta/models/m:generateContent', {}, google],
  ['/v1/models/m:generateContent', { 'x-goog-api-client': 'genai-js/3.1' }, google],
  ['/api/chat', {}, { success: false, error: expect.any(String) }],
  ['/public-api/refresh', {}, { success: false, msg: expect.any(String) }],
  ['/api/plugin-api/chat/completions', {}, expect.objectContaining(union)],
  ['/api/admin/import', {}, expect.objectContaining(union)],
];
const FAULTS: [fault: string, headers: Record<string, string>, statuses: number[]][] = [
  ['no key', {}, [401, 404, 405]],
  ['a mistyped key', { authorization: `Bearer sk-sluice1-${'A'.repeat(46)}` }, [401]],
  ['a head that is too large', { 'x-large': 'x'.repeat(17_000) }, [431]],
  ['an announced body that is too large', { 'content-length': '9000000' }, [413]],
];

describe('through the CDN', () => {
  test.each(
    CALLERS.flatMap(([path, headers, shape]) => FAULTS.map((fault) => [path, headers, ...fault, shape] as const)),
  )('%s with %j and %s is an error in its dialect, with ids', async (path, headers, _fault, more, statuses, shape) => {
    const answer = await send('PATCH', path, { ...headers, ...more }, Buffer.from(more['content-length'] ? '' : '{}'));
    expect(statuses).toContain(answer.status);
    expect(JSON.parse(answer.text)).toEqual(shape);
    expect(answer.headers['content-type']).toMatch(/^application\/json/);
    expect(answer.headers).toMatchObject({
      'x-request-id': expect.any(String),
      'x-sluice-request-id': expect.any(String),
    });
  });

  test.each<[string, string, string, Record<string, string>, number]>([
    ['TRACE', 'TRACE', '/v1/models', { authorization: 'Bearer sk-echo-me-not' }, 403],
    ['an address over 8 192 characters', 'GET', `/v1/models?${'x'.repeat(8_200)}`, {}, 413],
    ['a head over 20 480 bytes', 'GET', '/v1/models', { 'x-large': 'x'.repeat(21_000) }, 413],
  ])(
    '%s is CloudFront’s to refuse: its own page, with its id and nothing of the request',
    async (_title, method, path, headers, status) => {
      const answer = await send(method, path, headers);
      expect(answer.status).toBe(status);
      expect(answer.headers).toMatchObject({
        'x-cache': 'Error from cloudfront',
        'x-amz-cf-id': expect.stringMatching(/^\w{32}$/),
      });
      expect(answer.text).toContain(String(answer.headers['x-amz-cf-id']));
      expect(answer.text).not.toContain('echo-me-not');
    },
  );

  test('HEAD is GET without its body, and a wrong method names the right ones', async () => {
    const key = { authorization: `Bearer ${ready.apiKey}` };
    expect(await send('HEAD', '/v1/models', key)).toMatchObject({ status: 200, text: '' });
    const answers = await Promise.all([send('DELETE', '/v1/chat/completions', key), send('POST', '/v1/models', key)]);
    expect(answers.map(({ status, headers }) => [status, headers['allow']])).toEqual([
      [405, 'POST'],
      [405, 'GET, HEAD'],
    ]);
  });

  test.each([
    ['gzip', (text: string) => gzipSync(text)],
    ['zstd, gzip', (text: string) => gzipSync(zstdCompressSync(text))],
  ])('a body in %s reaches the upstream plain, held back until it is asked for', async (coding, encode) => {
    const mark = marker();
    const body = JSON.stringify({ model: 'sandbox-chat--words-5', messages: userSays(mark) });
    const headers = {
      authorization: `Bearer ${ready.apiKey}`,
      'content-type': 'application/json',
      'content-encoding': coding,
      expect: '100-continue',
    };
    expect((await send('POST', '/v1/chat/completions', headers, encode(body))).status).toBe(200);
    const [seen] = await receivedWith(ready, mark);
    expect(seen?.body).toBe(body);
    expect(Object.keys(seen?.headers ?? {})).not.toContain('content-encoding');
  });

  test('a bomb is a 413, an unknown coding a 415 that names the known ones, in the caller’s words', async () => {
    const headers = {
      'x-api-key': ready.apiKey,
      'anthropic-version': '2023-06-01',
      'content-type': 'application/json',
    };
    const bomb = gzipSync(Buffer.alloc(32 * 1024 * 1024, 0x20));
    const large = await send('POST', '/v1/chat/completions', { ...headers, 'content-encoding': 'gzip' }, bomb);
    expect([large.status, JSON.parse(large.text)]).toMatchObject([
      413,
      { type: 'error', error: { type: 'request_too_large' } },
    ]);
    const odd = await send(
      'POST',
      '/v1/chat/completions',
      { ...headers, 'content-encoding': 'lzma' },
      Buffer.from('x'),
    );
    expect(odd).toMatchObject({ status: 415, headers: { 'accept-encoding': 'gzip, deflate, br, zstd' } });
    expect(JSON.parse(odd.text)).toMatchObject({
      error: { message: expect.stringContaining('content-encoding "lzma"') },
    });
  });

  test('the console answers no other site’s preflight', async () => {
    const answer = await send('OPTIONS', '/api/keys', {
      origin: 'https://evil.example',
      'access-control-request-method': 'POST',
    });
    expect(answer.status).toBe(405);
    expect(Object.keys(answer.headers).filter((name) => name.startsWith('access-control-'))).toEqual([]);
  });
});
