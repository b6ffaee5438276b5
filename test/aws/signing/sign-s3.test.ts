import { describe, expect, test } from '@jest/globals';
import aws4 from 'aws4';
import * as fc from 'fast-check';
import { createS3Signer } from '../../../layers/aws/signing/sign-s3.ts';

const CREDENTIALS = { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'a/secret+of=the test', sessionToken: 'token/+=' };
const NOW = Date.parse('2026-11-21T15:59:59Z');
const DATE = '20261121T155959Z';

function createSigner(credentials: { accessKeyId: string; secretAccessKey: string; sessionToken: string | undefined }) {
  return createS3Signer({ region: 'eu-central-1', credentials: () => credentials, clock: () => NOW });
}

const name = fc.stringMatching(/^[a-zA-Z0-9-]{1,12}$/);
const value = fc.stringMatching(/^[\x21-\x7e]{0,20}$/);
const request = fc.record({
  method: fc.constantFrom('GET', 'PUT', 'POST', 'DELETE', 'HEAD'),
  path: fc.stringMatching(/^\/[a-z0-9]{3,10}\/images\/[A-Za-z0-9._-]{1,30}$/),
  query: fc.dictionary(name, value, { maxKeys: 3, noNullPrototype: true }),
  hasToken: fc.boolean(),
});

function textOf(query: Record<string, string>): string {
  const pairs = Object.entries(query).map((pair) => pair.map(encodeURIComponent).join('='));
  return pairs.length === 0 ? '' : `?${pairs.join('&')}`;
}

describe('a signature of S3', () => {
  test('in headers is the one that another implementation makes', () => {
    fc.assert(
      fc.property(request, ({ method, path, query, hasToken }) => {
        const credentials = { ...CREDENTIALS, sessionToken: hasToken ? CREDENTIALS.sessionToken : undefined };
        const host = 'bucket.s3.eu-central-1.amazonaws.com';
        const headers = { 'content-type': 'image/png' };
        const ours = createSigner(credentials).sign({ method, host, path, query, headers });
        const theirs = aws4.sign(
          {
            service: 's3',
            region: 'eu-central-1',
            method,
            host,
            path: path + textOf(query),
            headers: { ...headers, 'X-Amz-Date': DATE, 'X-Amz-Content-Sha256': 'UNSIGNED-PAYLOAD' },
          },
          {
            accessKeyId: credentials.accessKeyId,
            secretAccessKey: credentials.secretAccessKey,
            ...(hasToken && { sessionToken: CREDENTIALS.sessionToken }),
          },
        );
        expect(ours['authorization']).toBe(theirs.headers?.['Authorization']);
      }),
      { numRuns: 100 },
    );
  });

  test('in an address is the one that another implementation makes, and so long as it was asked for', () => {
    fc.assert(
      fc.property(request, fc.integer({ min: 1, max: 604_800 }), ({ method, path, hasToken }, seconds) => {
        const credentials = { ...CREDENTIALS, sessionToken: hasToken ? CREDENTIALS.sessionToken : undefined };
        const host = '127.0.0.1:9000';
        const ours = createSigner(credentials).presign({ method, host, path }, seconds);
        const theirs = aws4.sign(
          {
            service: 's3',
            region: 'eu-central-1',
            method,
            host,
            path: `${path}?X-Amz-Date=${DATE}&X-Amz-Expires=${seconds}`,
            signQuery: true,
          },
          {
            accessKeyId: credentials.accessKeyId,
            secretAccessKey: credentials.secretAccessKey,
            ...(hasToken && { sessionToken: CREDENTIALS.sessionToken }),
          },
        );
        const signatureIn = (text: string) => new URLSearchParams(text).get('X-Amz-Signature');
        expect(signatureIn(ours)).toBe(signatureIn(theirs.path?.split('?')[1] ?? ''));
      }),
      { numRuns: 100 },
    );
  });
});
