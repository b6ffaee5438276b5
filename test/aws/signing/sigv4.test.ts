import { describe, expect, it, jest } from '@jest/globals';
import aws4 from 'aws4';
import fc from 'fast-check';
import { createJsonSigner, deriveSigningKey, type JsonSignerOptions } from '../../../layers/aws/signing/sigv4.ts';

const SECRET = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY';
const NOON = Date.parse('2015-08-30T12:36:00Z');
const DYNAMODB: JsonSignerOptions = {
  service: 'dynamodb',
  region: 'us-east-1',
  host: 'dynamodb.us-east-1.amazonaws.com',
  path: '/',
  contentType: 'application/x-amz-json-1.0',
  credentials: () => ({ accessKeyId: 'AKIDEXAMPLE', secretAccessKey: SECRET, sessionToken: undefined }),
  clock: () => NOON,
};

/** What another implementation makes of the same headers. */
function authorizationByAws4(options: JsonSignerOptions, sent: Record<string, string>, body: string): unknown {
  const { authorization: _ours, ...headers } = sent;
  const { host, service, region, path } = options;
  const request = {
    host,
    service,
    region,
    path,
    method: 'POST',
    body,
    headers,
    extraHeadersToIgnore: { 'content-length': true },
  };
  const { accessKeyId, secretAccessKey } = options.credentials();
  // The token is among the headers, so that it is signed as it is sent.
  return aws4.sign(request, { accessKeyId, secretAccessKey }).headers?.['Authorization'];
}

/** The headers of a head as it goes over the wire. */
function headersOf(head: string): Record<string, string> {
  const [, ...lines] = head.slice(0, -'\r\n\r\n'.length).split('\r\n');
  return Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]));
}

describe('the signing key', () => {
  it('is the one of the examples in the AWS documentation', () => {
    const key = (day: string): string =>
      deriveSigningKey({ secretAccessKey: SECRET, day, region: 'us-east-1', service: 'iam' }).export().toString('hex');
    // https://docs.aws.amazon.com/general/latest/gr/signature-v4-examples.html
    expect(key('20120215')).toBe('f4780e2d9f65fa895f9c67b32ce1baf0b0d8a43505a000a1a9e090d414db404d');
    expect(key('20150830')).toBe('c4afb1cc5771d871763a393e44b703571b55cc28424d1a5e86da6ed3c154a4b9');
  });
});

describe('the signer of JSON requests', () => {
  const word = fc.base64String({ minLength: 4, maxLength: 60 });
  const path = fc.constantFrom('/', '/a/b', '/with%20space/', '//twice//', "/(it's)*!", '/%C3%A4~_.-');

  it('signs whatever it is given as another implementation does', () => {
    const requests = fc.record({
      service: fc.constantFrom('dynamodb', 'secretsmanager'),
      region: fc.constantFrom('us-east-1', 'eu-central-1', 'local'),
      host: fc.constantFrom('dynamodb.us-east-1.amazonaws.com', '127.0.0.1:8000', 'localhost'),
      path,
      accessKeyId: word,
      secretAccessKey: fc.string({ minLength: 1 }),
      sessionToken: fc.option(word, { nil: undefined }),
      target: word,
      body: fc.string({ unit: 'binary' }),
      now: fc.date({ min: new Date('2000-01-01'), max: new Date('2100-01-01'), noInvalidDate: true }),
    });
    fc.assert(
      fc.property(requests, ({ accessKeyId, secretAccessKey, sessionToken, target, body, now, ...address }) => {
        const credentials = { accessKeyId, secretAccessKey, sessionToken };
        const options = { ...DYNAMODB, ...address, credentials: () => credentials, clock: () => now.getTime() };
        const head = createJsonSigner(options).head(target, body);
        expect(head.startsWith(`POST ${address.path} HTTP/1.1\r\n`)).toBe(true);
        const { 'content-length': length, ...headers } = headersOf(head);
        expect(length).toBe(String(Buffer.byteLength(body)));
        expect(headers['authorization']).toBe(authorizationByAws4(options, headers, body));
      }),
      { numRuns: 100 },
    );
  });

  it('sends what it signed and nothing else, the date without fractions', () => {
    const head = createJsonSigner({ ...DYNAMODB, clock: () => NOON + 999 }).head('DynamoDB_20120810.GetItem', '"ü"');
    expect(headersOf(head)).toEqual({
      'content-length': '4',
      host: DYNAMODB.host,
      'content-type': DYNAMODB.contentType,
      'x-amz-date': '20150830T123600Z',
      'x-amz-target': 'DynamoDB_20120810.GetItem',
      authorization: expect.stringMatching(
        /^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\/20150830\/us-east-1\/dynamodb\/aws4_request, SignedHeaders=content-type;host;x-amz-date;x-amz-target, Signature=[0-9a-f]{64}$/,
      ),
    });
  });

  it('follows the clock over midnight and the credentials when they are rotated', () => {
    let now = Date.parse('2015-08-30T23:59:58Z');
    let secretAccessKey = SECRET;
    const credentials = jest.fn(() => ({ accessKeyId: 'AKIDEXAMPLE', secretAccessKey, sessionToken: 'token' }));
    const options = { ...DYNAMODB, credentials, clock: () => now };
    const signer = createJsonSigner(options);
    const check = (): void => {
      const { 'content-length': _length, ...headers } = headersOf(signer.head('DynamoDB_20120810.PutItem', '{"a":1}'));
      expect(headers['x-amz-security-token']).toBe('token');
      expect(headers['authorization']).toBe(authorizationByAws4(options, headers, '{"a":1}'));
    };
    check();
    now += 1_000;
    secretAccessKey = 'another';
    check();
    now += 1_000;
    check();
    expect(new Date(now).getUTCDate()).toBe(31);
  });

  it('asks for the credentials once in a second, however much is signed in it', () => {
    let now = NOON;
    const credentials = jest.fn(DYNAMODB.credentials);
    const signer = createJsonSigner({ ...DYNAMODB, credentials, clock: () => now });
    for (let count = 0; count < 100; count += 1, now += 9) signer.head('DynamoDB_20120810.PutItem', String(count));
    expect(credentials).toHaveBeenCalledTimes(1);
    now = NOON - 1;
    signer.head('DynamoDB_20120810.PutItem', 'the clock was set back');
    expect(credentials).toHaveBeenCalledTimes(2);
  });
});
