import { jest } from '@jest/globals';
import { createHash, randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetBucketAclCommand,
  GetBucketLifecycleConfigurationCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListBucketsCommand,
  ListObjectsV2Command,
  ListPartsCommand,
  PutBucketLifecycleConfigurationCommand,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import type { GetObjectCommandInput, ListObjectsV2CommandInput } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { createS3Server } from '../../../../infra/local/store/s3/server.ts';
import type { S3Server } from '../../../../infra/local/store/interfaces.ts';
import { failureOf } from './table-under-test.ts';

// The client warns about streams as bodies; that they arrive whole is what is tested here.
jest.spyOn(console, 'warn').mockImplementation(() => undefined);

const Bucket = 'media-bucket';
let directory: string;
let server: S3Server;
let client: S3Client;
let clockOffsetMs = 0;

async function start(): Promise<void> {
  server = await createS3Server({ directory, now: () => Date.now() + clockOffsetMs });
  await server.createBucket(Bucket);
  client = new S3Client({
    endpoint: server.url,
    region: 'us-east-1',
    forcePathStyle: true,
    maxAttempts: 1,
    credentials: { accessKeyId: 'tester', secretAccessKey: 'secret' },
  });
}

async function stop(): Promise<void> {
  client.destroy();
  await server.close();
}

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'sluice-s3-'));
  await start();
});
afterAll(async () => {
  await stop();
  await rm(directory, { recursive: true, force: true });
});

async function put(Key: string, Body: string | Buffer | Readable, more: object = {}): Promise<string> {
  const { ETag } = await client.send(new PutObjectCommand({ Bucket, Key, Body, ...more }));
  return ETag!;
}

async function get(Key: string, more: Partial<GetObjectCommandInput> = {}): Promise<Buffer> {
  const { Body } = await client.send(new GetObjectCommand({ Bucket, Key, ...more }));
  return Buffer.from(await Body!.transformToByteArray());
}

async function listAll(input: Partial<ListObjectsV2CommandInput>): Promise<{ keys: string[]; prefixes: string[] }> {
  const keys: string[] = [];
  const prefixes: string[] = [];
  let ContinuationToken: string | undefined;
  do {
    const page = await client.send(new ListObjectsV2Command({ Bucket, ...input, ContinuationToken }));
    keys.push(...(page.Contents ?? []).map((object) => object.Key!));
    prefixes.push(...(page.CommonPrefixes ?? []).map((shared) => shared.Prefix!));
    ContinuationToken = page.NextContinuationToken;
  } while (ContinuationToken !== undefined);
  return { keys, prefixes };
}

describe('an object', () => {
  test('comes back with its bytes, headers and metadata', async () => {
    const bytes = randomBytes(100_000);
    const ETag = await put('a/ü b+c.bin', bytes, {
      ContentType: 'image/png',
      CacheControl: 'max-age=60',
      ContentDisposition: 'inline',
      ContentEncoding: 'gzip',
      Metadata: { owner: 'me' },
    });
    expect(ETag).toBe(`"${createHash('md5').update(bytes).digest('hex')}"`);
    const head = await client.send(new HeadObjectCommand({ Bucket, Key: 'a/ü b+c.bin' }));
    expect(head).toMatchObject({
      ContentType: 'image/png',
      CacheControl: 'max-age=60',
      ContentDisposition: 'inline',
      ContentEncoding: 'gzip',
      ContentLength: 100_000,
      Metadata: { owner: 'me' },
      ETag,
    });
    expect(await get('a/ü b+c.bin')).toEqual(bytes);
  });

  test('sent as a stream keeps its bytes, its encoding and its checksum', async () => {
    const bytes = randomBytes(3_000_000);
    const file = join(directory, 'source');
    await writeFile(file, bytes);
    await put('streamed', createReadStream(file), { ContentEncoding: 'br' });
    const answer = await client.send(new GetObjectCommand({ Bucket, Key: 'streamed', ChecksumMode: 'ENABLED' }));
    expect(answer.ContentEncoding).toBe('br');
    expect(answer.ChecksumCRC32).toBeDefined();
    expect(Buffer.from(await answer.Body!.transformToByteArray()).equals(bytes)).toBe(true);
  });

  test('whose checksum does not fit its bytes is refused', async () => {
    const wrong = client.send(new PutObjectCommand({ Bucket, Key: 'bad', Body: 'abc', ChecksumCRC32: 'AAAAAA==' }));
    expect((await failureOf(wrong)).name).toBe('BadDigest');
    expect((await failureOf(get('bad'))).name).toBe('NoSuchKey');
  });

  test('may be empty', async () => {
    await put('empty', '');
    expect(await get('empty')).toHaveLength(0);
  });

  test('may have a name that would leave the folder, and stays in the bucket', async () => {
    await put('../../escape', 'here');
    expect((await get('../../escape')).toString()).toBe('here');
    expect((await listAll({ Prefix: '../' })).keys).toEqual(['../../escape']);
  });

  test('is copied with its headers, or with new ones', async () => {
    await put('original', 'text', { ContentType: 'text/x-one' });
    await client.send(new CopyObjectCommand({ Bucket, Key: 'kept', CopySource: `${Bucket}/original` }));
    const replaced = { MetadataDirective: 'REPLACE', ContentType: 'text/x-two' } as const;
    await client.send(new CopyObjectCommand({ Bucket, Key: 'new', CopySource: `${Bucket}/original`, ...replaced }));
    const typeOf = async (Key: string) => (await client.send(new HeadObjectCommand({ Bucket, Key }))).ContentType;
    expect([await typeOf('kept'), await typeOf('new')]).toEqual(['text/x-one', 'text/x-two']);
    expect((await get('new')).toString()).toBe('text');
  });

  test('is gone after its deletion, which may be repeated', async () => {
    await put('short-lived', 'x');
    for (const _ of [1, 2]) await client.send(new DeleteObjectCommand({ Bucket, Key: 'short-lived' }));
    expect((await failureOf(get('short-lived'))).name).toBe('NoSuchKey');
    const head = await failureOf(client.send(new HeadObjectCommand({ Bucket, Key: 'short-lived' })));
    expect(head.name).toBe('NotFound');
  });
});

describe('ranges', () => {
  beforeAll(async () => void (await put('range', '0123456789')));

  test.each([
    ['bytes=2-4', '234', 'bytes 2-4/10'],
    ['bytes=7-', '789', 'bytes 7-9/10'],
    ['bytes=-2', '89', 'bytes 8-9/10'],
    ['bytes=-20', '0123456789', 'bytes 0-9/10'],
    ['bytes=8-99', '89', 'bytes 8-9/10'],
  ])('%s is %s', async (Range, text, ContentRange) => {
    const answer = await client.send(new GetObjectCommand({ Bucket, Key: 'range', Range }));
    expect(answer.$metadata.httpStatusCode).toBe(206);
    expect(answer.ContentRange).toBe(ContentRange);
    expect(await answer.Body!.transformToString()).toBe(text);
  });

  test('behind the end are refused', async () => {
    expect((await failureOf(get('range', { Range: 'bytes=10-' }))).name).toBe('InvalidRange');
  });
});

describe('conditions', () => {
  test('If-None-Match: * lets exactly one of many writers through', async () => {
    const writes = Array.from({ length: 20 }, (_, at) => put('once', `writer ${at}`, { IfNoneMatch: '*' }));
    const results = await Promise.allSettled(writes);
    const refused = results.filter((result) => result.status === 'rejected');
    expect(refused).toHaveLength(19);
    expect(new Set(refused.map(({ reason }) => (reason as Error).name))).toEqual(new Set(['PreconditionFailed']));
    const winner = results.findIndex((result) => result.status === 'fulfilled');
    expect((await get('once')).toString()).toBe(`writer ${winner}`);
  });

  test('If-Match replaces only the version that was seen', async () => {
    const first = await put('versioned', '1');
    await put('versioned', '2', { IfMatch: first });
    expect((await failureOf(put('versioned', '3', { IfMatch: first }))).name).toBe('PreconditionFailed');
    expect((await get('versioned')).toString()).toBe('2');
  });

  test('a reader with the same version gets 304, one that insists on another 412', async () => {
    const IfNoneMatch = await put('cached', 'x');
    const unmodified = await failureOf(get('cached', { IfNoneMatch }));
    expect(unmodified['$metadata']).toMatchObject({ httpStatusCode: 304 });
    const since = await failureOf(get('cached', { IfModifiedSince: new Date(Date.now() + 1000) }));
    expect(since['$metadata']).toMatchObject({ httpStatusCode: 304 });
    expect((await failureOf(get('cached', { IfMatch: '"other"' }))).name).toBe('PreconditionFailed');
  });
});

describe('a list', () => {
  const names = ['list/B', 'list/a', 'list/a&<b>', 'list/dir/1', 'list/dir/2', 'list/dir2/x', 'list/z', 'list/é'];
  beforeAll(async () => {
    for (const name of names) await put(name, name);
  });

  test.each([1, 2, 3, 1000])('in pages of %d has every key once, in byte order', async (MaxKeys) => {
    expect((await listAll({ Prefix: 'list/', MaxKeys })).keys).toEqual(names);
  });

  test.each([1, 2, 1000])('with a delimiter, in pages of %d, folds each folder into one prefix', async (MaxKeys) => {
    const { keys, prefixes } = await listAll({ Prefix: 'list/', Delimiter: '/', MaxKeys });
    expect(keys).toEqual(names.filter((name) => !name.includes('dir')));
    expect(prefixes).toEqual(['list/dir/', 'list/dir2/']);
  });

  test('begins after the key that was named', async () => {
    expect((await listAll({ Prefix: 'list/', StartAfter: 'list/dir/1' })).keys[0]).toBe('list/dir/2');
  });

  test('is shorter after deletions in a batch', async () => {
    const Objects = ['list/a&<b>', 'list/é', 'list/never-there'].map((Key) => ({ Key }));
    const { Deleted } = await client.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }));
    expect(Deleted!.map(({ Key }) => Key)).toEqual(Objects.map(({ Key }) => Key));
    expect((await listAll({ Prefix: 'list/' })).keys).toHaveLength(names.length - 2);
  });
});

describe('an upload in parts', () => {
  const Key = 'video.mp4';
  const first = randomBytes(5 * 1024 * 1024);
  const second = randomBytes(1000);

  async function begin() {
    const { UploadId } = await client.send(new CreateMultipartUploadCommand({ Bucket, Key, ContentType: 'video/mp4' }));
    const part = async (PartNumber: number, Body: Buffer) => {
      const { ETag } = await client.send(new UploadPartCommand({ Bucket, Key, UploadId, PartNumber, Body }));
      return { PartNumber, ETag };
    };
    const complete = (Parts: { PartNumber: number; ETag: string | undefined }[]) =>
      client.send(new CompleteMultipartUploadCommand({ Bucket, Key, UploadId, MultipartUpload: { Parts } }));
    return { UploadId, part, complete };
  }

  test('becomes one object, in the order of its parts', async () => {
    const { UploadId, part, complete } = await begin();
    const two = await part(2, second);
    const one = await part(1, first);
    const listed = await client.send(new ListPartsCommand({ Bucket, Key, UploadId }));
    expect(listed.Parts!.map(({ PartNumber, Size }) => [PartNumber, Size])).toEqual([
      [1, first.length],
      [2, second.length],
    ]);
    const { ETag } = await complete([one, two]);
    expect(ETag).toMatch(/^"[0-9a-f]{32}-2"$/);
    const answer = await client.send(new GetObjectCommand({ Bucket, Key }));
    expect(answer.ContentType).toBe('video/mp4');
    expect(Buffer.from(await answer.Body!.transformToByteArray()).equals(Buffer.concat([first, second]))).toBe(true);
    expect((await failureOf(part(3, second))).name).toBe('NoSuchUpload');
  });

  test('is refused with small parts, parts out of order, or other parts', async () => {
    const { UploadId, part, complete } = await begin();
    const parts = [await part(1, second), await part(2, second)];
    expect((await failureOf(complete(parts))).name).toBe('EntityTooSmall');
    expect((await failureOf(complete(parts.toReversed()))).name).toMatch(/InvalidPartOrder|EntityTooSmall/);
    expect((await failureOf(complete([{ PartNumber: 1, ETag: '"0"' }]))).name).toBe('InvalidPart');
    await client.send(new AbortMultipartUploadCommand({ Bucket, Key, UploadId }));
    expect((await failureOf(complete(parts))).name).toBe('NoSuchUpload');
  });
});

describe('a presigned address', () => {
  afterEach(() => {
    clockOffsetMs = 0;
  });

  test('takes an upload and gives it back without credentials', async () => {
    const write = await getSignedUrl(client, new PutObjectCommand({ Bucket, Key: 'signed' }), { expiresIn: 60 });
    expect((await fetch(write, { method: 'PUT', body: 'bytes' })).status).toBe(200);
    const read = await getSignedUrl(client, new GetObjectCommand({ Bucket, Key: 'signed' }), { expiresIn: 60 });
    expect(await (await fetch(read)).text()).toBe('bytes');
  });

  test('is worth nothing after its expiry', async () => {
    const read = await getSignedUrl(client, new GetObjectCommand({ Bucket, Key: 'signed' }), { expiresIn: 60 });
    clockOffsetMs = 61_000;
    expect((await fetch(read)).status).toBe(403);
  });
});

test('the CDN reads without a signature: GET, HEAD and a 404 in XML', async () => {
  await put('public.txt', 'hello', { ContentType: 'text/plain' });
  const found = await fetch(`${server.url}/${Bucket}/public.txt`);
  expect([found.status, found.headers.get('content-type'), await found.text()]).toEqual([200, 'text/plain', 'hello']);
  const head = await fetch(`${server.url}/${Bucket}/public.txt`, { method: 'HEAD' });
  expect([head.headers.get('content-length'), await head.text()]).toEqual(['5', '']);
  const missing = await fetch(`${server.url}/${Bucket}/none`);
  expect(missing.status).toBe(404);
  expect(await missing.text()).toContain('<Code>NoSuchKey</Code>');
});

test('a lifecycle configuration is kept', async () => {
  const Rules = [{ ID: 'images', Status: 'Enabled' as const, Filter: { Prefix: 'images/' }, Expiration: { Days: 2 } }];
  await client.send(new PutBucketLifecycleConfigurationCommand({ Bucket, LifecycleConfiguration: { Rules } }));
  const kept = await client.send(new GetBucketLifecycleConfigurationCommand({ Bucket }));
  expect(kept.Rules).toMatchObject(Rules);
});

test('objects, buckets, unfinished uploads and lifecycle are there again after a stop', async () => {
  await put('durable', 'bytes', { Metadata: { a: 'b' } });
  const { UploadId } = await client.send(new CreateMultipartUploadCommand({ Bucket, Key: 'slow' }));
  const part = { Bucket, Key: 'slow', UploadId, PartNumber: 1 };
  const { ETag } = await client.send(new UploadPartCommand({ ...part, Body: 'part' }));
  await stop();
  await start();
  expect((await client.send(new ListBucketsCommand({}))).Buckets!.map(({ Name }) => Name)).toEqual([Bucket]);
  const found = await client.send(new GetObjectCommand({ Bucket, Key: 'durable' }));
  expect([await found.Body!.transformToString(), found.Metadata]).toEqual(['bytes', { a: 'b' }]);
  const MultipartUpload = { Parts: [{ PartNumber: 1, ETag }] };
  await client.send(new CompleteMultipartUploadCommand({ Bucket, Key: 'slow', UploadId, MultipartUpload }));
  expect((await get('slow')).toString()).toBe('part');
  expect((await client.send(new GetBucketLifecycleConfigurationCommand({ Bucket }))).Rules).toHaveLength(1);
});

test('what is not served is refused by name, and buckets keep their rules', async () => {
  expect((await failureOf(client.send(new GetBucketAclCommand({ Bucket })))).name).toBe('NotImplemented');
  expect((await failureOf(client.send(new DeleteBucketCommand({ Bucket })))).name).toBe('BucketNotEmpty');
  await expect(server.createBucket('No_Bucket')).rejects.toMatchObject({ code: 'InvalidBucketName' });
  const elsewhere = new PutObjectCommand({ Bucket: 'nowhere', Key: 'x', Body: 'x' });
  expect((await failureOf(client.send(elsewhere))).name).toBe('NoSuchBucket');
});
