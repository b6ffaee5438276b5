/** The bytes of an upload: plain or aws-chunked, measured, digested and checked while they go to a file. */

import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { crc32 } from 'node:zlib';
import { s3Failure } from './s3-error.ts';

export interface StoredBody {
  readonly size: number;
  readonly md5: Buffer;
  /** The checksum that the client sent, by header name, verified where the algorithm is at hand. */
  readonly checksum: { name: string; value: string } | null;
}

const CHECKSUM = /^x-amz-checksum-(crc32|crc32c|crc64nvme|sha1|sha256)$/;

function isChunked(headers: IncomingHttpHeaders): boolean {
  return (
    String(headers['content-encoding'] ?? '').includes('aws-chunked') ||
    String(headers['x-amz-content-sha256'] ?? '').startsWith('STREAMING-')
  );
}

/**
 * aws-chunked framing: `<hex size>[;chunk-signature=…]\r\n<bytes>\r\n … 0\r\n<trailer>: <value>\r\n\r\n`
 * (https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming-trailers.html).
 */
async function* decodeChunks(source: AsyncIterable<Buffer>, trailers: Record<string, string>): AsyncGenerator<Buffer> {
  let pending: Buffer = Buffer.alloc(0);
  let left = 0;
  let inTrailers = false;
  for await (const arrived of source) {
    pending = pending.length === 0 ? arrived : Buffer.concat([pending, arrived]);
    while (pending.length > 0) {
      if (left > 0) {
        const part = pending.subarray(0, left);
        pending = pending.subarray(part.length);
        left -= part.length;
        yield part;
        continue;
      }
      const lineEnd = pending.indexOf('\r\n');
      if (lineEnd < 0) break;
      const line = pending.subarray(0, lineEnd).toString('latin1');
      pending = pending.subarray(lineEnd + 2);
      if (inTrailers) {
        const colon = line.indexOf(':');
        if (colon > 0) trailers[line.slice(0, colon).trim().toLowerCase()] = line.slice(colon + 1).trim();
        continue;
      }
      // The empty line is the one that ends the previous chunk.
      if (line === '') continue;
      left = Number.parseInt(line, 16);
      if (Number.isNaN(left)) throw s3Failure('InvalidArgument', 'The aws-chunked body is malformed');
      inTrailers = left === 0;
    }
  }
  if (left > 0 || !inTrailers) throw s3Failure('InvalidArgument', 'The aws-chunked body ended early');
}

function findChecksum(headers: Record<string, unknown>): StoredBody['checksum'] {
  for (const [name, value] of Object.entries(headers)) {
    if (CHECKSUM.test(name)) return { name, value: String(value) };
  }
  return null;
}

function crc32Text(value: number): string {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes.toString('base64');
}

/** Writes a request's payload to a file; refuses a body that does not match its own checksum. */
export async function receiveBody(request: IncomingMessage, file: string): Promise<StoredBody> {
  const trailers: Record<string, string> = {};
  const md5 = createHash('md5');
  const sha1 = createHash('sha1');
  const sha256 = createHash('sha256');
  const announced = `${Object.keys(request.headers).join(' ')} ${String(request.headers['x-amz-trailer'] ?? '')}`;
  let crc = 0;
  let size = 0;
  const source = isChunked(request.headers) ? decodeChunks(request, trailers) : (request as AsyncIterable<Buffer>);
  await pipeline(
    async function* measure() {
      for await (const part of source) {
        size += part.length;
        md5.update(part);
        crc = crc32(part, crc);
        if (announced.includes('sha256')) sha256.update(part);
        if (announced.includes('sha1')) sha1.update(part);
        yield part;
      }
    },
    createWriteStream(file, { mode: 0o600 }),
  );
  const digest = md5.digest();
  const checksum = findChecksum({ ...request.headers, ...trailers });
  const computed: Record<string, string> = {
    'x-amz-checksum-crc32': crc32Text(crc),
    'x-amz-checksum-sha1': sha1.digest('base64'),
    'x-amz-checksum-sha256': sha256.digest('base64'),
  };
  const expected = checksum === null ? undefined : computed[checksum.name];
  if (expected !== undefined && expected !== checksum!.value) {
    throw s3Failure('BadDigest', 'The checksum that was sent does not match the bytes that arrived');
  }
  const md5Header = request.headers['content-md5'];
  if (md5Header !== undefined && md5Header !== digest.toString('base64')) {
    throw s3Failure('BadDigest', 'The Content-MD5 you specified did not match what we received');
  }
  return { size, md5: digest, checksum };
}

export async function readSmallBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  const source = isChunked(request.headers) ? decodeChunks(request, {}) : (request as AsyncIterable<Buffer>);
  for await (const chunk of source) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}
