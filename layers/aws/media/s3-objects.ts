import { createHash } from 'node:crypto';
import type { MediaObjects, ObjectFacts, TicketRequest, UploadTicket } from '@sluice/core/media/media-objects';
import { failureOf, type S3Client } from './s3-client.ts';

/** All parts but the last have this at least: https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html */
export const PART_BYTES = 5 * 1024 * 1024;

/** The media bucket. */
export function createMediaObjects(client: S3Client): MediaObjects {
  return {
    put: (key, body, facts) =>
      body instanceof Uint8Array ? putWhole(client, { key, body, facts }) : putArriving(client, { key, body, facts }),
    async open(key) {
      const opened = await client.open(key);
      return opened && { bytes: Number(opened.headers['content-length'] ?? 0), body: opened.body };
    },
    delete: (keys) => deleteObjects(client, keys),
    list: (prefix, after) => listKeys(client, prefix, after),
    createTicket: (request) => createTicket(client, request),
  };
}

interface Writing<Body> {
  key: string;
  body: Body;
  facts: ObjectFacts;
}

function headersOf({ contentType, cacheControl, contentDisposition }: ObjectFacts): Record<string, string> {
  return {
    'content-type': contentType,
    'cache-control': cacheControl,
    ...(contentDisposition !== undefined && { 'content-disposition': contentDisposition }),
  };
}

async function putWhole(client: S3Client, { key, body, facts }: Writing<Uint8Array>): Promise<number> {
  await client.send({ method: 'PUT', key, body, headers: headersOf(facts) }, { repeatable: true });
  return body.length;
}

/** Buffers of parts are used again, so that a row of large media leaves no row of large garbage. */
const sparePartBuffers: Buffer[] = [];
const MOST_SPARE = 4;

/** The service wants to know the length before the bytes, so they are gathered by parts, one at a time in memory. */
async function putArriving(client: S3Client, writing: Writing<AsyncIterable<Uint8Array>>): Promise<number> {
  const part = sparePartBuffers.pop() ?? Buffer.allocUnsafeSlow(PART_BYTES);
  try {
    return await putByParts(client, writing, part);
  } finally {
    if (sparePartBuffers.length < MOST_SPARE) sparePartBuffers.push(part);
  }
}

async function putByParts(
  client: S3Client,
  writing: Writing<AsyncIterable<Uint8Array>>,
  part: Buffer,
): Promise<number> {
  let filled = 0;
  let bytes = 0;
  let upload: MultipartUpload | null = null;
  try {
    for await (const chunk of writing.body) {
      bytes += chunk.length;
      for (let taken = 0; taken < chunk.length;) {
        // A full part is sent when more comes, so that the last one is known as such.
        if (filled === PART_BYTES) {
          upload ??= await startUpload(client, writing);
          await upload.add(part);
          filled = 0;
        }
        const step = Math.min(chunk.length - taken, PART_BYTES - filled);
        part.set(chunk.subarray(taken, taken + step), filled);
        taken += step;
        filled += step;
      }
    }
    const last = part.subarray(0, filled);
    if (upload === null) return await putWhole(client, { ...writing, body: last });
    await upload.add(last);
    await upload.complete();
    return bytes;
  } catch (error) {
    // What is left over all the same, the bucket's lifecycle removes.
    await upload?.abort().catch(() => undefined);
    throw error;
  }
}

interface MultipartUpload {
  add(part: Uint8Array): Promise<void>;
  complete(): Promise<void>;
  abort(): Promise<void>;
}

async function startUpload(client: S3Client, { key, facts }: Writing<unknown>): Promise<MultipartUpload> {
  const started = await client.send(
    { method: 'POST', key, query: { uploads: '' }, headers: headersOf(facts) },
    { repeatable: true },
  );
  const uploadId = unescape(/<UploadId>([^<]+)<\/UploadId>/.exec(started.body.toString())?.[1] ?? '');
  const tags: string[] = [];
  return {
    async add(part) {
      const query = { partNumber: String(tags.length + 1), uploadId };
      const { status, headers, body } = await client.send(
        { method: 'PUT', key, query, body: part },
        { repeatable: true },
      );
      if (status !== 200) throw failureOf(status, body.toString());
      tags.push(String(headers['etag'] ?? ''));
    },
    async complete() {
      const parts = tags.map((tag, at) => `<Part><PartNumber>${at + 1}</PartNumber><ETag>${escape(tag)}</ETag></Part>`);
      const body = Buffer.from(`<CompleteMultipartUpload>${parts.join('')}</CompleteMultipartUpload>`);
      const answer = await client.send({ method: 'POST', key, query: { uploadId }, body }, { repeatable: true });
      const text = answer.body.toString();
      // Told under 200 too; and a second sending after a lost answer finds no upload, but the object.
      if (answer.status === 200 && !text.includes('<Error>')) return;
      const head = await client.send({ method: 'HEAD', key }, { repeatable: true });
      if (head.status !== 200) throw failureOf(answer.status === 200 ? 500 : answer.status, text);
    },
    async abort() {
      await client.send({ method: 'DELETE', key, query: { uploadId } }, { repeatable: true });
    },
  };
}

async function deleteObjects(client: S3Client, keys: readonly string[]): Promise<string[]> {
  if (keys.length === 0) return [];
  const objects = keys.map((key) => `<Object><Key>${escape(key)}</Key></Object>`);
  const body = Buffer.from(`<Delete><Quiet>true</Quiet>${objects.join('')}</Delete>`);
  const headers = { 'content-md5': createHash('md5').update(body).digest('base64'), 'content-type': 'application/xml' };
  const answer = await client.send(
    { method: 'POST', key: '', query: { delete: '' }, headers, body },
    { repeatable: true },
  );
  if (answer.status !== 200) throw failureOf(answer.status, answer.body.toString());
  const failures = answer.body.toString().matchAll(/<Error>.*?<Key>([^<]*)<\/Key>.*?<\/Error>/gs);
  return Array.from(failures, ([, key = '']) => unescape(key));
}

async function listKeys(
  client: S3Client,
  prefix: string,
  after: string | null,
): Promise<{ key: string; bytes: number }[]> {
  const query = { 'list-type': '2', prefix, ...(after !== null && { 'start-after': after }) };
  const answer = await client.send({ method: 'GET', key: '', query }, { repeatable: true });
  if (answer.status !== 200) throw failureOf(answer.status, answer.body.toString());
  return Array.from(answer.body.toString().matchAll(/<Contents>(.*?)<\/Contents>/gs), ([, text = '']) => ({
    key: unescape(/<Key>([^<]*)<\/Key>/.exec(text)?.[1] ?? ''),
    bytes: Number(/<Size>(\d+)<\/Size>/.exec(text)?.[1] ?? 0),
  }));
}

function createTicket(client: S3Client, request: TicketRequest): UploadTicket {
  const { key, contentType, bytes, mostBytes, lifeSeconds } = request;
  const { origin, host, path } = client.locate(key);
  // Signed with the address, so that the service takes exactly this many bytes.
  const headers = bytes === null ? null : { 'content-type': contentType, 'content-length': String(bytes) };
  const query = headers && client.signer.presign({ method: 'PUT', host, path, headers }, lifeSeconds);
  const fields = { key, 'content-type': contentType };
  const conditions = [{ bucket: client.bucket }, ['content-length-range', bytes ?? 1, bytes ?? mostBytes]];
  return {
    put: headers && { url: `${origin}${path}?${query}`, headers },
    form: {
      url: `${origin}${path.slice(0, path.length - key.length)}`,
      fields: client.signer.signForm(fields, conditions, lifeSeconds),
    },
  };
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}

function unescape(text: string): string {
  return text
    .replaceAll('&quot;', '"')
    .replaceAll('&apos;', "'")
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');
}
