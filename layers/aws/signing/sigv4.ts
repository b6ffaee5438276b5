import { createHmac, createSecretKey, hash, type KeyObject } from 'node:crypto';
import { createHmacSha256, type HmacSha256 } from '@sluice/kit/crypto/hmac-sha256';
import type { AwsCredentials } from '../env.ts';

/**
 * AWS Signature Version 4 for the one kind of request that the JSON clients send: a POST to a fixed path, without a
 * query, told apart by `x-amz-target`. Everything but the target and the body stays the same for a second (the date)
 * or a day (the key), and is made once: two digests and one HMAC are left per request.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
export interface JsonSigner {
  /** The whole head of the request as it goes over the wire: the signed headers, the signature, the body's length. */
  head(target: string, body: string): string;
}

export interface JsonSignerOptions {
  /** Name in the scope: `dynamodb`. */
  service: string;
  region: string;
  /** Value of the `host` header. */
  host: string;
  /** Percent-encoded, as it is sent. */
  path: string;
  contentType: string;
  /** Asked at most once a second. */
  credentials(): AwsCredentials;
  /** Milliseconds since the epoch. */
  clock?: (() => number) | undefined;
}

export function createJsonSigner(options: JsonSignerOptions): JsonSigner {
  const { clock = Date.now } = options;
  const hmacOf = createHmacCache(options);
  let second = NaN;
  let parts: SecondParts;

  const partsOfNow = (): SecondParts => {
    const now = Math.floor(clock() / 1_000);
    if (now !== second) {
      parts = partsOfSecond(options, hmacOf, now);
      second = now;
    }
    return parts;
  };

  return {
    head(target, body) {
      const signing = partsOfNow();
      const { headStart, authorization } = signing;
      const length = Buffer.byteLength(body);
      const signature = signatureOf(signing, target, body);
      return `${headStart}${target}\r\nauthorization: ${authorization}${signature}\r\ncontent-length: ${length}\r\n\r\n`;
    },
  };
}

function signatureOf(parts: SecondParts, target: string, body: string): string {
  const request = parts.beforeTarget + target + parts.afterTarget + hash('sha256', body);
  return parts.hmac(parts.beforeRequestHash + hash('sha256', request));
}

/** Of the texts to sign, what is the same for all requests of one second. */
interface SecondParts {
  hmac: HmacSha256;
  /** The canonical request up to the target, and from there to the hash of the body. */
  beforeTarget: string;
  afterTarget: string;
  /** The string to sign up to the hash of the canonical request. */
  beforeRequestHash: string;
  /** The `authorization` header up to the signature. */
  authorization: string;
  /** The head of the request up to the target. */
  headStart: string;
}

function partsOfSecond(options: JsonSignerOptions, hmacOf: HmacCache, second: number): SecondParts {
  const { accessKeyId, secretAccessKey, sessionToken } = options.credentials();
  const dateTime = new Date(second * 1_000).toISOString().replace(/[-:]|\.\d+/g, '');
  const day = dateTime.slice(0, 8);
  const scope = `${day}/${options.region}/${options.service}/aws4_request`;
  const hasToken = sessionToken !== undefined;
  const names = `content-type;host;x-amz-date;${hasToken ? 'x-amz-security-token;' : ''}x-amz-target`;
  const headers = [
    `content-type:${canonicalValue(options.contentType)}`,
    `host:${options.host}`,
    `x-amz-date:${dateTime}`,
    ...(hasToken ? [`x-amz-security-token:${canonicalValue(sessionToken)}`] : []),
    'x-amz-target:',
  ].join('\n');
  return {
    hmac: hmacOf(secretAccessKey, day),
    beforeTarget: `POST\n${canonicalPath(options.path)}\n\n${headers}`,
    afterTarget: `\n\n${names}\n`,
    beforeRequestHash: `AWS4-HMAC-SHA256\n${dateTime}\n${scope}\n`,
    authorization: `AWS4-HMAC-SHA256 Credential=${accessKeyId}/${scope}, SignedHeaders=${names}, Signature=`,
    headStart: [
      `POST ${options.path} HTTP/1.1`,
      `host: ${options.host}`,
      `content-type: ${options.contentType}`,
      `x-amz-date: ${dateTime}`,
      ...(hasToken ? [`x-amz-security-token: ${sessionToken}`] : []),
      'x-amz-target: ',
    ].join('\r\n'),
  };
}

function canonicalValue(value: string): string {
  return value.trim().replace(/\s+/g, ' ');
}

/** Every service but S3 wants the path as it is sent encoded once more, segment by segment. */
function canonicalPath(path: string): string {
  return path
    .replace(/\/{2,}/g, '/')
    .split('/')
    .map(encodeSegment)
    .join('/');
}

/** RFC 3986: `encodeURIComponent` leaves five characters that are not unreserved. */
function encodeSegment(segment: string): string {
  return encodeURIComponent(segment).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

type HmacCache = (secretAccessKey: string, day: string) => HmacSha256;

function createHmacCache({ region, service }: { region: string; service: string }): HmacCache {
  let madeOf = { secretAccessKey: '', day: '' };
  let hmac: HmacSha256 | null = null;
  return (secretAccessKey, day) => {
    if (hmac === null || madeOf.secretAccessKey !== secretAccessKey || madeOf.day !== day) {
      madeOf = { secretAccessKey, day };
      hmac = createHmacSha256(deriveSigningKey({ ...madeOf, region, service }).export());
    }
    return hmac;
  };
}

/** The key of one day (`20150830`). */
export function deriveSigningKey(input: {
  secretAccessKey: string;
  day: string;
  region: string;
  service: string;
}): KeyObject {
  const start = createSecretKey(`AWS4${input.secretAccessKey}`, 'utf8');
  return [input.day, input.region, input.service, 'aws4_request'].reduce(
    (key, step) => createSecretKey(createHmac('sha256', key).update(step).digest()),
    start,
  );
}
