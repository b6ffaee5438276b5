import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { hasEnded, type JobKey, type KeptAnswer, type KeptRequest, type MediaJob } from '@sluice/core/media/job';
import { JOB_PARTITION_PREFIX, PARTITION_KEY, SORT_KEY, TIME_TO_LIVE } from '../names.ts';
import type { ItemKey, TableClient } from '../table-client.ts';
import { JOB_CONTENT_ITEM } from './media-job-items.ts';

/** Large requests and answers. */
export interface JobObjects {
  put(name: string, body: Buffer): Promise<void>;
  /** Null when it is not there (any more). */
  get(name: string): Promise<Buffer | null>;
  remove(name: string): Promise<void>;
}

export interface JobContents {
  putRequest(job: MediaJob, request: KeptRequest): Promise<void>;
  readRequest(job: MediaJob): Promise<KeptRequest | null>;
  putAnswer(job: MediaJob, owner: string, answer: KeptAnswer): Promise<void>;
  readAnswer(job: MediaJob): Promise<KeptAnswer | null>;
  remove(job: MediaJob): Promise<void>;
}

/** DynamoDB's items end at 400 KB; what is longer than this uncompressed is not worth compressing to find out. */
const MOST_PLAIN_BYTES = 1024 * 1024;
const MOST_PACKED_BYTES = 340 * 1024;

/** @param part what of the job; empty: the job itself */
export function jobKey({ account, id }: JobKey, part = ''): ItemKey {
  return { [PARTITION_KEY]: `${JOB_PARTITION_PREFIX}#${account}`, [SORT_KEY]: `${id}${part}` };
}

/** Of two requests under one id, each is kept beside the other, and the job that is made tells which is its own. */
function requestPart({ digest }: MediaJob): string {
  return `#request#${digest.slice(0, 32)}`;
}
const answerPart = (owner: string): string => `#answer#${owner}`;
const nameOf = ({ account, id }: JobKey, part: string): string => `${account}/${id}${part.replaceAll('#', '/')}`;

type Content = ReturnType<typeof JOB_CONTENT_ITEM.read> & { body: Buffer };

/** Requests and answers, in items of their own, so that whoever waits for a job reads little. */
export function createJobContents(where: { client: TableClient; table: string; objects: JobObjects }): JobContents {
  return {
    putRequest: (job, { method, path, query, clientAddress, headers, body }) =>
      put(where, job, requestPart(job), { headers, body, target: { method, path, query, clientAddress } }),
    async readRequest(job) {
      const found = await read(where, job, requestPart(job));
      return found?.target ? { ...found.target, headers: found.headers, body: found.body } : null;
    },
    putAnswer: (job, owner, { status, headers, body }) => put(where, job, answerPart(owner), { headers, body, status }),
    async readAnswer(job) {
      if (!hasEnded(job) || job.answerStatus === null || job.lease === null) return null;
      const found = await read(where, job, answerPart(job.lease.owner));
      return found && { status: found.status ?? job.answerStatus, headers: found.headers, body: found.body };
    },
    async remove(job) {
      await drop(where, job, requestPart(job));
      if (job.lease !== null) await drop(where, job, answerPart(job.lease.owner));
    },
  };
}

type Where = Parameters<typeof createJobContents>[0];

async function put(
  { client, table, objects }: Where,
  { expiresAt, ...key }: MediaJob,
  part: string,
  content: { headers: Readonly<Record<string, string>>; body: Buffer } & Record<string, unknown>,
): Promise<void> {
  const { headers, body, ...facts } = content;
  const packed = body.length <= MOST_PLAIN_BYTES ? deflateRawSync(body) : null;
  const isObject = packed === null || packed.length > MOST_PACKED_BYTES;
  if (isObject) await objects.put(nameOf(key, part), body);
  const own = { expiresAt, headers: { ...headers }, isObject, ...(!isObject && { packed }) };
  const item = JOB_CONTENT_ITEM.write({ ...facts, ...own });
  await client.put({
    table,
    item: { ...jobKey(key, part), ...item, [TIME_TO_LIVE]: Math.ceil(expiresAt / 1000) },
    repeatable: true,
  });
}

async function read({ client, table, objects }: Where, key: JobKey, part: string): Promise<Content | null> {
  const item = await client.get({ table, key: jobKey(key, part), consistent: true });
  if (item === null) return null;
  const found = JOB_CONTENT_ITEM.read(item);
  const body = found.isObject ? await objects.get(nameOf(key, part)) : inflateRawSync(found.packed ?? Buffer.of());
  return body && { ...found, body };
}

async function drop({ client, table, objects }: Where, key: JobKey, part: string): Promise<void> {
  const outcome = await client.delete({ table, key: jobKey(key, part), returns: 'old' });
  if (outcome.ok && outcome.item && JOB_CONTENT_ITEM.read(outcome.item).isObject) {
    await objects.remove(nameOf(key, part));
  }
}
