import { createHash } from 'node:crypto';
import aws4 from 'aws4';
import fc from 'fast-check';
import { createCallSigner, type CallToSign } from '../../../layers/aws/signing/sign-call.ts';

const NOON = Date.parse('2026-08-30T12:36:00.987Z');
const SCOPE = { service: 'bedrock', region: 'us-east-1' };
const KEYS = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' };
const ORIGIN = 'https://bedrock-runtime.us-east-1.amazonaws.com';

function sign(call: CallToSign, sessionToken?: string): Promise<Record<string, string>> {
  return createCallSigner({ credentials: () => ({ ...KEYS, sessionToken }), clock: () => NOON })(call, SCOPE);
}

/** What another implementation makes of the same call with the same headers signed. */
function byAws4({ origin, path, headers, body }: CallToSign, added: Record<string, string>): unknown {
  const { authorization: _ours, ...signed } = added;
  const contentType = headers['content-type'];
  const request = {
    host: new URL(origin).host,
    method: 'POST',
    path,
    body,
    ...SCOPE,
    headers: { ...signed, ...(contentType !== undefined && { 'content-type': contentType }) },
    extraHeadersToIgnore: { 'content-length': true },
  };
  return aws4.sign(request as never, KEYS).headers?.['Authorization'];
}

function aCall(change: Partial<CallToSign> = {}): CallToSign {
  return {
    origin: ORIGIN,
    path: '/model/m/converse',
    headers: { 'content-type': 'application/json', 'user-agent': 'sluice' },
    body: Buffer.from('{"messages":[]}'),
    ...change,
  };
}

describe('a call signed for AWS', () => {
  it('tells time, hash and token beside the signature, of no other header', async () => {
    const added = await sign(aCall(), 'a-session-token');
    expect(added).toEqual({
      'x-amz-date': '20260830T123600Z',
      'x-amz-content-sha256': createHash('sha256').update('{"messages":[]}').digest('hex'),
      'x-amz-security-token': 'a-session-token',
      authorization: expect.stringMatching(
        /^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\/20260830\/us-east-1\/bedrock\/aws4_request, SignedHeaders=content-type;host;x-amz-content-sha256;x-amz-date;x-amz-security-token, Signature=[0-9a-f]{64}$/,
      ),
    });
    expect(Object.keys(await sign(aCall()))).not.toContain('x-amz-security-token');
  });

  it.each([
    ['a model with a colon', '/model/anthropic.claude-v2%3A1/invoke-with-response-stream'],
    [
      'an ARN in one segment',
      `/model/${encodeURIComponent('arn:aws:bedrock:x:1:inference-profile/us.a-v1:0')}/converse`,
    ],
    ['a path with all that need not be encoded', "/a-b._~!'()*/c"],
    ['no path', ''],
    ['a query', '/x?b=2&a=1'],
    ['names of a query of which one begins the other', '/x?a-b=1&a=2&a%20=3&A=4'],
    ['one name with several values', '/x?a=2&a=1&a='],
    ['a question mark in a query', '/x?a=b%3Fc&d=e?f'],
  ])('over %s is what another implementation signs', async (_title, path) => {
    const call = aCall({ path });
    const added = await sign(call);
    expect(added['authorization']).toBe(byAws4(call, added));
  });

  it('over any path, query, body and token is what another implementation signs', async () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 12 });
    const segment = text.map(encodeURIComponent).filter((part) => part !== '' && part !== '.' && part !== '..');
    const query = fc.array(fc.tuple(text.filter(Boolean), text), { maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(
        fc.array(segment, { minLength: 1, maxLength: 4 }),
        query,
        fc.uint8Array({ maxLength: 64 }),
        fc.option(fc.stringMatching(/^[A-Za-z0-9+/=]{8,40}$/), { nil: undefined }),
        async (segments, pairs, body, token) => {
          const asked = pairs.map((pair) => pair.map(encodeURIComponent).join('=')).join('&');
          const path = `/${segments.join('/')}${asked === '' ? '' : `?${asked}`}`;
          const call = aCall({ path, body: Buffer.from(body) });
          const added = await sign(call, token);
          expect(added['authorization']).toBe(byAws4(call, added));
        },
      ),
    );
  });

  it('is another for every change of what is signed', async () => {
    const base = (await sign(aCall()))['authorization'];
    const changed = await Promise.all([
      sign(aCall({ body: Buffer.from('{}') })),
      sign(aCall({ path: '/model/n/converse' })),
      sign(aCall({ origin: 'https://other.example' })),
      sign(aCall({ headers: { 'content-type': 'text/plain' } })),
      sign(aCall(), 'token'),
    ]);
    expect(new Set([base, ...changed.map(({ authorization }) => authorization)]).size).toBe(6);
    expect((await sign(aCall({ headers: { 'content-type': 'application/json', accept: 'x' } })))['authorization']).toBe(
      base,
    );
  });
});
