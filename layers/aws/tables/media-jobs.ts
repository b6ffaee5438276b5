import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { hasEnded, type JobKey, type KeptAnswer, type KeptRequest, type MediaJob } from '@sluice/core/media/job';
import type { JobEnd, JobHold, MediaJobStore, OpenJob } from '@sluice/core/media/job-store';
import { JOB_PARTITION_PREFIX, PARTITION_KEY, SORT_KEY, TIME_TO_LIVE } from '../names.ts';
import type { Document, ItemKey, TableClient } from '../table-client.ts';
import { pageLimit } from './cursor.ts';
import { attributesOf, JOB_CONTENT_ITEM, JOB_ITEM, OPEN_JOB_ITEM, toJob, writeJob } from './media-job-items.ts';
import { updateItem, type ItemUpdate } from './update-item.ts';

/*
 * Media jobs, what they were asked and what they answered; in the content table, in partitions of their own.
 *
 * question      index  key condition                                          consistency  who asks
 * create        table  pk = jobs#<account>, sk = <id>                         –            relay
 * find          table  that key                                               strong       relay, media-jobs, sweep
 * claim … remove       that key, each under a condition                       –            relay, media-jobs, sweep
 * readRequest   table  pk = jobs#<account>, sk = <id>#request                 strong       media-jobs
 * readAnswer    table  pk = jobs#<account>, sk = <id>#answer#<owner>          strong       relay
 * listOpen      table  pk = jobsOpen                                          strong       sweep
 * unlist        table  pk = jobsOpen, sk = <creation, 15 digits>#<account>#<id>  –         media-jobs, sweep
 *
 * An answer is written before the job that names it, under the name of its runner: a runner that lost its job writes
 * beside it. What is listed open without a job is the rest of a creation that broke off.
 * Every read compares `expiresAt`; the time to live only collects garbage.
 */

/** Large requests and answers. */
export interface JobObjects {
  put(name: string, body: Buffer): Promise<void>;
  /** Null when it is not there (any more). */
  get(name: string): Promise<Buffer | null>;
  remove(name: string): Promise<void>;
}

const NO_OBJECTS: JobObjects = {
  put: () => Promise.reject(new Error('There is no place for large requests and answers here')),
  get: async () => null,
  remove: async () => undefined,
};

/** DynamoDB's items end at 400 KB; what is longer than this uncompressed is not worth compressing to find out. */
const MOST_PLAIN_BYTES = 1024 * 1024;
const MOST_PACKED_BYTES = 340 * 1024;

const OPEN_PARTITION = `${JOB_PARTITION_PREFIX}Open`;
const jobKey = ({ account, id }: JobKey, part = ''): ItemKey => ({
  [PARTITION_KEY]: `${JOB_PARTITION_PREFIX}#${account}`,
  [SORT_KEY]: `${id}${part}`,
});
const openKey = ({ account, id, createdAt }: OpenJob): ItemKey => ({
  [PARTITION_KEY]: OPEN_PARTITION,
  [SORT_KEY]: `${String(createdAt).padStart(15, '0')}#${account}#${id}`,
});
const REQUEST = '#request';
const answerPart = (owner: string): string => `#answer#${owner}`;

const NAMES = { '#state': 'state', '#owner': 'leaseOwner' };
const HELD = '#state = :running AND #owner = :owner';
const heldBy = ({ owner }: JobHold): NonNullable<ItemUpdate<never>['condition']> => ({
  expression: HELD,
  names: NAMES,
  values: { ':running': 'running', ':owner': owner },
});

/** @param objects null for whoever reads no request and no answer */
export function createMediaJobStore(client: TableClient, table: string, objects: JobObjects | null): MediaJobStore {
  const contents = createContents({ client, table, objects: objects ?? NO_OBJECTS });

  /** @returns the job as it was changed; null where the condition did not hold */
  const change = async (
    key: JobKey,
    set: Partial<MediaJob>,
    condition: ItemUpdate<never>['condition'],
    isOurs: (found: MediaJob) => boolean = () => false,
  ): Promise<MediaJob | null> => {
    const outcome = await updateItem({
      client,
      table,
      schema: JOB_ITEM,
      key: jobKey(key),
      set: attributesOf(set),
      ...(condition && { condition }),
    });
    if (outcome.outcome === 'not-found') return null;
    const job = toJob(outcome.value);
    // After a lost answer the write may have been made, and stands in its own way.
    return outcome.outcome === 'updated' || (outcome.resent && isOurs(job)) ? job : null;
  };
  const find = async (key: JobKey, nowMs: number): Promise<MediaJob | null> => {
    const item = await client.get({ table, key: jobKey(key), consistent: true });
    const job = item && toJob(JOB_ITEM.read(item));
    return job && job.expiresAt > nowMs ? job : null;
  };

  return {
    find,
    async create(job, { request, listed }) {
      if (request !== null) await contents.putRequest(job, request);
      if (listed) await list({ client, table }, job);
      const outcome = await client.put({
        table,
        item: { ...jobKey(job), ...writeJob(job), [TIME_TO_LIVE]: secondsOf(job.expiresAt) },
        condition: `attribute_not_exists(${PARTITION_KEY}) OR #expires <= :now`,
        names: { '#expires': 'expiresAt' },
        values: { ':now': job.createdAt },
        repeatable: true,
      });
      if (outcome.ok || outcome.existing === null) return null;
      const existing = toJob(JOB_ITEM.read(outcome.existing));
      return outcome.resent && isSameJob(existing, job) ? null : existing;
    },
    readRequest: (key) => contents.readRequest(key),
    readAnswer: (job) => contents.readAnswer(job),
    claim: (hold, { now, until, requestId, earlier }) =>
      change(
        hold,
        {
          state: 'running',
          lease: { owner: hold.owner, until },
          requestId,
          startedAt: now,
          ...(earlier.length > 0 && { earlier }),
        },
        {
          expression:
            '#expires > :now AND (#state = :queued OR (#state = :running AND #until <= :now AND ' +
            '(attribute_not_exists(#sent) OR attribute_exists(#upstream))))',
          names: {
            '#state': 'state',
            '#until': 'leaseUntil',
            '#sent': 'sentAt',
            '#upstream': 'upstream',
            '#expires': 'expiresAt',
          },
          values: { ':queued': 'queued', ':running': 'running', ':now': now },
        },
        (found) => isHeldBy(found, hold),
      ),
    renew: (hold, { until, progress }) =>
      change(hold, { lease: { owner: hold.owner, until }, ...(progress !== undefined && { progress }) }, heldBy(hold)),
    markSent: async (hold, now) => (await change(hold, { sentAt: now }, heldBy(hold))) !== null,
    keepUpstream: async (hold, upstream) => (await change(hold, { upstream }, heldBy(hold))) !== null,
    async finish(hold, end) {
      const job = await find(hold, end.finishedAt);
      if (!job || !isHeldBy(job, hold)) return false;
      if (end.answer) await contents.putAnswer(job, hold.owner, end.answer);
      const ended = await change(hold, fieldsOf(end), heldBy(hold), (found) => isEndedBy(found, hold, end));
      return ended !== null;
    },
    async finishLeft(job, end) {
      const wasLeft = job.lease !== null;
      const ended = await change(job, fieldsOf(end), {
        expression: wasLeft ? `${HELD} AND #until <= :now` : '#state = :queued',
        names: wasLeft ? { ...NAMES, '#until': 'leaseUntil' } : { '#state': 'state' },
        values: wasLeft
          ? { ':running': 'running', ':owner': job.lease?.owner, ':now': end.finishedAt }
          : { ':queued': 'queued' },
      });
      return ended !== null;
    },
    async release(hold) {
      const { expression, names, values } = heldBy(hold);
      const key = jobKey(hold);
      const outcome = await client.delete({ table, key, condition: expression, names, values, repeatable: true });
      return outcome.ok;
    },
    async cancel(key, now) {
      const cancelled = await change(
        key,
        { state: 'cancelled', finishedAt: now },
        {
          expression: '#state IN (:queued, :running)',
          names: { '#state': 'state' },
          values: { ':queued': 'queued', ':running': 'running' },
        },
      );
      return cancelled ?? find(key, now);
    },
    async remove(job) {
      const key = jobKey(job);
      const { ok } = await client.delete({ table, key, condition: `attribute_exists(${PARTITION_KEY})` });
      await contents.remove(job);
      return ok;
    },
    async noteWebhook(key, webhook) {
      await change(key, { webhook }, undefined);
    },
    async listOpen(limit) {
      const { items } = await client.query({
        table,
        keyCondition: '#pk = :partition',
        names: { '#pk': PARTITION_KEY },
        values: { ':partition': OPEN_PARTITION },
        limit: pageLimit(limit),
        consistent: true,
      });
      return items.map((item) => OPEN_JOB_ITEM.read(item));
    },
    async unlist(job) {
      await client.delete({ table, key: openKey(job), repeatable: true });
    },
  };
}

async function list({ client, table }: { client: TableClient; table: string }, job: MediaJob): Promise<void> {
  const { account, id, createdAt, expiresAt } = job;
  const item = OPEN_JOB_ITEM.write({ account, id, createdAt });
  await client.put({
    table,
    item: { ...openKey(job), ...item, [TIME_TO_LIVE]: secondsOf(expiresAt) },
    repeatable: true,
  });
}

function isSameJob(found: MediaJob, job: MediaJob): boolean {
  return found.createdAt === job.createdAt && found.digest === job.digest && found.lease?.owner === job.lease?.owner;
}

function isHeldBy({ state, lease }: MediaJob, { owner }: JobHold): boolean {
  return state === 'running' && lease?.owner === owner;
}

function isEndedBy(found: MediaJob, { owner }: JobHold, { state, finishedAt }: JobEnd): boolean {
  return found.lease?.owner === owner && found.state === state && found.finishedAt === finishedAt;
}

function fieldsOf({ state, error, answer, finishedAt }: JobEnd): Partial<MediaJob> {
  return {
    state,
    finishedAt,
    error,
    answerStatus: answer?.status ?? null,
    ...(state === 'succeeded' && { progress: 100 }),
  };
}

interface Contents {
  putRequest(job: MediaJob, request: KeptRequest): Promise<void>;
  readRequest(key: JobKey): Promise<KeptRequest | null>;
  putAnswer(job: MediaJob, owner: string, answer: KeptAnswer): Promise<void>;
  readAnswer(job: MediaJob): Promise<KeptAnswer | null>;
  remove(job: MediaJob): Promise<void>;
}

/** Requests and answers, in items of their own, so that whoever waits for a job reads little. */
function createContents({
  client,
  table,
  objects,
}: {
  client: TableClient;
  table: string;
  objects: JobObjects;
}): Contents {
  const nameOf = ({ account, id }: JobKey, part: string): string => `${account}/${id}${part.replaceAll('#', '/')}`;
  const put = async (
    { expiresAt, ...key }: MediaJob,
    part: string,
    content: { headers: Readonly<Record<string, string>>; body: Buffer } & Record<string, unknown>,
  ): Promise<void> => {
    const { headers, body, ...facts } = content;
    const packed = body.length <= MOST_PLAIN_BYTES ? deflateRawSync(body) : null;
    const isObject = packed === null || packed.length > MOST_PACKED_BYTES;
    if (isObject) await objects.put(nameOf(key, part), body);
    const item = JOB_CONTENT_ITEM.write({
      ...facts,
      expiresAt,
      headers: { ...headers },
      isObject,
      ...(!isObject && { packed }),
    });
    await client.put({
      table,
      item: { ...jobKey(key, part), ...item, [TIME_TO_LIVE]: secondsOf(expiresAt) },
      repeatable: true,
    });
  };
  const read = async (
    key: JobKey,
    part: string,
  ): Promise<(ReturnType<typeof JOB_CONTENT_ITEM.read> & { body: Buffer }) | null> => {
    const item: Document | null = await client.get({ table, key: jobKey(key, part), consistent: true });
    if (item === null) return null;
    const found = JOB_CONTENT_ITEM.read(item);
    const body = found.isObject ? await objects.get(nameOf(key, part)) : inflateRawSync(found.packed ?? Buffer.of());
    return body && { ...found, body };
  };
  const drop = async (key: JobKey, part: string): Promise<void> => {
    const { ok, item } = { item: null, ...(await client.delete({ table, key: jobKey(key, part), returns: 'old' })) };
    if (ok && item && JOB_CONTENT_ITEM.read(item).isObject) await objects.remove(nameOf(key, part));
  };
  return {
    putRequest: (job, { method, path, query, clientAddress, headers, body }) =>
      put(job, REQUEST, { headers, body, target: { method, path, query, clientAddress } }),
    async readRequest(key) {
      const found = await read(key, REQUEST);
      return found?.target ? { ...found.target, headers: found.headers, body: found.body } : null;
    },
    putAnswer: (job, owner, { status, headers, body }) => put(job, answerPart(owner), { headers, body, status }),
    async readAnswer(job) {
      if (!hasEnded(job) || job.answerStatus === null || job.lease === null) return null;
      const found = await read(job, answerPart(job.lease.owner));
      return found && { status: found.status ?? job.answerStatus, headers: found.headers, body: found.body };
    },
    async remove(job) {
      await drop(job, REQUEST);
      if (job.lease !== null) await drop(job, answerPart(job.lease.owner));
    },
  };
}

function secondsOf(milliseconds: number): number {
  return Math.ceil(milliseconds / 1000);
}
