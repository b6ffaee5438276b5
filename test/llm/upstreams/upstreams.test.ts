import { GatewayError, isGatewayError } from '@sluice/kit/errors/gateway-error';
import { addressUpstream } from '@sluice/llm/upstreams/upstreams';
import type { AddressedUpstream, UpstreamAddressing, UpstreamOperation } from '@sluice/llm/upstreams/vendor';

const BASES: Record<string, string> = {
  openai: 'https://api.openai.com/v1',
  xai: 'https://api.x.ai/v1',
  'openai-compatible': 'http://10.0.0.7:8000/v1',
  'azure-openai': 'https://res.openai.azure.com',
  anthropic: 'https://api.anthropic.com/v1',
  gemini: 'https://generativelanguage.googleapis.com/v1beta',
  bedrock: 'https://bedrock-runtime.us-east-1.amazonaws.com',
};

function addressed(vendor: string, change: Partial<UpstreamAddressing> = {}): AddressedUpstream | GatewayError {
  return addressUpstream(vendor, {
    upstream: 'up',
    baseUrl: BASES[vendor] ?? 'https://example.org',
    format: 'openai-chat',
    credentialKind: 'api_key',
    secret: 'the-secret',
    ...change,
  });
}

function usable(vendor: string, change: Partial<UpstreamAddressing> = {}): AddressedUpstream {
  const known = addressed(vendor, change);
  if (isGatewayError(known)) throw known;
  return known;
}

function refusal(vendor: string, change: Partial<UpstreamAddressing>): string {
  const known = addressed(vendor, change);
  if (!isGatewayError(known)) throw new Error('Nothing was refused');
  expect(known.code).toBe('upstream_error');
  return known.message;
}

const BEARER = { authorization: 'Bearer the-secret' };

describe('the address of a call', () => {
  const TABLE: [
    vendor: string,
    change: Partial<UpstreamAddressing>,
    operation: UpstreamOperation,
    path: string,
    headers: object,
  ][] = [
    ['openai', {}, 'generate', '/v1/chat/completions', BEARER],
    ['openai', {}, 'stream', '/v1/chat/completions', BEARER],
    ['openai', {}, 'embed', '/v1/embeddings', BEARER],
    ['openai', { format: 'openai-responses' }, 'stream', '/v1/responses', BEARER],
    ['openai', { format: 'openai-responses' }, 'embed', '/v1/embeddings', BEARER],
    ['xai', { format: 'openai-responses' }, 'generate', '/v1/responses', BEARER],
    ['openai-compatible', { format: 'anthropic-messages' }, 'generate', '/v1/messages', BEARER],
    ['openai-compatible', { format: 'anthropic-messages' }, 'count-tokens', '/v1/messages/count_tokens', BEARER],
    [
      'openai-compatible',
      { credentialKind: 'headers', secret: '{"X-Token": "t", "x-tenant": "a b"}' },
      'generate',
      '/v1/chat/completions',
      { 'x-token': 't', 'x-tenant': 'a b' },
    ],
    ['openai', { baseUrl: 'https://h/v1/?v=1' }, 'generate', '/v1/chat/completions?v=1', BEARER],
    ['anthropic', { format: 'anthropic-messages' }, 'stream', '/v1/messages', { 'x-api-key': 'the-secret' }],
    [
      'anthropic',
      { format: 'anthropic-messages' },
      'count-tokens',
      '/v1/messages/count_tokens',
      { 'x-api-key': 'the-secret' },
    ],
    ['anthropic', { format: 'anthropic-messages', credentialKind: 'oauth' }, 'generate', '/v1/messages', BEARER],
    [
      'gemini',
      { format: 'gemini' },
      'generate',
      '/v1beta/models/m%3Ax:generateContent',
      { 'x-goog-api-key': 'the-secret' },
    ],
    [
      'gemini',
      { format: 'gemini' },
      'stream',
      '/v1beta/models/m%3Ax:streamGenerateContent?alt=sse',
      { 'x-goog-api-key': 'the-secret' },
    ],
    [
      'gemini',
      { format: 'gemini', baseUrl: 'https://h/v1beta?a=b', credentialKind: 'oauth' },
      'stream',
      '/v1beta/models/m%3Ax:streamGenerateContent?a=b&alt=sse',
      BEARER,
    ],
    [
      'gemini',
      { format: 'gemini' },
      'count-tokens',
      '/v1beta/models/m%3Ax:countTokens',
      { 'x-goog-api-key': 'the-secret' },
    ],
    [
      'gemini',
      { format: 'gemini' },
      'embed-batch',
      '/v1beta/models/m%3Ax:batchEmbedContents',
      { 'x-goog-api-key': 'the-secret' },
    ],
    [
      'azure-openai',
      {},
      'stream',
      '/openai/deployments/m%3Ax/chat/completions?api-version=2024-10-21',
      { 'api-key': 'the-secret' },
    ],
    [
      'azure-openai',
      { baseUrl: 'https://r.openai.azure.com/openai/?api-version=2025-04-01-preview' },
      'generate',
      '/openai/deployments/m%3Ax/chat/completions?api-version=2025-04-01-preview',
      { 'api-key': 'the-secret' },
    ],
    [
      'azure-openai',
      { baseUrl: 'https://r.openai.azure.com/openai/v1/' },
      'generate',
      '/openai/v1/chat/completions',
      { 'api-key': 'the-secret' },
    ],
    [
      'azure-openai',
      { baseUrl: 'https://r.openai.azure.com/openai/v1', format: 'openai-responses', credentialKind: 'oauth' },
      'stream',
      '/openai/v1/responses',
      BEARER,
    ],
    // The dated version that is the last stable one has no responses.
    ['azure-openai', { format: 'openai-responses' }, 'stream', '/openai/v1/responses', { 'api-key': 'the-secret' }],
    [
      'azure-openai',
      { format: 'openai-responses', baseUrl: 'https://r.openai.azure.com?api-version=2025-04-01-preview' },
      'generate',
      '/openai/responses?api-version=2025-04-01-preview',
      { 'api-key': 'the-secret' },
    ],
    [
      'azure-openai',
      { format: 'openai-responses' },
      'embed',
      '/openai/deployments/m%3Ax/embeddings?api-version=2024-10-21',
      { 'api-key': 'the-secret' },
    ],
    ['bedrock', { format: 'bedrock-converse' }, 'generate', '/model/m%3Ax/converse', BEARER],
    ['bedrock', { format: 'bedrock-converse' }, 'stream', '/model/m%3Ax/converse-stream', BEARER],
    ['bedrock', { format: 'anthropic-messages' }, 'generate', '/model/m%3Ax/invoke', BEARER],
    ['bedrock', { format: 'anthropic-messages' }, 'stream', '/model/m%3Ax/invoke-with-response-stream', BEARER],
  ];
  it.each(TABLE)('of %s with %j for %s is %s', (vendor, change, operation, path, headers) => {
    const { origin, ...rest } = usable(vendor, change).address({ operation, model: 'm:x' });
    expect(rest).toEqual({ path, headers, signing: null });
    expect(origin).toBe(new URL(change.baseUrl ?? (BASES[vendor] as string)).origin);
  });

  it.each([
    ['tunedModels/mine', '/v1beta/tunedModels/mine:generateContent'],
    ['models/gemini-x', '/v1beta/models/gemini-x:generateContent'],
    ['a?b#c', '/v1beta/models/a%3Fb%23c:generateContent'],
  ])('of Gemini’s model %s is %s', (model, path) => {
    expect(usable('gemini', { format: 'gemini' }).address({ operation: 'generate', model }).path).toBe(path);
  });

  it('of an inference profile by its ARN keeps it one segment', () => {
    const model = 'arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.anthropic.claude-sonnet-4-v1:0';
    const { path } = usable('bedrock', { format: 'bedrock-converse' }).address({ operation: 'generate', model });
    expect(path.split('/')).toEqual(['', 'model', encodeURIComponent(model), 'converse']);
  });
});

describe('a call that is signed by the function’s role', () => {
  const role = { format: 'bedrock-converse', credentialKind: 'aws_role' } as const;

  it.each([
    ['https://bedrock-runtime.us-east-1.amazonaws.com', '', 'us-east-1'],
    ['https://bedrock-runtime.us-east-1.amazonaws.com', 'eu-west-1', 'us-east-1'],
    ['https://bedrock-runtime-fips.us-gov-west-1.amazonaws.com', '', 'us-gov-west-1'],
    ['https://bedrock-runtime.cn-north-1.amazonaws.com.cn', '', 'cn-north-1'],
    ['https://bedrock-runtime.eu-central-1.api.aws', '', 'eu-central-1'],
    ['https://bedrock-runtime.eusc-de-east-1.amazonaws.eu', '', 'eusc-de-east-1'],
    ['https://vpce-0a1b-x.bedrock-runtime.ap-southeast-2.vpce.amazonaws.com', '', 'ap-southeast-2'],
    ['https://my-proxy.example.org', ' eu-west-3\n', 'eu-west-3'],
    ['https://bedrock-runtime.us-east-1.amazonaws.com.evil.example', 'eu-west-3', 'eu-west-3'],
  ])('at %s with the secret %j is signed for %s', (baseUrl, secret, region) => {
    const { headers, signing } = usable('bedrock', { ...role, baseUrl, secret }).address({
      operation: 'stream',
      model: 'm',
    });
    expect({ headers, signing }).toEqual({ headers: {}, signing: { service: 'bedrock', region } });
  });

  it.each(['', 'somewhere', 'us-east-1/../x', 'AKIAIOSFODNN7EXAMPLE'])(
    'is refused with the secret %j and no region',
    (secret) => {
      expect(refusal('bedrock', { ...role, baseUrl: 'https://my-proxy.example.org', secret })).toMatch(/region.*"up"/i);
    },
  );

  it('reads what Bedrock streams: frames, in Anthropic’s own language each wrapped once more', () => {
    expect(usable('bedrock', role).framing).toBe('aws-event-stream');
    const invoked = usable('bedrock', { ...role, format: 'anthropic-messages' });
    expect(invoked).toMatchObject({
      framing: 'aws-event-stream-wrapped',
      body: { without: ['model', 'stream'], members: { anthropic_version: 'bedrock-2023-05-31' } },
    });
    expect(usable('anthropic', { format: 'anthropic-messages' })).toMatchObject({
      framing: 'sse',
      body: { without: [], members: {} },
    });
  });
});

describe('what cannot be called', () => {
  const REFUSED: [vendor: string, change: Partial<UpstreamAddressing>, message: RegExp][] = [
    ['openai', { format: 'gemini' }, /"up" is said to speak gemini; its vendor speaks openai-chat/],
    ['anthropic', { format: 'openai-chat' }, /vendor speaks anthropic-messages\.$/],
    ['gemini', { format: 'anthropic-messages' }, /vendor speaks gemini\.$/],
    ['azure-openai', { format: 'anthropic-messages' }, /vendor speaks openai-chat, openai-responses/],
    ['bedrock', { format: 'openai-chat' }, /vendor speaks bedrock-converse, anthropic-messages/],
    ['openai', { credentialKind: 'aws_role' }, /api_key or oauth or headers, and this one is of kind aws_role/],
    ['anthropic', { format: 'anthropic-messages', credentialKind: 'headers' }, /of kind headers/],
    ['bedrock', { format: 'bedrock-converse', credentialKind: 'oauth' }, /aws_role or api_key/],
    ['openai', { baseUrl: 'not a URL' }, /not a URL/],
    ['bedrock', { format: 'bedrock-converse', baseUrl: '::' }, /not a URL/],
    ['nobody', {}, /vendor nobody, which this build cannot call/],
    ...[
      '',
      '[]',
      'null',
      '"x"',
      '{"a":1}',
      '{"a b":"c"}',
      '{"a":"b\\r\\nc: d"}',
      '{"Host":"x"}',
      '{"content-length":"1"}',
    ].map(
      (secret) =>
        ['openai', { credentialKind: 'headers', secret }, /headers credential of upstream "up"/] as [
          string,
          Partial<UpstreamAddressing>,
          RegExp,
        ],
    ),
  ];
  it.each(REFUSED)('%s with %j says why', (vendor, change, message) => {
    const said = refusal(vendor, change);
    expect(said).toMatch(message);
    if (change.secret) expect(said).not.toContain(change.secret);
  });

  it.each<[string, Partial<UpstreamAddressing>, UpstreamOperation]>([
    ['openai', {}, 'count-tokens'],
    ['openai', {}, 'embed-batch'],
    ['openai', { format: 'anthropic-messages' }, 'embed'],
    ['anthropic', { format: 'anthropic-messages' }, 'embed'],
    ['azure-openai', {}, 'count-tokens'],
    ['bedrock', { format: 'bedrock-converse' }, 'count-tokens'],
    ['bedrock', { format: 'anthropic-messages' }, 'embed'],
  ])('%s with %j has no endpoint for %s', (vendor, change, operation) => {
    expect(() => usable(vendor, change).address({ operation, model: 'm' })).toThrow(
      expect.objectContaining({ code: 'upstream_error', message: expect.stringContaining(operation) }),
    );
  });
});
