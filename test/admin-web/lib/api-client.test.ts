import { afterEach, jest } from '@jest/globals';
import { z } from 'zod';
import { ApiError, callApi, callHealth, queryString } from '../../../admin-web/src/lib/api-client.ts';

const realFetch = globalThis.fetch;

/** The network answers this, once; the returned calls show what was sent. */
function givenAnswer(status: number, body: string): jest.MockedFunction<typeof fetch> {
  const network = jest.fn<typeof fetch>().mockResolvedValue(new Response(body, { status }));
  globalThis.fetch = network;
  return network;
}

async function failureOf(call: Promise<unknown>): Promise<ApiError> {
  const error = await call.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof ApiError)) throw new Error(`Expected an ApiError, got ${String(error)}`);
  return error;
}

const schema = z.object({ name: z.string() });

afterEach(() => {
  globalThis.fetch = realFetch;
});

describe('a call of the admin API', () => {
  it('gives the data without its envelope', async () => {
    givenAnswer(200, '{"success":true,"data":{"name":"laptop"}}');
    await expect(callApi({ path: '/api/x', schema })).resolves.toEqual({ name: 'laptop' });
  });

  it('sends the session cookie to this host only, and JSON with its content type', async () => {
    const network = givenAnswer(200, '{"success":true,"data":{"name":"laptop"}}');
    await callApi({ method: 'POST', path: '/api/x', query: { a: 1, none: undefined }, body: { b: 2 }, schema });
    const [address, init] = network.mock.calls[0] ?? [];
    expect(address).toBe('/api/x?a=1');
    expect(init).toMatchObject({ method: 'POST', credentials: 'same-origin', body: '{"b":2}' });
    expect(new Headers(init?.headers).get('content-type')).toBe('application/json');
  });

  it("carries the server's sentence, code and findings when it is refused", async () => {
    const errors = [{ path: 'models[0].name', message: 'Unknown field' }];
    givenAnswer(400, JSON.stringify({ success: false, error: 'Two faults.', error_code: 'INVALID_FIELD', errors }));
    const error = await failureOf(callApi({ path: '/api/x', schema }));
    expect(error).toMatchObject({ status: 400, code: 'INVALID_FIELD', message: 'Two faults.', findings: errors });
  });

  it('names the status when the answer is no JSON, as from a proxy in between', async () => {
    givenAnswer(504, '<html>timeout</html>');
    expect(await failureOf(callApi({ path: '/api/x', schema }))).toMatchObject({ status: 504, message: 'HTTP 504' });
  });

  it('says so when nobody answers', async () => {
    globalThis.fetch = jest.fn<typeof fetch>().mockRejectedValue(new TypeError('Failed to fetch'));
    expect(await failureOf(callApi({ path: '/api/x', schema }))).toMatchObject({ status: 0, code: 'unreachable' });
  });

  it('refuses an answer of another shape and names the field', async () => {
    givenAnswer(200, '{"success":true,"data":{"name":7}}');
    const error = await failureOf(callApi({ path: '/api/x', schema }));
    expect(error.code).toBe('unexpected_answer');
    expect(error.message).toContain('name');
  });

  it('reads a health report also under status 503, and nothing else under it', async () => {
    givenAnswer(503, '{"name":"unhealthy"}');
    await expect(callHealth({ path: '/health', schema })).resolves.toEqual({ name: 'unhealthy' });
    givenAnswer(503, '{"success":false,"error":"Down."}');
    expect(await failureOf(callHealth({ path: '/health', schema }))).toMatchObject({ status: 503, message: 'Down.' });
  });
});

describe('a query string', () => {
  it('leaves out what is not set, keeps false and zero, and escapes', () => {
    expect(queryString({ a: undefined, b: '', c: false, d: 0, e: 'x&y' })).toBe('?c=false&d=0&e=x%26y');
    expect(queryString({})).toBe('');
  });
});
