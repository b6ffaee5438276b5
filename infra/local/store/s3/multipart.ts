/** Uploads in parts: `<directory>/.uploads/<upload id>/` holds the description and each part's bytes. */

import { createHash, randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { s3Failure } from './s3-error.ts';
import type { StoredBody } from './upload-body.ts';

/** All parts but the last: https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html */
const MINIMUM_PART_BYTES = 5 * 1024 * 1024;

export interface Part {
  readonly partNumber: number;
  readonly etag: string;
  readonly size: number;
  readonly lastModified: number;
}

export interface Upload {
  readonly uploadId: string;
  readonly bucket: string;
  readonly key: string;
  readonly headers: Record<string, string>;
  readonly startedAt: number;
}

export interface Assembled {
  readonly file: string;
  readonly size: number;
  readonly etag: string;
}

const UPLOAD_ID = /^[0-9a-f-]{36}$/;

export type MultipartUploads = ReturnType<typeof createMultipartUploads>;

export function createMultipartUploads({ directory, now }: { directory: string; now: () => number }) {
  const root = join(directory, '.uploads');

  async function find(bucket: string, key: string, uploadId: string): Promise<Upload> {
    const text = UPLOAD_ID.test(uploadId)
      ? await readFile(join(root, uploadId, 'upload.json'), 'utf8').catch(() => null)
      : null;
    const upload = text === null ? null : (JSON.parse(text) as Upload);
    if (upload === null || upload.bucket !== bucket || upload.key !== key) {
      throw s3Failure('NoSuchUpload', 'The specified multipart upload does not exist');
    }
    return upload;
  }

  async function parts({ uploadId }: Upload): Promise<Part[]> {
    const names = (await readdir(join(root, uploadId))).filter((name) => /^\d+\.json$/.test(name));
    const read = names.map(async (name) => JSON.parse(await readFile(join(root, uploadId, name), 'utf8')) as Part);
    return (await Promise.all(read)).toSorted((one, other) => one.partNumber - other.partNumber);
  }

  return {
    find,
    parts,

    async start(bucket: string, key: string, headers: Record<string, string>): Promise<Upload> {
      const upload: Upload = { uploadId: randomUUID(), bucket, key, headers, startedAt: now() };
      await mkdir(join(root, upload.uploadId), { recursive: true, mode: 0o700 });
      await writeFile(join(root, upload.uploadId, 'upload.json'), JSON.stringify(upload), { mode: 0o600 });
      return upload;
    },

    async addPart({ uploadId }: Upload, partNumber: number, received: string, body: StoredBody): Promise<Part> {
      if (!Number.isInteger(partNumber) || partNumber < 1 || partNumber > 10_000) {
        throw s3Failure('InvalidArgument', 'Part number must be an integer between 1 and 10000, inclusive');
      }
      const part: Part = { partNumber, etag: `"${body.md5.toString('hex')}"`, size: body.size, lastModified: now() };
      await rename(received, join(root, uploadId, String(partNumber)));
      await writeFile(join(root, uploadId, `${partNumber}.json`), JSON.stringify(part), { mode: 0o600 });
      return part;
    },

    /** Joins the named parts into one file, in order, and answers the object's composed ETag. */
    async assemble(
      upload: Upload,
      wanted: readonly { partNumber: number; etag: string }[],
      file: string,
    ): Promise<Assembled> {
      const known = new Map((await parts(upload)).map((part) => [part.partNumber, part]));
      const digest = createHash('md5');
      let size = 0;
      for (const [at, { partNumber, etag }] of wanted.entries()) {
        const part = known.get(partNumber);
        if (part === undefined || part.etag.replaceAll('"', '') !== etag.replaceAll('"', '')) {
          throw s3Failure('InvalidPart', 'One or more of the specified parts could not be found');
        }
        if (at > 0 && partNumber <= wanted[at - 1]!.partNumber) {
          throw s3Failure('InvalidPartOrder', 'The list of parts was not in ascending order');
        }
        if (at < wanted.length - 1 && part.size < MINIMUM_PART_BYTES) {
          throw s3Failure('EntityTooSmall', 'Your proposed upload is smaller than the minimum allowed object size');
        }
        digest.update(Buffer.from(part.etag.replaceAll('"', ''), 'hex'));
        size += part.size;
      }
      if (wanted.length === 0) throw s3Failure('MalformedXML', 'You must specify at least one part');
      for (const { partNumber } of wanted) {
        const source = createReadStream(join(root, upload.uploadId, String(partNumber)));
        await pipeline(source, createWriteStream(file, { flags: 'a', mode: 0o600 }));
      }
      return { file, size, etag: `"${digest.digest('hex')}-${wanted.length}"` };
    },

    discard: ({ uploadId }: Upload) => rm(join(root, uploadId), { recursive: true, force: true }),
  };
}
