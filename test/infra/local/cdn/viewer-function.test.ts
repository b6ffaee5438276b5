import { describe, expect, test } from '@jest/globals';
import {
  createViewerFunction,
  formatCookies,
  formatQuery,
  parseCookies,
  parseQuery,
  type ViewerRequest,
} from '../../../../infra/local/cdn/viewer-function.ts';

const request = (): ViewerRequest => ({ method: 'GET', uri: '/a', querystring: {}, headers: {}, cookies: {} });

function run(code: string, clockOffsetMs = 0) {
  const viewerFunction = createViewerFunction({ name: 'Edge', code, clockOffsetMs });
  return viewerFunction.run({ request: request(), viewerIp: '10.0.0.9', requestId: 'r' });
}

describe('viewer-request functions', () => {
  test('see the viewer and change the request', async () => {
    const code =
      'function handler(e) { e.request.headers["x-ip"] = { value: e.viewer.ip }; e.request.uri += "b"; return e.request; }';
    await expect(run(code)).resolves.toMatchObject({ uri: '/ab', headers: { 'x-ip': { value: '10.0.0.9' } } });
  });

  test('may be asynchronous and use the modules of the runtime, and no others', async () => {
    const code =
      'async function handler(e) { return { statusCode: 200, body: require("crypto").createHash("md5").update("a").digest("hex") }; }';
    await expect(run(code)).resolves.toMatchObject({ body: '0cc175b9c0f1b6a831c399e269772661' });
    await expect(run('function handler() { return require("fs"); }')).rejects.toThrow('Cannot find module "fs"');
  });

  test('have neither process nor network', async () => {
    const code =
      'function handler() { return { statusCode: 200, body: typeof process + typeof fetch + typeof setTimeout }; }';
    await expect(run(code)).resolves.toMatchObject({ body: 'undefinedundefinedundefined' });
  });

  test('live in the shifted clock', async () => {
    const result = await run(
      'function handler() { return { statusCode: 200, body: String(Date.now()) }; }',
      86_400_000,
    );
    expect(Number((result as { body: string }).body)).toBeGreaterThan(Date.now() + 86_000_000);
  });

  test('that cannot be loaded stop the start by name', () => {
    expect(() => createViewerFunction({ name: 'Edge', code: 'function (', clockOffsetMs: 0 })).toThrow(
      'The CloudFront function Edge',
    );
  });

  test('queries and cookies pass through undecoded and in order', () => {
    for (const query of ['', 'a=1&b=%20x&c', 'key=sk%2Fx&a=1&a=2']) expect(formatQuery(parseQuery(query))).toBe(query);
    expect(formatCookies(parseCookies('a=1; b=x=y; c=%20'))).toBe('a=1; b=x=y; c=%20');
  });
});
