/**
 * Objects on disk: `<directory>/<bucket>/<two hex>/<hash of key>.json` describes an object and names its bytes' file
 * beside it. The description is put in place last, by a rename, so a reader or a crash sees the old object or the new.
 */

import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readFile, readdir, rename, rm, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createLocks } from '../locks.ts';
import { s3Failure } from './s3-error.ts';

export interface StoredObject {
  readonly key: string;
  readonly size: number;
  /** With its quotes. */
  readonly etag: string;
  /** Milliseconds. */
  readonly lastModified: number;
  /** content-type, cache-control, … and x-amz-meta-*: given back as they came. */
  readonly headers: Record<string, string>;
  readonly checksum: { name: string; value: string } | null;
  /** File name of the bytes, within the object's folder. */
  readonly file: string;
}

interface Bucket {
  readonly objects: Map<string, StoredObject>;
  /** Keys in byte order; null after a change, until the next list. */
  sortedKeys: string[] | null;
  createdAt: number;
  lifecycle: string | null;
  /** As it was sent. */
  cors: string | null;
}

const BUCKET_NAME = /^(?!\d+\.\d+\.\d+\.\d+$)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;
const BUCKET_FILE = 'bucket.json';
const TEMPORARY = '.incoming';

function compareBytes(one: string, other: string): number {
  return Buffer.compare(Buffer.from(one), Buffer.from(other));
}

async function loadObjects(folder: string): Promise<Map<string, StoredObject>> {
  const objects = new Map<string, StoredObject>();
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !entry.name.endsWith('.json') || entry.name === BUCKET_FILE) continue;
    const object = JSON.parse(await readFile(join(entry.parentPath, entry.name), 'utf8')) as StoredObject;
    objects.set(object.key, object);
  }
  return objects;
}

async function loadBuckets(directory: string): Promise<Map<string, Bucket>> {
  const buckets = new Map<string, Bucket>();
  for (const entry of await readdir(directory, { withFileTypes: true })) {
    if (!entry.isDirectory() || !BUCKET_NAME.test(entry.name)) continue;
    const folder = join(directory, entry.name);
    const described = JSON.parse(await readFile(join(folder, BUCKET_FILE), 'utf8')) as Bucket;
    const { createdAt, lifecycle, cors = null } = described;
    buckets.set(entry.name, { objects: await loadObjects(folder), sortedKeys: null, createdAt, lifecycle, cors });
  }
  return buckets;
}

async function saveBucket(folder: string, { createdAt, lifecycle, cors }: Bucket): Promise<void> {
  await writeFile(join(folder, BUCKET_FILE), JSON.stringify({ createdAt, lifecycle, cors }), { mode: 0o600 });
}

/** The buckets by name, and what is done to them as a whole. */
async function openBuckets(directory: string, now: () => number) {
  const buckets = await loadBuckets(directory);

  function find(name: string): Bucket {
    const bucket = buckets.get(name);
    if (bucket === undefined) throw s3Failure('NoSuchBucket', 'The specified bucket does not exist');
    return bucket;
  }

  return {
    find,
    names: () => [...buckets].map(([name, { createdAt }]) => ({ name, createdAt })),

    async create(name: string): Promise<void> {
      if (buckets.has(name)) return;
      if (!BUCKET_NAME.test(name)) throw s3Failure('InvalidBucketName', `The specified bucket is not valid: ${name}`);
      await mkdir(join(directory, name), { recursive: true, mode: 0o700 });
      const bucket: Bucket = { objects: new Map(), sortedKeys: null, createdAt: now(), lifecycle: null, cors: null };
      await saveBucket(join(directory, name), bucket);
      buckets.set(name, bucket);
    },

    async delete(name: string): Promise<void> {
      if (find(name).objects.size > 0) {
        throw s3Failure('BucketNotEmpty', 'The bucket you tried to delete is not empty');
      }
      buckets.delete(name);
      await rm(join(directory, name), { recursive: true, force: true });
    },

    async setLifecycle(name: string, lifecycle: string | null): Promise<void> {
      const bucket = find(name);
      bucket.lifecycle = lifecycle;
      await saveBucket(join(directory, name), bucket);
    },

    async setCors(name: string, cors: string | null): Promise<void> {
      const bucket = find(name);
      bucket.cors = cors;
      await saveBucket(join(directory, name), bucket);
    },

    cors: (name: string): string | null => buckets.get(name)?.cors ?? null,
  };
}

type MayReplace = (current: StoredObject | null) => void;

/** One object's two files, changed under its lock. */
function createObjectWriter(directory: string, now: () => number) {
  const locks = createLocks();

  function place(bucketName: string, key: string): { folder: string; id: string } {
    const id = createHash('sha256').update(key).digest('hex');
    return { folder: join(directory, bucketName, id.slice(0, 2)), id };
  }

  async function replace(
    bucket: Bucket,
    { folder, id }: { folder: string; id: string },
    received: string,
    stored: StoredObject,
    mayReplace: MayReplace,
  ): Promise<void> {
    const current = bucket.objects.get(stored.key) ?? null;
    mayReplace(current);
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await rename(received, join(folder, stored.file));
    const description = join(folder, `${stored.file}.new`);
    await writeFile(description, JSON.stringify(stored), { mode: 0o600 });
    await rename(description, join(folder, `${id}.json`));
    bucket.objects.set(stored.key, stored);
    if (current === null) bucket.sortedKeys = null;
    else await unlink(join(folder, current.file)).catch(() => undefined);
  }

  return {
    bytesFile: (bucketName: string, object: StoredObject) => join(place(bucketName, object.key).folder, object.file),

    async put(
      bucketName: string,
      bucket: Bucket,
      received: string,
      object: Omit<StoredObject, 'file' | 'lastModified'>,
      mayReplace: MayReplace,
    ): Promise<StoredObject> {
      const at = place(bucketName, object.key);
      const stored: StoredObject = { ...object, file: `${at.id}.${randomUUID()}`, lastModified: now() };
      await locks.hold([`${bucketName}/${object.key}`], () => replace(bucket, at, received, stored, mayReplace));
      return stored;
    },

    async delete(bucketName: string, bucket: Bucket, key: string): Promise<void> {
      await locks.hold([`${bucketName}/${key}`], async () => {
        const object = bucket.objects.get(key);
        if (object === undefined) return;
        const { folder, id } = place(bucketName, key);
        await unlink(join(folder, `${id}.json`)).catch(() => undefined);
        bucket.objects.delete(key);
        bucket.sortedKeys = null;
        await unlink(join(folder, object.file)).catch(() => undefined);
      });
    },
  };
}

export type ObjectFiles = Awaited<ReturnType<typeof openObjectFiles>>;

export async function openObjectFiles(directory: string, now: () => number) {
  const temporary = join(directory, TEMPORARY);
  // What a stopped process left half received is nobody's.
  await rm(temporary, { recursive: true, force: true });
  await mkdir(temporary, { recursive: true, mode: 0o700 });
  const buckets = await openBuckets(directory, now);
  const writer = createObjectWriter(directory, now);

  return {
    temporaryFile: () => join(temporary, randomUUID()),
    bucketNames: buckets.names,
    requireBucket: (name: string) => void buckets.find(name),
    createBucket: buckets.create,
    deleteBucket: buckets.delete,
    lifecycle: (name: string) => buckets.find(name).lifecycle,
    setLifecycle: buckets.setLifecycle,
    cors: buckets.cors,
    setCors: buckets.setCors,
    find: (bucketName: string, key: string): StoredObject | null => buckets.find(bucketName).objects.get(key) ?? null,
    bytesFile: writer.bytesFile,

    /** Takes over a received file. `mayReplace` sees what stands there at the moment of the change and may throw. */
    put: (
      bucketName: string,
      received: string,
      object: Omit<StoredObject, 'file' | 'lastModified'>,
      mayReplace: MayReplace,
    ) => writer.put(bucketName, buckets.find(bucketName), received, object, mayReplace),

    delete: (bucketName: string, key: string) => writer.delete(bucketName, buckets.find(bucketName), key),

    /** All keys in the order of their bytes, as S3 lists them. */
    sortedKeys(bucketName: string): readonly string[] {
      const bucket = buckets.find(bucketName);
      return (bucket.sortedKeys ??= [...bucket.objects.keys()].toSorted(compareBytes));
    },
  };
}
