import { headersForClient, headersForUpstream, withoutIdentities } from '@sluice/core/relay/passed-headers';

/** What clients and CDNs send (and attackers could), of which nothing is the upstream's business. */
const PRIVATE = {
  authorization: 'Bearer sk-ours',
  'x-api-key': 'sk-ours',
  'x-goog-api-key': 'sk-ours',
  'api-key': 'sk-ours',
  'proxy-authorization': 'Basic eDp5',
  cookie: 'sluice_session=1',
  host: 'llm.example.com',
  forwarded: 'for=203.0.113.9',
  via: '1.1 cdn',
  'x-forwarded-for': '203.0.113.9',
  'x-forwarded-host': 'llm.example.com',
  'x-real-ip': '203.0.113.9',
  'x-amz-cf-id': 'cdn',
  'cloudfront-viewer-country': 'NL',
  'x-sluice-viewer-ip': '203.0.113.9',
  'x-sluice-origin-secret': 'origin',
  'user-agent': 'OpenAI/JS 7.55.0',
  'x-stainless-os': 'Linux',
  'x-stainless-retry-count': '1',
  'x-app': 'cli',
  'x-claude-code-session-id': 's',
  'session-id': 's',
  'x-client-request-id': 'c',
  'x-request-id': 'c',
  'openai-organization': 'org-theirs',
  'openai-project': 'proj_theirs',
  'idempotency-key': 'i',
  referer: 'https://app.example',
  origin: 'https://app.example',
  'content-length': '2',
  'content-encoding': 'gzip',
  'accept-encoding': 'gzip',
  expect: '100-continue',
  connection: 'keep-alive, x-mine',
  'keep-alive': 'timeout=5',
  te: 'trailers',
  trailer: 'x-sum',
  'transfer-encoding': 'chunked',
  upgrade: 'h2c',
  'x-mine': 'whatever',
};

describe('what an upstream is told of a client', () => {
  const always = { 'content-type': 'application/json', 'user-agent': 'sluice' };

  it.each<[string, Record<string, string>]>([
    ['openai-chat', { 'openai-beta': 'assistants=v2' }],
    ['openai-responses', { 'openai-beta': 'assistants=v2' }],
    ['anthropic-messages', { 'anthropic-version': '2023-06-01', 'anthropic-beta': 'tools-2026' }],
    ['gemini', {}],
    ['a-format-of-tomorrow', {}],
  ])('%s: the vendor’s own headers and what the client accepts, nothing else', (format, vendor) => {
    const all = { 'openai-beta': 'assistants=v2', 'anthropic-version': '2023-06-01', 'anthropic-beta': 'tools-2026' };
    const passed = headersForUpstream({ ...PRIVATE, ...all, accept: 'application/json' }, format);
    expect(passed).toEqual({ ...always, ...vendor, accept: 'application/json' });
  });

  it('a header that `connection` names is about the connection, whatever it is called', () => {
    const headers = { accept: '*/*', 'openai-beta': 'x', connection: 'close, OpenAI-Beta ,accept' };
    expect(headersForUpstream(headers, 'openai-chat')).toEqual(always);
  });

  it.each(['', 'x\r\nauthorization: y', 'x\u0000', '\u{1f600}', 'x'.repeat(5_000)])(
    'a value that fits into no header stays behind (%#)',
    (value) => {
      expect(headersForUpstream({ 'openai-beta': value }, 'openai-chat')).toEqual(always);
    },
  );
});

describe('what a client is told of an upstream', () => {
  it('is what helps it to read and to wait, and never whose account was asked', () => {
    const kept = { 'content-type': 'application/json', 'retry-after': '7', 'openai-processing-ms': '12' };
    const account = {
      'set-cookie': ['__cf_bm=1'],
      'openai-organization': 'org-ours',
      'openai-project': 'proj_ours',
      'anthropic-organization-id': 'o',
      'x-request-id': 'req_theirs',
      'request-id': 'req_theirs',
      'cf-ray': '1-AMS',
      'cf-cache-status': 'DYNAMIC',
      server: 'cloudflare',
      via: '1.1 google',
      'alt-svc': 'h3',
      'strict-transport-security': 'max-age=1',
      'x-ratelimit-limit-requests': '5000',
      'x-ratelimit-remaining-tokens': '1',
      'anthropic-ratelimit-requests-remaining': '3',
      'access-control-allow-origin': '*',
      connection: 'close, x-kept',
      'keep-alive': 'timeout=5',
      'transfer-encoding': 'chunked',
      'content-encoding': 'identity',
      'content-length': '12',
      'www-authenticate': 'Bearer',
      location: 'https://elsewhere.example',
    };
    expect(headersForClient({ ...kept, ...account })).toEqual(kept);
  });

  it.each([
    ['in organization org-AbCdEfGh12345678 on tokens', 'in organization org-… on tokens'],
    ['project proj_A1b2C3d4E5f6 has', 'project proj_… has'],
    ['include the request ID req_0123456789abcdef in', 'include the request ID req_… in'],
    ['key sk-proj-****abcd is', 'key sk-… is'],
    ['user-A1b2C3d4E5f6 may not', 'user-… may not'],
  ])('an error sentence loses the names in it: %s', (text, kept) => {
    const body = (sentence: string): string => JSON.stringify({ error: { message: `Limit ${sentence} é😀.` } });
    expect(withoutIdentities(Buffer.from(body(text))).toString()).toBe(body(kept));
  });

  it.each([
    'user_location_settings',
    'messages[0].content',
    'org-chart-of-the-company',
    'request_too_large2',
    'risk-2026-free-text',
  ])('an error that only looks like it keeps its very bytes: %s', (text) => {
    const body = Buffer.from(text);
    expect(withoutIdentities(body)).toBe(body);
  });
});
