import type { JobKey, MediaJob } from '@sluice/core/media/job';
import type { JobEnd, JobHold, MediaJobStore, OpenJob } from '@sluice/core/media/job-store';
import { JOB_PARTITION_PREFIX, PARTITION_KEY, SORT_KEY, TIME_TO_LIVE } from '../names.ts';
import type { ItemKey, TableClient } from '../table-client.ts';
import { pageLimit } from './cursor.ts';
import { createJobContents, jobKey, type JobContents, type JobObjects } from './media-job-contents.ts';
import { attributesOf, JOB_ITEM, OPEN_JOB_ITEM, toJob, writeJob } from './media-job-items.ts';
import { updateItem, type ItemUpdate } from './update-item.ts';

/*
 * Media jobs, what they were asked and what they answered; in the content table, in partitions of their own.
 *
 * question      index  key condition                                          consistency  who asks
 * create        table  pk = jobs#<account>, sk = <id>                         –            relay
 * find          table  that key                                               strong       relay, media-jobs, sweep
 * claim … remove       that key, each under a condition                       –            relay, media-jobs, sweep
 * readRequest   table  pk = jobs#<account>, sk = <id>#request#<digest>        strong       relay, media-jobs
 * readAnswer    table  pk = jobs#<account>, sk = <id>#answer#<owner>          strong       relay
 * listOpen      table  pk = jobsOpen                                          strong       sweep
 * unlist        table  pk = jobsOpen, sk = <creation, 15 digits>#<account>#<id>  –         media-jobs, sweep
 *
 * An answer is written before the job that names it, under the name of its runner: a runner that lost its job writes
 * beside it. What is listed open without a job is the rest of a creation that broke off.
 * Every read compares `expiresAt`; the time to live only collects garbage.
 */

const NO_OBJECTS: JobObjects = {
  put: () => Promise.reject(new Error('There is no place for large requests and answers here')),
  get: async () => null,
  remove: async () => undefined,
};

const OPEN_PARTITION = `${JOB_PARTITION_PREFIX}Open`;
const openKey = ({ account, id, createdAt }: OpenJob): ItemKey => ({
  [PARTITION_KEY]: OPEN_PARTITION,
  [SORT_KEY]: `${String(createdAt).padStart(15, '0')}#${account}#${id}`,
});
const NAMES = { '#state': 'state', '#owner': 'leaseOwner' };
const HELD = '#state = :running AND #owner = :owner';
const heldBy = ({ owner }: JobHold): NonNullable<ItemUpdate<never>['condition']> => ({
  expression: HELD,
  names: NAMES,
  values: { ':running': 'running', ':owner': owner },
});

interface Where {
  client: TableClient;
  table: string;
}

/** @param objects null for whoever reads no request and no answer */
export function createMediaJobStore(client: TableClient, table: string, objects: JobObjects | null): MediaJobStore {
  const where = { client, table };
  const contents = createJobContents({ ...where, objects: objects ?? NO_OBJECTS });
  return {
    ...createBeginnings(where, contents),
    ...createHolding(where),
    ...createEndings(where, contents),
    ...createList(where),
  };
}

type Part<Names extends keyof MediaJobStore> = Pick<MediaJobStore, Names>;

/** @returns the job as it was changed; null where the condition did not hold */
async function change(
  { client, table }: Where,
  key: JobKey,
  set: Partial<MediaJob>,
  condition: ItemUpdate<never>['condition'],
  isOurs: (found: MediaJob) => boolean = () => false,
): Promise<MediaJob | null> {
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
}

async function find({ client, table }: Where, key: JobKey, nowMs: number): Promise<MediaJob | null> {
  const item = await client.get({ table, key: jobKey(key), consistent: true });
  const job = item && toJob(JOB_ITEM.read(item));
  return job && job.expiresAt > nowMs ? job : null;
}

function createBeginnings(where: Where, contents: JobContents): Part<'find' | 'create' | 'readRequest' | 'readAnswer'> {
  return {
    find: (key, nowMs) => find(where, key, nowMs),
    async create(job, { request, listed }) {
      if (request !== null) await contents.putRequest(job, request);
      if (listed) await list(where, job);
      const outcome = await where.client.put({
        table: where.table,
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
  };
}

function createHolding(where: Where): Part<'claim' | 'renew' | 'markSent' | 'keepUpstream' | 'release'> {
  return {
    claim: (hold, { now, until, requestId, earlier }) =>
      change(
        where,
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
      change(
        where,
        hold,
        { lease: { owner: hold.owner, until }, ...(progress !== undefined && { progress }) },
        heldBy(hold),
      ),
    markSent: async (hold, now) => (await change(where, hold, { sentAt: now }, heldBy(hold))) !== null,
    keepUpstream: async (hold, upstream) => (await change(where, hold, { upstream }, heldBy(hold))) !== null,
    async release(hold) {
      const { expression, names, values } = heldBy(hold);
      const key = jobKey(hold);
      const outcome = await where.client.delete({
        table: where.table,
        key,
        condition: expression,
        names,
        values,
        repeatable: true,
      });
      return outcome.ok;
    },
  };
}

function createEndings(
  where: Where,
  contents: JobContents,
): Part<'finish' | 'finishLeft' | 'cancel' | 'remove' | 'noteWebhook'> {
  return {
    async finish(hold, end) {
      const job = await find(where, hold, end.finishedAt);
      if (!job || !isHeldBy(job, hold)) return false;
      if (end.answer) await contents.putAnswer(job, hold.owner, end.answer);
      const ended = await change(where, hold, fieldsOf(end), heldBy(hold), (found) => isEndedBy(found, hold, end));
      return ended !== null;
    },
    async finishLeft(job, end) {
      const wasLeft = job.lease !== null;
      const ended = await change(where, job, fieldsOf(end), {
        expression: wasLeft ? `${HELD} AND #until <= :now` : '#state = :queued',
        names: wasLeft ? { ...NAMES, '#until': 'leaseUntil' } : { '#state': 'state' },
        values: wasLeft
          ? { ':running': 'running', ':owner': job.lease?.owner, ':now': end.finishedAt }
          : { ':queued': 'queued' },
      });
      return ended !== null;
    },
    async cancel(key, now) {
      const cancelled = await change(
        where,
        key,
        { state: 'cancelled', finishedAt: now },
        {
          expression: '#state IN (:queued, :running)',
          names: { '#state': 'state' },
          values: { ':queued': 'queued', ':running': 'running' },
        },
      );
      return cancelled ?? find(where, key, now);
    },
    async remove(job) {
      const key = jobKey(job);
      const { ok } = await where.client.delete({
        table: where.table,
        key,
        condition: `attribute_exists(${PARTITION_KEY})`,
      });
      await contents.remove(job);
      return ok;
    },
    async noteWebhook(key, webhook) {
      await change(where, key, { webhook }, undefined);
    },
  };
}

function createList(where: Where): Part<'listOpen' | 'unlist'> {
  return {
    async listOpen(limit) {
      const { items } = await where.client.query({
        table: where.table,
        keyCondition: '#pk = :partition',
        names: { '#pk': PARTITION_KEY },
        values: { ':partition': OPEN_PARTITION },
        limit: pageLimit(limit),
        consistent: true,
      });
      return items.map((item) => OPEN_JOB_ITEM.read(item));
    },
    async unlist(job) {
      await where.client.delete({ table: where.table, key: openKey(job), repeatable: true });
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

function secondsOf(milliseconds: number): number {
  return Math.ceil(milliseconds / 1000);
}
