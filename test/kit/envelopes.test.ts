import * as fc from 'fast-check';
import { ERROR_CATALOGUE, type ErrorCode } from '@sluice/kit/errors/catalogue';
import { encodeErrorEnvelope, type ErrorEnvelope } from '@sluice/kit/errors/envelopes';
import { GatewayError } from '@sluice/kit/errors/gateway-error';
import { createErrorEncoder, encodeFailure, envelopeOf } from '@sluice/kit/http/path-envelopes';

const ENVELOPES: readonly ErrorEnvelope[] = ['openai', 'anthropic', 'google', 'public', 'chat', 'union'];
const CODES = Object.keys(ERROR_CATALOGUE) as ErrorCode[];

interface AnyBody {
  type: unknown;
  error: { type: string; status: string; code: number; details: { '@type': string; [field: string]: unknown }[] };
}

function bodyOf(envelope: ErrorEnvelope, error: GatewayError): AnyBody {
  return JSON.parse(encodeErrorEnvelope(envelope, error, 'r1').body) as AnyBody;
}

describe('whose error object a caller reads', () => {
  const anthropic = { 'anthropic-version': '2023-06-01' };
  const google = { 'x-goog-api-key': 'k' };
  it.each<[string, Record<string, string>, ErrorEnvelope]>([
    ['/v1/chat/completions', {}, 'openai'],
    ['/v1/no/such/path', {}, 'openai'],
    ['/v1/models', { 'x-api-key': 'k' }, 'openai'],
    ['/api/v1/chat/completions', {}, 'openai'],
    ['/api/v1/images/generations', {}, 'openai'],
    ['/api/v1/models/x', {}, 'openai'],
    ['/v1/messages', {}, 'anthropic'],
    ['/v1/messages/count_tokens', google, 'anthropic'],
    ['/cc/v1/messages', {}, 'anthropic'],
    ['/v1/models', anthropic, 'anthropic'],
    ['/api/v1/models', anthropic, 'anthropic'],
    ['/v1beta/models/m:generateContent', {}, 'google'],
    ['/v1beta/models', anthropic, 'google'],
    ['/v1/models/m:generateContent', google, 'google'],
    ['/v1/models', { 'x-goog-api-client': 'genai-js/1' }, 'google'],
    ['/public-api/refresh', {}, 'public'],
    ['/public-api/refresh', anthropic, 'public'],
    ['/api/chat', {}, 'chat'],
    ['/api/chat/stream', google, 'chat'],
    ['/api/admin/keys', anthropic, 'union'],
    ['/api/plugin-api/chat/completions', {}, 'union'],
    ['/api/plugin-api/v1beta/models/m:generateContent', {}, 'union'],
    ['/health', {}, 'union'],
    ['/v1x/chat', {}, 'union'],
  ])('%s with %j is answered as %3$s', (path, headers, envelope) => {
    expect(envelopeOf({ path, headers, publicApiPrefix: '/public-api' })).toBe(envelope);
  });

  it('knows the public API by the prefix of the deployment', () => {
    const at = (path: string): ErrorEnvelope => envelopeOf({ path, headers: {}, publicApiPrefix: '/open' });
    expect([at('/open/x'), at('/openly'), at('/public-api/x')]).toEqual(['public', 'union', 'union']);
  });
});

describe('statuses and types', () => {
  it.each<[ErrorCode, number, string, number, string]>([
    ['bad_request', 400, 'invalid_request_error', 400, 'INVALID_ARGUMENT'],
    ['missing_key', 401, 'authentication_error', 401, 'UNAUTHENTICATED'],
    ['forbidden', 403, 'permission_error', 403, 'PERMISSION_DENIED'],
    ['model_not_found', 404, 'not_found_error', 404, 'NOT_FOUND'],
    ['method_not_allowed', 405, 'invalid_request_error', 405, 'INVALID_ARGUMENT'],
    ['conflict', 409, 'invalid_request_error', 409, 'ABORTED'],
    ['body_too_large', 413, 'request_too_large', 413, 'INVALID_ARGUMENT'],
    ['unsupported_media_type', 415, 'invalid_request_error', 415, 'INVALID_ARGUMENT'],
    ['rate_limit_exceeded', 429, 'rate_limit_error', 429, 'RESOURCE_EXHAUSTED'],
    ['internal_error', 500, 'api_error', 500, 'INTERNAL'],
    ['upstream_error', 502, 'api_error', 502, 'UNAVAILABLE'],
    ['store_unavailable', 529, 'overloaded_error', 503, 'UNAVAILABLE'],
    ['upstream_timeout', 504, 'timeout_error', 504, 'DEADLINE_EXCEEDED'],
  ])('%s is Anthropic’s %d %s and Google’s %d %s', (code, anthropicStatus, type, status, name) => {
    const error = new GatewayError(code, { message: 'A sentence.' });
    expect(encodeErrorEnvelope('anthropic', error, null).status).toBe(anthropicStatus);
    expect(bodyOf('anthropic', error)).toEqual({
      type: 'error',
      error: { type, message: 'A sentence.' },
      request_id: 'r1',
    });
    expect(encodeErrorEnvelope('google', error, null).status).toBe(status);
    expect(bodyOf('google', error).error).toMatchObject({ code: status, message: 'A sentence.', status: name });
  });

  it('never turns an error into a success or a redirect, and says a sentence, whatever the code and envelope', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...CODES),
        fc.constantFrom(...ENVELOPES),
        fc.string({ minLength: 1 }),
        (code, envelope, message) => {
          const encoded = encodeErrorEnvelope(envelope, new GatewayError(code, { message }), 'r1');
          expect(encoded.status).toBeGreaterThanOrEqual(400);
          expect(encoded.body).toContain(JSON.stringify(message).slice(1, -1));
          expect(JSON.parse(encoded.body)).not.toHaveProperty('success', true);
        },
      ),
    );
  });
});

describe('what goes along', () => {
  const limited = new GatewayError('daily_quota_exceeded', { message: 'No.', retryAfterSeconds: 7 });
  it.each(ENVELOPES)('%s tells the wait and that repeating is useless in headers', (envelope) => {
    expect(encodeErrorEnvelope(envelope, limited, null).headers).toMatchObject({
      'content-type': 'application/json',
      'cache-control': 'no-store',
      'retry-after': '7',
      'x-should-retry': 'false',
    });
  });

  it('Google’s SDKs find reason, field, wait and request id in the details', () => {
    const error = new GatewayError('rate_limit_exceeded', { message: 'No.', retryAfterSeconds: 7, param: 'contents' });
    expect(bodyOf('google', error).error.details).toEqual([
      { '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason: 'RATE_LIMIT_EXCEEDED', domain: 'sluice' },
      {
        '@type': 'type.googleapis.com/google.rpc.BadRequest',
        fieldViolations: [{ field: 'contents', description: 'No.' }],
      },
      { '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '7s' },
      { '@type': 'type.googleapis.com/google.rpc.RequestInfo', requestId: 'r1' },
    ]);
  });

  it('OpenAI’s object always has its four members', () => {
    const error = new GatewayError('invalid_field', { message: 'No.', param: 'model' });
    expect(bodyOf('openai', error)).toEqual({
      error: { message: 'No.', type: 'invalid_request_error', param: 'model', code: 'invalid_field' },
    });
    expect(bodyOf('openai', limited).error).toHaveProperty('param', null);
  });

  it('a 401 says how to authenticate, and headers of the error itself win', () => {
    const error = new GatewayError('missing_key', {
      message: 'No.',
      headers: { 'cache-control': 'private', allow: 'GET' },
    });
    const { headers } = encodeErrorEnvelope('union', error, null);
    expect(headers).toMatchObject({ 'www-authenticate': 'Bearer', 'cache-control': 'private', allow: 'GET' });
  });

  it('the union object is what every contract of the control plane reads', () => {
    const error = new GatewayError('invalid_field', { message: 'No.' });
    const errors = [{ path: 'name', message: 'No.' }];
    const facts = { headers: {}, publicApiPrefix: null, error, requestId: 'r1', errors };
    const union = {
      success: false,
      error: 'No.',
      error_code: 'INVALID_FIELD',
      detail: 'No.',
      message: 'No.',
      request_id: 'r1',
      errors,
    };
    expect(JSON.parse(encodeFailure({ ...facts, path: '/api/keys' }).body)).toEqual(union);
    expect(JSON.parse(encodeFailure({ ...facts, path: '/api/v1/admin/keys' }).body)).toEqual({
      ...union,
      code: 'INVALID_FIELD',
    });
    expect(JSON.parse(encodeFailure({ ...facts, path: '/api/chat' }).body)).toEqual({ success: false, error: 'No.' });
  });

  it('a door’s error carries ids in headers and body, and the client’s own id is echoed', () => {
    const encode = createErrorEncoder({
      clock: () => 1_790_000_000_000,
      buildId: 'b7',
      publicApiPrefix: null,
      unreadPath: '/v1/',
    });
    const error = new GatewayError('body_too_large', { message: 'No.' });
    const answer = encode({ path: '/v1/messages', headers: { 'x-request-id': 'mine' } }, error);
    const ours = answer.headers['x-sluice-request-id'];
    expect(ours).toMatch(/^\w{16}$/);
    expect(answer.headers).toMatchObject({ 'x-request-id': 'mine', 'x-sluice-build': 'b7' });
    expect(JSON.parse(String(answer.body))).toMatchObject({ type: 'error', request_id: ours });
    expect(JSON.parse(String(encode({ path: '', headers: {} }, error).body))).toMatchObject({
      error: { code: 'body_too_large' },
    });
    expect(answer.headers['access-control-allow-origin']).toBeUndefined();
  });

  it('a data plane’s door lets pages of every origin read its errors, where there is a page', () => {
    const facts = { clock: () => 0, buildId: 'b7', publicApiPrefix: null };
    const error = new GatewayError('internal_error', { message: 'No.' });
    const allowed = (crossOrigin: boolean, headers: Record<string, string>): unknown =>
      createErrorEncoder({ ...facts, crossOrigin })({ path: '/v1/models', headers }, error).headers[
        'access-control-allow-origin'
      ];
    expect(allowed(true, { origin: 'https://app.example.com' })).toBe('*');
    expect(allowed(true, {})).toBeUndefined();
    expect(allowed(false, { origin: 'https://app.example.com' })).toBeUndefined();
  });
});
