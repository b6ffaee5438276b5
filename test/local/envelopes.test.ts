import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { adminClient } from '../support/gateway.ts';
import { expectEnvelope, readerOf } from '../support/envelope-shapes.ts';
import { sharedStack } from '../support/stack.ts';

/** One path of every prefix × everything that can be wrong with a call, through the CDN as clients come. */
const ready = sharedStack();
let adminToken = '';
beforeAll(async () => {
  adminToken = (await adminClient(ready)).token;
});

interface Surface {
  /** A path that takes a POST with a body. */
  path: string;
  /** A path of the prefix that nobody knows. */
  unknown: string;
  /** A method that `path` does not take. */
  method: string;
  plane: 'data' | 'control';
}

const data = (path: string, unknown: string): Surface => ({ path, unknown, method: 'PATCH', plane: 'data' });
const control = (path: string, unknown: string, method = 'PUT'): Surface => ({
  path,
  unknown,
  method,
  plane: 'control',
});

const SURFACES: readonly Surface[] = [
  data('/v1/chat/completions', '/v1/no/such/path'),
  data('/v1/responses', '/v1/responses-of-nobody'),
  data('/v1/messages', '/v1/messages/no-such-path'),
  data('/cc/v1/messages', '/cc/no-such-path'),
  data('/v1beta/models/sandbox-gemini:generateContent', '/v1beta/no-such-path'),
  data('/api/v1/chat/completions', '/api/v1/chat/no-such-path'),
  data('/api/chat', '/api/chat/no-such-path'),
  data('/api/plugin-api/chat/completions', '/api/plugin-api/chat/no-such-path'),
  control('/api/keys', '/api/keys/x/y'),
  control('/api/user/api-keys', '/api/user/no-such-path', 'OPTIONS'),
  control('/api/api-keys', '/api/api-keys/x/y/z'),
  control('/api/v1/admin/keys', '/api/v1/admin/no-such-path'),
  control('/api/admin/import', '/api/admin/no-such-path', 'DELETE'),
  control('/api/auth/login', '/api/auth/no-such-path'),
];

const ORIGIN = 'https://app.example.com';

interface Told {
  status: number;
  headers: Headers;
  body: unknown;
}

async function send(
  path: string,
  init: { method?: string; headers?: Record<string, string>; body?: string | Buffer<ArrayBuffer> },
): Promise<Told> {
  const response = await fetch(`${ready.url}${path}`, {
    method: init.method ?? 'POST',
    headers: { 'content-type': 'application/json', ...init.headers },
    ...(init.body === undefined ? {} : { body: init.body }),
  });
  expect(response.headers.get('content-type')).toMatch(/^application\/json/);
  expect(response.headers.get('x-request-id')).toMatch(/\S/);
  expect(response.headers.get('x-sluice-build')).toMatch(/\S/);
  return { status: response.status, headers: response.headers, body: await response.json() };
}

function bearer({ plane }: Surface): Record<string, string> {
  return { authorization: `Bearer ${plane === 'data' ? ready.apiKey : adminToken}` };
}

/** Public rows ask for nobody. */
const isGuarded = ({ path }: Surface): boolean => path !== '/api/auth/login';
const named = (surfaces: readonly Surface[]) => surfaces.map((surface) => [surface.path, surface] as const);

describe.each(named(SURFACES.filter(isGuarded)))('%s', (path) => {
  test.each<[string, Record<string, string>]>([
    ['nothing', {}],
    ['an unknown key', { authorization: 'Bearer sk-nobody-has-this-key-0000000000' }],
    ['a mistyped key of ours, which the CDN sees', { authorization: `Bearer sk-sluice1-${'x'.repeat(46)}` }],
    ['a forged token', { authorization: 'Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJ1c3JfMSJ9.c2ln' }],
  ])('is refused with %s', async (_title, headers) => {
    const told = await send(path, { headers, body: '{}' });
    expect(told.status).toBe(401);
    expect(told.headers.get('www-authenticate')).toBe('Bearer');
    expectEnvelope(readerOf(path), 401, told.body);
  });
});

describe.each(named(SURFACES))('%s', (path, surface) => {
  test('tells of a body that is no JSON', async () => {
    const told = await send(path, { headers: bearer(surface), body: '{"model": ' });
    expect(told.status).toBe(400);
    expectEnvelope(readerOf(path), 400, told.body);
  });

  test('tells of a body that the CDN finds too large', async () => {
    const told = await send(path, { headers: bearer(surface), body: Buffer.alloc(5 * 1024 * 1024 + 1, 0x20) });
    expect(told.status).toBe(413);
    expectEnvelope(readerOf(path), 413, told.body);
  });

  test('tells of a body that unpacks to too much', async () => {
    const body = Buffer.from(gzipSync(Buffer.alloc(17 * 1024 * 1024, 0x20)));
    const told = await send(path, { headers: { ...bearer(surface), 'content-encoding': 'gzip' }, body });
    expect(told.status).toBe(413);
    expectEnvelope(readerOf(path), 413, told.body);
  });

  test('tells of a path that is none', async () => {
    const told = await send(surface.unknown, { headers: bearer(surface), body: '{}' });
    expect(told.status).toBe(404);
    expectEnvelope(readerOf(surface.unknown), 404, told.body);
  });

  test('tells of a method that it does not take', async () => {
    const told = await send(path, { method: surface.method, headers: bearer(surface) });
    expect(told.status).toBe(405);
    expect(told.headers.get('allow')).toMatch(/POST/);
    expectEnvelope(readerOf(path), 405, told.body);
  });

  test('lets pages of other origins read what the CDN refuses, if it is of the data plane', async () => {
    const headers = { authorization: `Bearer sk-sluice1-${'x'.repeat(46)}`, origin: ORIGIN };
    const told = await send(path, { headers, body: '{}' });
    expect(told.headers.get('access-control-allow-origin')).toBe(surface.plane === 'data' ? '*' : null);
  });
});

describe('the vault', () => {
  test.each([
    ['GET', '/public-api/no-such-path', 404],
    ['DELETE', '/public-api/health', 405],
    ['GET', '/api/vault/no-such-path', 404],
    ['GET', '/api/plugin-api/oauth/no-such-path', 404],
  ])('%s %s is told in its envelope', async (method, path, status) => {
    const told = await send(path, { method });
    expect(told.status).toBe(status);
    expectEnvelope(readerOf(path), status, told.body);
  });

  test('tells of a body that the CDN finds too large', async () => {
    const told = await send('/public-api/refresh', { body: Buffer.alloc(5 * 1024 * 1024 + 1, 0x20) });
    expect(told.status).toBe(413);
    expectEnvelope('public', 413, told.body);
  });
});
