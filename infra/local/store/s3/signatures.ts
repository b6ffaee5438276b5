/** Signatures of what is handed out: presigned addresses and the policies of forms (AWS Signature Version 4). */

import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { s3Failure } from './s3-error.ts';

/** The secret of an access key id. */
export type SecretOf = (accessKeyId: string) => string;

const MISMATCH =
  'The request signature we calculated does not match the signature you provided. Check your key and signing method.';

/** `20260101T000000Z` and the scope of a credential, `AKIA…/20260101/us-east-1/s3/aws4_request`. */
function signatureOf(text: string, credential: string, secretOf: SecretOf): string {
  const [accessKeyId = '', ...scope] = credential.split('/');
  const key = scope.reduce<string | Buffer>(
    (former, step) => createHmac('sha256', former).update(step).digest(),
    `AWS4${secretOf(accessKeyId)}`,
  );
  return createHmac('sha256', key).update(text).digest('hex');
}

function requireEqual(computed: string, given: string): void {
  const [left, right] = [Buffer.from(computed), Buffer.from(given)];
  if (left.length !== right.length || !timingSafeEqual(left, right)) throw s3Failure('SignatureDoesNotMatch', MISMATCH);
}

export interface PresignedCall {
  readonly method: string;
  /** As sent. */
  readonly path: string;
  /** As sent, without the question mark. */
  readonly search: string;
  readonly headers: IncomingHttpHeaders;
}

/**
 * Throws where the address was not signed so, or a header that was signed with it is another one.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
 */
export function verifyPresigned(call: PresignedCall, secretOf: SecretOf): void {
  const query = new URLSearchParams(call.search);
  const credential = query.get('X-Amz-Credential') ?? '';
  const signed = (query.get('X-Amz-SignedHeaders') ?? '').split(';');
  const canonicalQuery = call.search
    .split('&')
    .filter((pair) => !pair.startsWith('X-Amz-Signature='))
    .map((pair) => (pair.includes('=') ? pair : `${pair}=`))
    .toSorted();
  const text = [
    call.method,
    call.path,
    canonicalQuery.join('&'),
    ...signed.map((name) => `${name}:${String(call.headers[name] ?? '').trim()}`),
    '',
    signed.join(';'),
    query.get('X-Amz-Content-Sha256') ?? 'UNSIGNED-PAYLOAD',
  ].join('\n');
  const digest = createHash('sha256').update(text).digest('hex');
  const scope = credential.split('/').slice(1).join('/');
  const toSign = `AWS4-HMAC-SHA256\n${query.get('X-Amz-Date') ?? ''}\n${scope}\n${digest}`;
  requireEqual(signatureOf(toSign, credential, secretOf), query.get('X-Amz-Signature') ?? '');
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-authentication-HTTPPOST.html */
export function verifyForm(fields: ReadonlyMap<string, string>, secretOf: SecretOf): void {
  const computed = signatureOf(fields.get('policy') ?? '', fields.get('x-amz-credential') ?? '', secretOf);
  requireEqual(computed, fields.get('x-amz-signature') ?? '');
}
