/** The operations on buckets: list, lifecycle, existence. */

import type { StoredObject } from './object-files.ts';
import { s3Failure } from './s3-error.ts';
import { sendEmpty, sendXml } from './operations.ts';
import type { S3Call } from './operations.ts';
import { readSmallBody } from './upload-body.ts';
import type { XmlElement } from './xml.ts';

const MAX_KEYS = 1000;

interface Page {
  readonly keys: readonly string[];
  readonly prefixes: readonly string[];
  /** The last key or prefix of a page that is not the last. */
  readonly resumeAfter: string | null;
}

/** First position whose key is after `start`, in byte order. */
function positionAfter(keys: readonly string[], start: string): number {
  if (start === '') return 0;
  const bytes = Buffer.from(start);
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (Buffer.compare(Buffer.from(keys[middle]!), bytes) > 0) high = middle;
    else low = middle + 1;
  }
  return low;
}

function readPage(
  sorted: readonly string[],
  options: { prefix: string; delimiter: string; after: string; maxKeys: number },
): Page {
  const { prefix, delimiter, after, maxKeys } = options;
  const keys: string[] = [];
  const prefixes: string[] = [];
  let last: string | null = null;
  for (let at = positionAfter(sorted, after); at < sorted.length; at += 1) {
    const key = sorted[at]!;
    if (!key.startsWith(prefix)) continue;
    const cut = delimiter === '' ? -1 : key.indexOf(delimiter, prefix.length);
    const shared = cut < 0 ? null : key.slice(0, cut + delimiter.length);
    // A page that ended at a shared prefix goes on behind all of its keys.
    if (shared !== null && (shared === after || shared === prefixes.at(-1))) continue;
    if (keys.length + prefixes.length >= maxKeys) return { keys, prefixes, resumeAfter: last };
    if (shared === null) keys.push(key);
    else prefixes.push(shared);
    last = shared ?? key;
  }
  return { keys, prefixes, resumeAfter: null };
}

function contents(object: StoredObject, encode: (text: string) => string): XmlElement {
  return [
    'Contents',
    [
      ['Key', encode(object.key)],
      ['LastModified', new Date(object.lastModified).toISOString()],
      ['ETag', object.etag],
      ['Size', object.size],
      ['StorageClass', 'STANDARD'],
    ],
  ];
}

/** ListObjectsV2, and the first version for clients that still ask so. */
export async function listObjects({ files, response, bucket, query }: S3Call): Promise<void> {
  const isSecondVersion = query.get('list-type') === '2';
  const token = query.get('continuation-token');
  const marker = query.get(isSecondVersion ? 'start-after' : 'marker') ?? '';
  const after = token === null ? marker : Buffer.from(token, 'base64url').toString();
  const maxKeys = Math.min(Number(query.get('max-keys') ?? MAX_KEYS), MAX_KEYS);
  const prefix = query.get('prefix') ?? '';
  const delimiter = query.get('delimiter') ?? '';
  const page = readPage(files.sortedKeys(bucket), { prefix, delimiter, after, maxKeys });
  const isUrlEncoded = query.get('encoding-type') === 'url';
  const encode = isUrlEncoded ? encodeURIComponent : (text: string) => text;
  const next: XmlElement[] =
    page.resumeAfter === null
      ? []
      : isSecondVersion
        ? [['NextContinuationToken', Buffer.from(page.resumeAfter).toString('base64url')]]
        : [['NextMarker', encode(page.resumeAfter)]];
  sendXml(response, 'ListBucketResult', [
    ['Name', bucket],
    ['Prefix', encode(prefix)],
    ['MaxKeys', maxKeys],
    ['IsTruncated', page.resumeAfter !== null],
    ...(isUrlEncoded ? [['EncodingType', 'url'] as const] : []),
    ...(isSecondVersion ? [['KeyCount', page.keys.length + page.prefixes.length] as const] : []),
    ...next,
    ...page.keys.map((key) => contents(files.find(bucket, key)!, encode)),
    ...page.prefixes.map((shared): XmlElement => ['CommonPrefixes', [['Prefix', encode(shared)]]]),
  ]);
}

export async function listBuckets({ files, response }: S3Call): Promise<void> {
  const buckets = files.bucketNames().map(({ name, createdAt }): XmlElement => [
    'Bucket',
    [
      ['Name', name],
      ['CreationDate', new Date(createdAt).toISOString()],
    ],
  ]);
  sendXml(response, 'ListAllMyBucketsResult', [['Buckets', buckets]]);
}

export async function createBucket({ files, response, bucket }: S3Call): Promise<void> {
  await files.createBucket(bucket);
  sendEmpty(response, 200, { location: `/${bucket}` });
}

export async function headBucket({ files, response, bucket }: S3Call): Promise<void> {
  files.requireBucket(bucket);
  sendEmpty(response, 200);
}

export async function deleteBucket({ files, response, bucket }: S3Call): Promise<void> {
  await files.deleteBucket(bucket);
  sendEmpty(response, 204);
}

/** Kept and given back as it was sent; nothing expires by it here. */
export async function putLifecycle({ files, request, response, bucket }: S3Call): Promise<void> {
  await files.setLifecycle(bucket, await readSmallBody(request));
  sendEmpty(response, 200);
}

export async function getLifecycle({ files, response, bucket }: S3Call): Promise<void> {
  const lifecycle = files.lifecycle(bucket);
  if (lifecycle === null) {
    throw s3Failure('NoSuchLifecycleConfiguration', 'The lifecycle configuration does not exist');
  }
  response.writeHead(200, { 'content-type': 'application/xml' });
  response.end(lifecycle);
}

export async function deleteLifecycle({ files, response, bucket }: S3Call): Promise<void> {
  await files.setLifecycle(bucket, null);
  sendEmpty(response, 204);
}
