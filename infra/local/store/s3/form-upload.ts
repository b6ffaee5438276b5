/**
 * Uploads by a form, under a policy that was signed beforehand
 * (https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTConstructPolicy.html).
 */

import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { objectArn } from '../../permissions/s3-access.ts';
import { objectHeaders, sendEmpty, sendXml, withTemporary, type S3Call } from './operations.ts';
import { s3Failure } from './s3-error.ts';
import { verifyForm } from './signatures.ts';

const MOST_FORM_BYTES = 256 * 1024 * 1024;
/** Fields that no condition needs to allow. */
const FREE = new Set(['policy', 'x-amz-signature', 'file']);

interface Form {
  /** Lower-case names. */
  readonly fields: Map<string, string>;
  readonly file: { readonly name: string; readonly bytes: Buffer };
}

interface Policy {
  expiration?: string;
  conditions?: unknown[];
}

export async function postForm(call: S3Call): Promise<void> {
  const { files, bucket, response } = call;
  files.requireBucket(bucket);
  const { fields, file } = await readForm(call);
  const credential = fields.get('x-amz-credential') ?? '';
  const key = (fields.get('key') ?? '').replaceAll('${filename}', file.name);
  if (!fields.has('policy')) throw s3Failure('AccessDenied', 'Access Denied');
  if (call.secretOf !== undefined) verifyForm(fields, call.secretOf);
  call.rightsOf(credential.split('/')[0]).require({ action: 's3:PutObject', resource: objectArn(bucket, key) });
  checkPolicy(fields, { bucket, size: file.bytes.length, now: call.now() });
  await withTemporary(files, async (temporary) => {
    await writeFile(temporary, file.bytes, { mode: 0o600 });
    const etag = `"${createHash('md5').update(file.bytes).digest('hex')}"`;
    const headers = objectHeaders(Object.fromEntries(fields));
    const object = { key, size: file.bytes.length, etag, headers, checksum: null };
    await files.put(bucket, temporary, object, () => undefined);
    if (fields.get('success_action_status') !== '201') return sendEmpty(response, 204, { etag });
    sendXml(
      response,
      'PostResponse',
      [
        ['Bucket', bucket],
        ['Key', key],
        ['ETag', etag],
      ],
      201,
    );
  });
}

async function readForm({ request }: S3Call): Promise<Form> {
  const boundary = /boundary=(?:"([^"]+)"|([^\s;]+))/.exec(request.headers['content-type'] ?? '');
  if (boundary === null) throw s3Failure('MalformedPOSTRequest', 'The body is not well-formed multipart/form-data.');
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MOST_FORM_BYTES) throw tooLarge();
    chunks.push(chunk);
  }
  const body = Buffer.concat(chunks);
  const mark = Buffer.from(`--${boundary[1] ?? boundary[2]}`);
  const fields = new Map<string, string>();
  let start = body.indexOf(mark);
  while (start >= 0) {
    const from = start + mark.length + 2;
    const end = body.indexOf(Buffer.concat([Buffer.from('\r\n'), mark]), from);
    const headEnd = body.indexOf('\r\n\r\n', from);
    if (end < 0 || headEnd < 0) break;
    const head = body.toString('utf8', from, headEnd);
    const name = (/[; ]name="([^"]*)"/.exec(head)?.[1] ?? '').toLowerCase();
    const value = body.subarray(headEnd + 4, end);
    // Fields behind the file are not looked at.
    if (name === 'file') return { fields, file: { name: /filename="([^"]*)"/.exec(head)?.[1] ?? '', bytes: value } };
    fields.set(name, value.toString());
    start = end + 2;
  }
  throw s3Failure('InvalidArgument', 'POST requires exactly one file upload per request.');
}

function checkPolicy(fields: ReadonlyMap<string, string>, facts: { bucket: string; size: number; now: number }): void {
  const policy = JSON.parse(Buffer.from(fields.get('policy') ?? '', 'base64').toString()) as Policy;
  if (!(facts.now < Date.parse(policy.expiration ?? ''))) {
    throw s3Failure('AccessDenied', 'Invalid according to Policy: Policy expired.');
  }
  const allowed = new Set<string>();
  const values = new Map([...fields, ['bucket', facts.bucket]]);
  for (const condition of (policy.conditions ?? []).flatMap(normalize)) {
    if (condition.kind === 'size') {
      if (facts.size > condition.most) throw tooLarge();
      if (facts.size < condition.least) {
        throw s3Failure('EntityTooSmall', 'Your proposed upload is smaller than the minimum allowed size');
      }
      continue;
    }
    allowed.add(condition.name);
    const value = values.get(condition.name) ?? '';
    const holds = condition.kind === 'eq' ? value === condition.value : value.startsWith(condition.value);
    if (!holds) {
      const told = JSON.stringify([condition.kind, `$${condition.name}`, condition.value]);
      throw s3Failure('AccessDenied', `Invalid according to Policy: Policy Condition failed: ${told}`);
    }
  }
  const extra = [...fields.keys()].find(
    (name) => !allowed.has(name) && !FREE.has(name) && !name.startsWith('x-ignore-'),
  );
  if (extra !== undefined) {
    throw s3Failure('AccessDenied', `Invalid according to Policy: Extra input fields: ${extra}`);
  }
}

type Condition =
  { kind: 'eq' | 'starts-with'; name: string; value: string } | { kind: 'size'; least: number; most: number };

function normalize(condition: unknown): Condition[] {
  if (!Array.isArray(condition)) {
    return Object.entries(condition as Record<string, string>).map(([name, value]) => ({
      kind: 'eq',
      name: name.toLowerCase(),
      value,
    }));
  }
  const [kind, first, second] = condition as [string, string | number, string | number];
  if (kind === 'content-length-range') return [{ kind: 'size', least: Number(first), most: Number(second) }];
  if (kind !== 'eq' && kind !== 'starts-with') throw s3Failure('InvalidPolicyDocument', `Invalid condition: ${kind}`);
  return [{ kind, name: String(first).replace(/^\$/, '').toLowerCase(), value: String(second) }];
}

function tooLarge(): Error {
  return s3Failure('EntityTooLarge', 'Your proposed upload exceeds the maximum allowed size');
}
