import { createHash, createHmac } from 'node:crypto';
import type { AwsCredentials } from '../env.ts';
import { deriveSigningKey } from './sigv4.ts';

/** What a signature of S3 is over. Paths are sent and signed encoded once, unlike every other service's. */
export interface S3Request {
  method: string;
  /** As in the `host` header. */
  host: string;
  /** Percent-encoded, from `/`. */
  path: string;
  query?: Readonly<Record<string, string>>;
  /** Further headers to sign, lower-case names. */
  headers?: Readonly<Record<string, string>>;
}

export interface S3Signer {
  /** The headers to add. The body is not signed: the connection is what it is trusted for. */
  sign(request: S3Request): Record<string, string>;
  /** The query of an address that anybody may use for so long. */
  presign(request: S3Request, lifeSeconds: number): string;
  /**
   * The fields of a form that anybody may send for so long, under these conditions.
   * https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTConstructPolicy.html
   */
  signForm(
    fields: Readonly<Record<string, string>>,
    conditions: readonly unknown[],
    lifeSeconds: number,
  ): Record<string, string>;
}

const ALGORITHM = 'AWS4-HMAC-SHA256';
const UNSIGNED = 'UNSIGNED-PAYLOAD';

export interface S3SignerOptions {
  region: string;
  credentials(): AwsCredentials;
  /** Milliseconds since the epoch. */
  clock: () => number;
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-authenticating-requests.html */
export function createS3Signer(options: S3SignerOptions): S3Signer {
  return {
    sign(request) {
      const signing = beginSigning(options);
      const { sessionToken } = signing.credentials;
      const added: Record<string, string> = {
        'x-amz-date': signing.dateTime,
        'x-amz-content-sha256': UNSIGNED,
        ...(sessionToken === undefined ? {} : { 'x-amz-security-token': sessionToken }),
      };
      const signed = { ...request.headers, ...added, host: request.host };
      const signature = signatureOf(signing, canonicalText(request, canonicalQuery(request.query ?? {}), signed));
      const credential = `${signing.credentials.accessKeyId}/${signing.scope}`;
      const names = Object.keys(signed).toSorted().join(';');
      return {
        ...added,
        authorization: `${ALGORITHM} Credential=${credential}, SignedHeaders=${names}, Signature=${signature}`,
      };
    },
    presign(request, lifeSeconds) {
      const signing = beginSigning(options);
      const { accessKeyId, sessionToken } = signing.credentials;
      const signed = { ...request.headers, host: request.host };
      const query = canonicalQuery({
        ...request.query,
        'X-Amz-Algorithm': ALGORITHM,
        'X-Amz-Credential': `${accessKeyId}/${signing.scope}`,
        'X-Amz-Date': signing.dateTime,
        'X-Amz-Expires': String(lifeSeconds),
        'X-Amz-SignedHeaders': Object.keys(signed).toSorted().join(';'),
        ...(sessionToken === undefined ? {} : { 'X-Amz-Security-Token': sessionToken }),
      });
      return `${query}&X-Amz-Signature=${signatureOf(signing, canonicalText(request, query, signed))}`;
    },
    signForm(fields, conditions, lifeSeconds) {
      const signing = beginSigning(options);
      const { accessKeyId, sessionToken } = signing.credentials;
      const all: Record<string, string> = {
        ...fields,
        'x-amz-algorithm': ALGORITHM,
        'x-amz-credential': `${accessKeyId}/${signing.scope}`,
        'x-amz-date': signing.dateTime,
        ...(sessionToken === undefined ? {} : { 'x-amz-security-token': sessionToken }),
      };
      const exact = Object.entries(all).map(([name, value]) => ({ [name]: value }));
      const expiration = new Date(options.clock() + lifeSeconds * 1_000).toISOString();
      const policy = Buffer.from(JSON.stringify({ expiration, conditions: [...exact, ...conditions] }));
      const text = policy.toString('base64');
      return { ...all, policy: text, 'x-amz-signature': createHmac('sha256', signing.key).update(text).digest('hex') };
    },
  };
}

interface Signing {
  credentials: AwsCredentials;
  dateTime: string;
  scope: string;
  key: ReturnType<typeof deriveSigningKey>;
}

function beginSigning({ region, credentials, clock }: S3SignerOptions): Signing {
  const found = credentials();
  const dateTime = new Date(clock()).toISOString().replace(/[-:]|\.\d+/g, '');
  const day = dateTime.slice(0, 8);
  const key = deriveSigningKey({ secretAccessKey: found.secretAccessKey, day, region, service: 's3' });
  return { credentials: found, dateTime, scope: `${day}/${region}/s3/aws4_request`, key };
}

function canonicalText(request: S3Request, query: string, signed: Readonly<Record<string, string>>): string {
  const names = Object.keys(signed).toSorted();
  return [
    request.method,
    request.path,
    query,
    ...names.map((name) => `${name}:${signed[name]?.trim().replace(/ +/g, ' ')}`),
    '',
    names.join(';'),
    UNSIGNED,
  ].join('\n');
}

function signatureOf({ dateTime, scope, key }: Signing, canonical: string): string {
  const digest = createHash('sha256').update(canonical).digest('hex');
  return createHmac('sha256', key).update(`${ALGORITHM}\n${dateTime}\n${scope}\n${digest}`).digest('hex');
}

/** Sorted by code point: what is encoded is ASCII. */
export function canonicalQuery(query: Readonly<Record<string, string>>): string {
  return Object.entries(query)
    .map(([name, value]) => [encode(name), encode(value)] as const)
    .toSorted(([left], [right]) => (left < right ? -1 : Number(left > right)))
    .map((pair) => pair.join('='))
    .join('&');
}

/** RFC 3986: `encodeURIComponent` leaves five characters that are not unreserved. */
function encode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
