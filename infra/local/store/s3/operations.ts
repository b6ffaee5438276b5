/** The operations on objects and uploads. Each writes its whole answer, or throws an S3Failure before its first byte. */

import { copyFile, open, rm } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { objectArn } from '../../permissions/s3-access.ts';
import { checkRead, checkWrite, readRange } from './conditions.ts';
import type { MultipartUploads } from './multipart.ts';
import type { ObjectFiles, StoredObject } from './object-files.ts';
import { isS3Failure, s3Failure, type S3Failure } from './s3-error.ts';
import type { SecretOf } from './signatures.ts';
import { readSmallBody, receiveBody } from './upload-body.ts';
import { document, innerTexts, unescapeText } from './xml.ts';
import type { XmlElement } from './xml.ts';

/** Refuses by throwing an S3Failure. */
export interface Rights {
  require(needed: { action: string; resource: string }): void;
  /** Who may not list a bucket is not told what is missing from it. */
  mayList(bucket: string): boolean;
}

export interface S3Call {
  readonly files: ObjectFiles;
  readonly uploads: MultipartUploads;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly bucket: string;
  readonly key: string;
  readonly query: URLSearchParams;
  readonly rights: Rights;
  /** Of whoever has signed a form. */
  rightsOf(accessKeyId: string | undefined): Rights;
  /** Absent: signatures are not verified. */
  readonly secretOf: SecretOf | undefined;
  now(): number;
}

const KEPT = ['content-type', 'cache-control', 'content-disposition', 'content-language', 'expires'];

export function sendXml(response: ServerResponse, root: string, children: XmlElement[], status = 200): void {
  const text = document(root, children);
  response.writeHead(status, { 'content-type': 'application/xml', 'content-length': Buffer.byteLength(text) });
  response.end(text);
}

export function sendEmpty(response: ServerResponse, status: number, headers: Record<string, string> = {}): void {
  response.writeHead(status, headers);
  response.end();
}

/** The headers that belong to the object. `aws-chunked` is the transfer's, not the object's. */
export function objectHeaders(headers: IncomingHttpHeaders): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (KEPT.includes(name) || name.startsWith('x-amz-meta-')) kept[name] = String(value);
  }
  const encodings = String(headers['content-encoding'] ?? '')
    .split(',')
    .map((encoding) => encoding.trim());
  const encoding = encodings.filter((name) => name !== '' && name !== 'aws-chunked').join(',');
  if (encoding !== '') kept['content-encoding'] = encoding;
  kept['content-type'] ??= 'binary/octet-stream';
  return kept;
}

export async function withTemporary<T>(files: ObjectFiles, work: (file: string) => Promise<T>): Promise<T> {
  const file = files.temporaryFile();
  try {
    return await work(file);
  } finally {
    await rm(file, { force: true });
  }
}

function checksumHeaders(object: StoredObject): Record<string, string> {
  if (object.checksum === null) return {};
  return { [object.checksum.name]: object.checksum.value, 'x-amz-checksum-type': 'FULL_OBJECT' };
}

export async function putObject(call: S3Call): Promise<void> {
  const { files, request, response, bucket, key } = call;
  files.requireBucket(bucket);
  if (request.headers['x-amz-copy-source'] !== undefined) return copyObject(call);
  // A write that is refused anyway is refused before its body is received; the check that counts is the second.
  checkWrite(request.headers, files.find(bucket, key));
  await withTemporary(files, async (file) => {
    const { size, md5, checksum } = await receiveBody(request, file);
    const object = { key, size, etag: `"${md5.toString('hex')}"`, headers: objectHeaders(request.headers), checksum };
    const stored = await files.put(bucket, file, object, (current) => checkWrite(request.headers, current));
    sendEmpty(response, 200, { etag: stored.etag, ...checksumHeaders(stored) });
  });
}

async function copyObject({ files, request, response, bucket, key, rights }: S3Call): Promise<void> {
  const source = decodeURIComponent(String(request.headers['x-amz-copy-source'])).replace(/^\//, '');
  const slash = source.indexOf('/');
  const [fromBucket, fromKey] = [source.slice(0, slash), source.slice(slash + 1)];
  const found = slash < 0 ? null : files.find(fromBucket, fromKey);
  if (found === null) throw missing(rights.mayList(fromBucket));
  const replaces = request.headers['x-amz-metadata-directive'] === 'REPLACE';
  await withTemporary(files, async (file) => {
    await copyFile(files.bytesFile(fromBucket, found), file);
    const headers = replaces ? objectHeaders(request.headers) : found.headers;
    const object = { key, size: found.size, etag: found.etag, headers, checksum: found.checksum };
    const stored = await files.put(bucket, file, object, (current) => checkWrite(request.headers, current));
    sendXml(response, 'CopyObjectResult', [
      ['ETag', stored.etag],
      ['LastModified', new Date(stored.lastModified).toISOString()],
    ]);
  });
}

/** Clients may override these on a signed GET: response-content-type and its like. */
function overrides(query: URLSearchParams): Record<string, string> {
  const changed: Record<string, string> = {};
  for (const name of [...KEPT, 'content-encoding']) {
    const value = query.get(`response-${name}`);
    if (value !== null) changed[name] = value;
  }
  return changed;
}

function missing(mayList: boolean): Error {
  return mayList
    ? s3Failure('NoSuchKey', 'The specified key does not exist.')
    : s3Failure('AccessDenied', 'Access Denied: who may not list the bucket is not told that a key is missing');
}

/** The object with its bytes opened, so that a replacement from here on does not touch this answer. */
async function openObject({
  files,
  bucket,
  key,
  rights,
}: S3Call): Promise<{ object: StoredObject; bytes: FileHandle }> {
  for (;;) {
    const object = files.find(bucket, key);
    if (object === null) throw missing(rights.mayList(bucket));
    try {
      return { object, bytes: await open(files.bytesFile(bucket, object)) };
    } catch (error) {
      // Replaced or deleted since; a description whose bytes are gone for good is a failure.
      if (files.find(bucket, key) === object) throw error;
    }
  }
}

async function answerObject(call: S3Call, object: StoredObject, bytes: FileHandle): Promise<void> {
  const { request, response, query } = call;
  const common = {
    etag: object.etag,
    'last-modified': new Date(object.lastModified).toUTCString(),
    'accept-ranges': 'bytes',
    ...object.headers,
    ...overrides(query),
  };
  if (checkRead(request.headers, object) === 'unmodified') return sendEmpty(response, 304, common);
  const range = readRange(request.headers.range, object.size);
  const length = range === null ? object.size : range.end - range.start + 1;
  const wantsChecksum = String(request.headers['x-amz-checksum-mode'] ?? '').toUpperCase() === 'ENABLED';
  response.writeHead(range === null ? 200 : 206, {
    ...common,
    'content-length': String(length),
    ...(range === null ? {} : { 'content-range': `bytes ${range.start}-${range.end}/${object.size}` }),
    ...(range === null && wantsChecksum ? checksumHeaders(object) : {}),
  });
  if (request.method === 'HEAD' || length === 0) return void response.end();
  // A reader that leaves early is no failure of ours.
  await pipeline(bytes.createReadStream({ ...range, autoClose: false }), response).catch(() => undefined);
}

/** GET and HEAD. */
export async function getObject(call: S3Call): Promise<void> {
  const { object, bytes } = await openObject(call);
  try {
    await answerObject(call, object, bytes);
  } finally {
    await bytes.close();
  }
}

export async function deleteObject({ files, response, bucket, key }: S3Call): Promise<void> {
  await files.delete(bucket, key);
  sendEmpty(response, 204);
}

export async function deleteObjects({ files, request, response, bucket, rights }: S3Call): Promise<void> {
  const xml = await readSmallBody(request);
  const keys = innerTexts(xml, 'Object').map((text) => unescapeText(innerTexts(text, 'Key')[0] ?? ''));
  if (keys.length === 0 || keys.length > 1000) {
    throw s3Failure('MalformedXML', 'The XML you provided was not well-formed: 1 to 1000 objects are expected');
  }
  files.requireBucket(bucket);
  const isQuiet = innerTexts(xml, 'Quiet')[0] === 'true';
  const outcomes: XmlElement[] = [];
  for (const key of keys) {
    const refusal = refusalOf(() => rights.require({ action: 's3:DeleteObject', resource: objectArn(bucket, key) }));
    if (refusal === undefined) await files.delete(bucket, key);
    if (refusal !== undefined)
      outcomes.push([
        'Error',
        [
          ['Key', key],
          ['Code', refusal.code],
          ['Message', refusal.message],
        ],
      ]);
    else if (!isQuiet) outcomes.push(['Deleted', [['Key', key]]]);
  }
  sendXml(response, 'DeleteResult', outcomes);
}

function refusalOf(ask: () => void): S3Failure | undefined {
  try {
    return void ask();
  } catch (error) {
    if (isS3Failure(error)) return error;
    throw error;
  }
}

export async function startUpload({ files, uploads, request, response, bucket, key }: S3Call): Promise<void> {
  files.requireBucket(bucket);
  const { uploadId } = await uploads.start(bucket, key, objectHeaders(request.headers));
  sendXml(response, 'InitiateMultipartUploadResult', [
    ['Bucket', bucket],
    ['Key', key],
    ['UploadId', uploadId],
  ]);
}

export async function uploadPart({ files, uploads, request, response, bucket, key, query }: S3Call): Promise<void> {
  const upload = await uploads.find(bucket, key, query.get('uploadId') ?? '');
  await withTemporary(files, async (file) => {
    const body = await receiveBody(request, file);
    const part = await uploads.addPart(upload, Number(query.get('partNumber')), file, body);
    const { checksum } = body;
    sendEmpty(response, 200, { etag: part.etag, ...(checksum === null ? {} : { [checksum.name]: checksum.value }) });
  });
}

export async function listParts({ uploads, response, bucket, key, query }: S3Call): Promise<void> {
  const upload = await uploads.find(bucket, key, query.get('uploadId') ?? '');
  const parts = await uploads.parts(upload);
  sendXml(response, 'ListPartsResult', [
    ['Bucket', bucket],
    ['Key', key],
    ['UploadId', upload.uploadId],
    ['IsTruncated', false],
    ...parts.map((part): XmlElement => [
      'Part',
      [
        ['PartNumber', part.partNumber],
        ['ETag', part.etag],
        ['Size', part.size],
        ['LastModified', new Date(part.lastModified).toISOString()],
      ],
    ]),
  ]);
}

export async function completeUpload({ files, uploads, request, response, bucket, key, query }: S3Call): Promise<void> {
  const upload = await uploads.find(bucket, key, query.get('uploadId') ?? '');
  const wanted = innerTexts(await readSmallBody(request), 'Part').map((text) => ({
    partNumber: Number(innerTexts(text, 'PartNumber')[0]),
    etag: unescapeText(innerTexts(text, 'ETag')[0] ?? ''),
  }));
  await withTemporary(files, async (file) => {
    const { size, etag } = await uploads.assemble(upload, wanted, file);
    const object = { key, size, etag, headers: upload.headers, checksum: null };
    await files.put(bucket, file, object, (current) => checkWrite(request.headers, current));
    await uploads.discard(upload);
    sendXml(response, 'CompleteMultipartUploadResult', [
      ['Bucket', bucket],
      ['Key', key],
      ['ETag', etag],
    ]);
  });
}

export async function abortUpload({ uploads, response, bucket, key, query }: S3Call): Promise<void> {
  await uploads.discard(await uploads.find(bucket, key, query.get('uploadId') ?? ''));
  sendEmpty(response, 204);
}
