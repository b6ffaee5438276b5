import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createS3Server } from '../../../infra/local/store/s3/server.ts';
import type { S3Server } from '../../../infra/local/store/interfaces.ts';
import { createS3Client, type S3Client } from '../../../layers/aws/media/s3-client.ts';
import { createMediaObjects, PART_BYTES } from '../../../layers/aws/media/s3-objects.ts';
import type { MediaObjects } from '../../../layers/core/media/media-objects.ts';

const BUCKET = 'media-bucket';
const FACTS = { contentType: 'image/png', cacheControl: 'public, max-age=60' };
const secretOf = (accessKeyId: string): string => `secret of ${accessKeyId}`;

let directory: string;
let server: S3Server;
let client: S3Client;
let objects: MediaObjects;
let clockOffsetMs = 0;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'media-objects-'));
  server = await createS3Server({ directory, secretOf, now: () => Date.now() + clockOffsetMs });
  await server.createBucket(BUCKET);
  client = createS3Client({
    bucket: BUCKET,
    aws: {
      region: 'us-east-1',
      endpoints: { s3: server.url },
      credentials: () => ({ accessKeyId: 'tester', secretAccessKey: secretOf('tester'), sessionToken: 'session' }),
    },
  });
  objects = createMediaObjects(client);
});

afterAll(async () => {
  await client.close();
  await server.close();
  await rm(directory, { recursive: true });
});

beforeEach(() => {
  clockOffsetMs = 0;
});

async function* inPieces(bytes: Buffer, size: number): AsyncGenerator<Buffer, void, undefined> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function readBack(key: string): Promise<Buffer | null> {
  const opened = await objects.open(key);
  if (opened === null) return null;
  const chunks: Uint8Array[] = [];
  for await (const chunk of opened.body) chunks.push(chunk);
  expect(Buffer.concat(chunks)).toHaveLength(opened.bytes);
  return Buffer.concat(chunks);
}

describe('an object', () => {
  test.each([
    ['one piece', 1, 1],
    ['less than a part', PART_BYTES - 1, 70_000],
    ['exactly one part', PART_BYTES, 64 * 1024],
    ['a part and a byte', PART_BYTES + 1, 64 * 1024],
    ['exactly two parts', 2 * PART_BYTES, 1024 * 1024],
    ['pieces larger than a part', 2 * PART_BYTES + 12_345, PART_BYTES + 77],
  ])('that arrives as %s is kept whole', async (_name, length, size) => {
    const bytes = randomBytes(length);
    expect(await objects.put('images/a.png', inPieces(bytes, size), FACTS)).toBe(length);
    expect((await readBack('images/a.png'))?.equals(bytes)).toBe(true);
  });

  test('is served with what was said of it', async () => {
    await objects.put('images/a.bin', Buffer.from('x'), { ...FACTS, contentDisposition: 'attachment' });
    await objects.put('images/large.png', inPieces(randomBytes(PART_BYTES + 1), 100_000), FACTS);
    const [small, large] = await Promise.all(
      ['a.bin', 'large.png'].map((name) => fetch(`${server.url}/${BUCKET}/images/${name}`, { method: 'HEAD' })),
    );
    expect(small?.headers.get('content-disposition')).toBe('attachment');
    for (const answer of [small, large]) {
      expect(answer?.headers.get('content-type')).toBe('image/png');
      expect(answer?.headers.get('cache-control')).toBe('public, max-age=60');
    }
  });

  test('whose body breaks is not there, and nothing of it is left', async () => {
    async function* broken(): AsyncGenerator<Buffer, void, undefined> {
      yield randomBytes(PART_BYTES);
      yield randomBytes(PART_BYTES);
      throw new Error('the upstream is gone');
    }
    await expect(objects.put('images/broken.png', broken(), FACTS)).rejects.toThrow('the upstream is gone');
    expect(await objects.open('images/broken.png')).toBeNull();
    expect(await readdir(join(directory, '.uploads'))).toEqual([]);
  });

  test('that nobody reads to its end takes no connection away', async () => {
    await objects.put('images/long.png', Buffer.alloc(3_000_000), FACTS);
    for (let round = 0; round < 70; round += 1) {
      const opened = await objects.open('images/long.png');
      const reading = opened?.body[Symbol.asyncIterator]();
      await reading?.next();
      await reading?.return?.();
    }
    expect(await readBack('images/long.png')).toHaveLength(3_000_000);
  });
});

test('objects are listed in the order of their names from behind one, and deleted together', async () => {
  const keys = Array.from({ length: 12 }, (_, at) => `uploads/${String(at).padStart(3, '0')}&<"'>`);
  for (const key of keys) await objects.put(key, Buffer.from(key), FACTS);
  expect((await objects.list('uploads/', null)).map(({ key }) => key)).toEqual(keys);
  const behind = await objects.list('uploads/', keys[9] ?? '');
  expect(behind).toEqual(keys.slice(10).map((key) => ({ key, bytes: key.length })));
  expect(await objects.delete([...keys.slice(0, 11), 'uploads/never-there'])).toEqual([]);
  expect((await objects.list('uploads/', null)).map(({ key }) => key)).toEqual(keys.slice(11));
});

describe('a ticket for an upload', () => {
  const key = 'uploads/ticket/usr_1';
  const request = { key, contentType: 'image/png', bytes: 5, mostBytes: 10, lifeSeconds: 60 };

  async function putAt(url: string, body: string, headers: Record<string, string>): Promise<number> {
    const answer = await fetch(url, { method: 'PUT', body, headers });
    await answer.arrayBuffer();
    return answer.status;
  }

  function ticketForPut(): { url: string; type: Record<string, string> } {
    const { put } = objects.createTicket(request);
    if (put === null) throw new Error('no address');
    return { url: put.url, type: { 'content-type': String(put.headers['content-type']) } };
  }

  test('takes exactly the bytes that were announced, once they are of the type that was', async () => {
    const { url, type } = ticketForPut();
    expect(await putAt(url, '123456', type)).toBe(403);
    expect(await putAt(url, '1234', type)).toBe(403);
    expect(await putAt(url, '12345', { 'content-type': 'text/html' })).toBe(403);
    expect(await objects.open(key)).toBeNull();
    expect(await putAt(url, '12345', type)).toBe(200);
    expect(String(await readBack(key))).toBe('12345');
  });

  test('is for its own name, its own way and its own time', async () => {
    const { url, type } = ticketForPut();
    expect(await putAt(url.replace('usr_1', 'usr_2'), '12345', type)).toBe(403);
    expect(await putAt(url.replace('Expires=60', 'Expires=6000'), '12345', type)).toBe(403);
    expect((await fetch(url)).status).toBe(403);
    clockOffsetMs = 61_000;
    expect(await putAt(url, '12345', type)).toBe(403);
  });

  async function sendForm(
    change: (form: FormData) => void,
    ticket = objects.createTicket({ ...request, bytes: null }),
  ): Promise<{ status: number; text: string }> {
    const form = new FormData();
    for (const [name, value] of Object.entries(ticket.form.fields)) form.set(name, value);
    change(form);
    const answer = await fetch(ticket.form.url, { method: 'POST', body: form });
    return { status: answer.status, text: await answer.text() };
  }
  const withFile = (text: string) => (form: FormData) => form.append('file', new Blob([text]), 'a.png');

  test('takes a form of a size within its bounds', async () => {
    expect(await sendForm(withFile('0123456789'))).toEqual({ status: 204, text: '' });
    expect(String(await readBack(key))).toBe('0123456789');
    expect(await sendForm(withFile('0123456789A'))).toMatchObject({
      status: 400,
      text: expect.stringContaining('EntityTooLarge'),
    });
    expect((await sendForm(withFile(''))).text).toContain('EntityTooSmall');
  });

  test('is used by pages of the origins that the bucket names', async () => {
    const rule = '<CORSRule><AllowedOrigin>*</AllowedOrigin><AllowedMethod>PUT</AllowedMethod>';
    const body = `<CORSConfiguration>${rule}<AllowedHeader>content-type</AllowedHeader></CORSRule></CORSConfiguration>`;
    expect((await fetch(`${server.url}/${BUCKET}?cors`, { method: 'PUT', body })).status).toBe(200);
    const { url, type } = ticketForPut();
    const preflight = (method: string, header: string) =>
      fetch(url, {
        method: 'OPTIONS',
        headers: {
          origin: 'https://console.example',
          'access-control-request-method': method,
          'access-control-request-headers': header,
        },
      });
    const allowed = await preflight('PUT', 'content-type');
    expect([allowed.status, allowed.headers.get('access-control-allow-origin')]).toEqual([200, '*']);
    expect((await preflight('DELETE', 'content-type')).status).toBe(403);
    expect((await preflight('PUT', 'x-other')).status).toBe(403);
    const headers = { ...type, origin: 'https://console.example' };
    const sent = await fetch(url, { method: 'PUT', body: '12345', headers });
    expect([sent.status, sent.headers.get('access-control-allow-origin')]).toEqual([200, '*']);
  });

  test('takes a form only as it was signed', async () => {
    const change = (name: string, value: string) => (form: FormData) => {
      form.set(name, value);
      withFile('01234')(form);
    };
    expect((await sendForm(change('key', 'images/mine.html'))).status).toBe(403);
    expect((await sendForm(change('content-type', 'text/html'))).status).toBe(403);
    expect((await sendForm(change('x-amz-meta-more', '1'))).status).toBe(403);
    const generous = Buffer.from(JSON.stringify({ expiration: '2099-01-01T00:00:00Z', conditions: [] }));
    expect((await sendForm(change('policy', generous.toString('base64')))).text).toContain('SignatureDoesNotMatch');
    const old = objects.createTicket({ ...request, bytes: null });
    clockOffsetMs = 61_000;
    expect((await sendForm(withFile('01234'), old)).text).toContain('Policy expired');
  });
});
