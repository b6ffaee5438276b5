import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import * as fc from 'fast-check';
import { isGatewayError, type GatewayError } from '@sluice/kit/errors/gateway-error';
import { decodeRequestBody } from '@sluice/kit/http/content-encoding';
import type { PlainRequest } from '@sluice/kit/http/exchange';

const ENCODERS: Record<string, (bytes: Uint8Array) => Buffer> = {
  gzip: (bytes) => gzipSync(bytes),
  'x-gzip': (bytes) => gzipSync(bytes),
  deflate: (bytes) => deflateSync(bytes),
  br: (bytes) => brotliCompressSync(bytes),
  zstd: (bytes) => zstdCompressSync(bytes),
};
const LIMIT = 64 * 1024;

function requestOf(body: Buffer, encoding?: string): PlainRequest {
  const headers: Record<string, string> = encoding === undefined ? {} : { 'content-encoding': encoding };
  return { method: 'POST', path: '/v1/x', query: '', headers, body, clientAddress: '' };
}

async function refusalOf(body: Buffer, encoding: string): Promise<GatewayError> {
  const thrown: unknown = await decodeRequestBody(requestOf(body, encoding), LIMIT).then(
    () => undefined,
    (error: unknown) => error,
  );
  if (!isGatewayError(thrown)) throw new Error(`not refused: ${String(thrown)}`);
  return thrown;
}

describe('a request body with content-encoding', () => {
  it('is what was encoded, whatever codings are listed in whatever spelling', async () => {
    const names = fc.array(fc.constantFrom(...Object.keys(ENCODERS)), { maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(names, fc.uint8Array({ minLength: 1, maxLength: 4_000 }), async (codings, bytes) => {
        let body: Buffer = Buffer.from(bytes);
        for (const name of codings) body = (ENCODERS[name] as (typeof ENCODERS)[string])(body);
        const header = [' identity', ...codings.map((name) => ` ${name.toUpperCase()} `), ''].join(',');
        const decoded = await decodeRequestBody(requestOf(body, header), LIMIT);
        expect(decoded.body).toEqual(Buffer.from(bytes));
      }),
      { numRuns: 60 },
    );
  });

  it('is the same request when nothing is encoded', async () => {
    const plain = requestOf(Buffer.from('{}'));
    expect(await decodeRequestBody(plain, 1)).toBe(plain);
    const empty = requestOf(Buffer.alloc(0), 'gzip');
    expect(await decodeRequestBody(empty, 1)).toBe(empty);
  });

  it('called deflate is taken with the zlib header and without it', async () => {
    const text = Buffer.from('{"model":"m"}'.repeat(50));
    for (const body of [deflateSync(text), deflateRawSync(text)]) {
      expect((await decodeRequestBody(requestOf(body, 'deflate'), LIMIT)).body).toEqual(text);
    }
  });

  it.each(Object.keys(ENCODERS))('%s that grows beyond the limit is a 413, at the limit it passes', async (name) => {
    const encode = ENCODERS[name] as (typeof ENCODERS)[string];
    const full = await decodeRequestBody(requestOf(encode(Buffer.alloc(LIMIT)), name), LIMIT);
    expect(full.body).toHaveLength(LIMIT);
    expect(await refusalOf(encode(Buffer.alloc(LIMIT + 1)), name)).toMatchObject({
      status: 413,
      code: 'body_too_large',
    });
    expect(await refusalOf(encode(Buffer.alloc(100 * LIMIT)), name)).toMatchObject({ status: 413 });
  });

  it('is bounded at every layer of a bomb within a bomb', async () => {
    const bomb = gzipSync(gzipSync(Buffer.alloc(40 * 1024 * 1024)));
    expect(bomb.length).toBeLessThan(LIMIT);
    expect(await refusalOf(bomb, 'gzip, gzip')).toMatchObject({ status: 413 });
  });

  it.each(Object.keys(ENCODERS))('%s that is broken or cut is a 400', async (name) => {
    const encode = ENCODERS[name] as (typeof ENCODERS)[string];
    const whole = encode(Buffer.from('{"model":"m"}'.repeat(500)));
    expect(await refusalOf(whole.subarray(0, whole.length - 9), name)).toMatchObject({ status: 400 });
    expect(await refusalOf(Buffer.from('{"model":"m"}'), name)).toMatchObject({ status: 400, code: 'bad_request' });
  });

  it.each([['compress'], ['gzip, snappy'], ['aws-chunked'], ['"'], ['x'.repeat(9_000)]])(
    'unknown coding number %# is a 415 that names header and coding and says what is known',
    async (encoding) => {
      const refusal = await refusalOf(gzipSync('{}'), encoding);
      expect(refusal).toMatchObject({ status: 415, headers: { 'accept-encoding': 'gzip, deflate, br, zstd' } });
      expect(refusal.message).toMatch(/^The content-encoding ".{1,42}" is not known/);
    },
  );

  it('more codings than anybody uses are a 400', async () => {
    expect(await refusalOf(Buffer.from('x'), 'gzip, gzip, gzip, gzip, gzip')).toMatchObject({ status: 400 });
  });
});
