import { createHash, createHmac } from 'node:crypto';
import type { AwsCredentials } from '../env.ts';
import { deriveSigningKey } from './sigv4.ts';

/** A call to any AWS service, as it is sent. */
export interface CallToSign {
  /** `https://host:port`. */
  origin: string;
  /** Path and query, percent-encoded. */
  path: string;
  /** Lower-case names. */
  headers: Readonly<Record<string, string>>;
  body: Buffer;
}

/**
 * AWS Signature Version 4 of one POST: the headers to add. Signed are host, content type, date, the body's hash, the
 * session token and AWS's own headers; what a connection adds is not.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
export function createCallSigner({
  credentials,
  clock = Date.now,
}: {
  credentials(): AwsCredentials;
  /** Milliseconds since the epoch. */
  clock?: (() => number) | undefined;
}): (call: CallToSign, scope: { service: string; region: string }) => Promise<Record<string, string>> {
  return (call, { service, region }) => {
    const { accessKeyId, secretAccessKey, sessionToken } = credentials();
    const dateTime = new Date(clock()).toISOString().replace(/[-:]|\.\d+/g, '');
    const day = dateTime.slice(0, 8);
    const bodyHash = createHash('sha256').update(call.body).digest('hex');
    const added: Record<string, string> = {
      'x-amz-date': dateTime,
      'x-amz-content-sha256': bodyHash,
      ...(sessionToken === undefined ? {} : { 'x-amz-security-token': sessionToken }),
    };
    const signed: Record<string, string> = { ...added, host: new URL(call.origin).host };
    for (const name in call.headers) if (name.startsWith('x-amz-')) signed[name] = call.headers[name] ?? '';
    const contentType = call.headers['content-type'];
    if (contentType !== undefined) signed['content-type'] = contentType;
    const names = Object.keys(signed).toSorted();
    const mark = call.path.indexOf('?');
    const path = mark < 0 ? call.path : call.path.slice(0, mark);
    const query = mark < 0 ? '' : call.path.slice(mark + 1);
    const request = [
      'POST',
      canonicalPath(path),
      canonicalQuery(query),
      ...names.map((name) => `${name}:${signed[name]?.trim().replace(/\s+/g, ' ')}`),
      '',
      names.join(';'),
      bodyHash,
    ].join('\n');
    const scope = `${day}/${region}/${service}/aws4_request`;
    const requestHash = createHash('sha256').update(request).digest('hex');
    const text = `AWS4-HMAC-SHA256\n${dateTime}\n${scope}\n${requestHash}`;
    const key = deriveSigningKey({ secretAccessKey, day, region, service });
    const signature = createHmac('sha256', key).update(text).digest('hex');
    const authorization = `AWS4-HMAC-SHA256 Credential=${accessKeyId}/${scope}, SignedHeaders=${names.join(';')}, Signature=${signature}`;
    return Promise.resolve({ ...added, authorization });
  };
}

/** Every service but S3 wants the path as it is sent encoded once more. */
function canonicalPath(path: string): string {
  return path === '' ? '/' : path.split('/').map(encode).join('/');
}

function canonicalQuery(query: string): string {
  if (query === '') return '';
  return [...new URLSearchParams(query)]
    .map(([name, value]) => [encode(name), encode(value)] as const)
    .toSorted((left, right) => compare(left[0], right[0]) || compare(left[1], right[1]))
    .map((pair) => pair.join('='))
    .join('&');
}

/** By code point: what is encoded is ASCII. */
function compare(left: string, right: string): number {
  return left < right ? -1 : Number(left > right);
}

/** RFC 3986: `encodeURIComponent` leaves five characters that are not unreserved. */
function encode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
