import {
  hasEnded,
  isFree,
  type JobKey,
  type KeptAnswer,
  type KeptRequest,
  type MediaJob,
} from '../../layers/core/media/job.ts';
import type { JobHold, MediaJobStore, OpenJob } from '../../layers/core/media/job-store.ts';

export interface MemoryJobs extends MediaJobStore {
  rows: Map<string, MediaJob>;
  open: Map<string, OpenJob>;
}

const keyOf = ({ account, id }: JobKey): string => `${account}\n${id}`;

/** Jobs in memory, under the conditions of the table. */
export function createMemoryJobs(): MemoryJobs {
  const rows = new Map<string, MediaJob>();
  const open = new Map<string, OpenJob>();
  const requests = new Map<string, KeptRequest>();
  const answers = new Map<string, KeptAnswer>();

  const change = (key: JobKey, allowed: (job: MediaJob) => boolean, set: Partial<MediaJob>): MediaJob | null => {
    const job = rows.get(keyOf(key));
    if (!job || !allowed(job)) return null;
    const changed = structuredClone({ ...job, ...set });
    rows.set(keyOf(key), changed);
    return structuredClone(changed);
  };
  const isHeld =
    ({ owner }: JobHold) =>
    ({ state, lease }: MediaJob): boolean =>
      state === 'running' && lease?.owner === owner;
  const find = async (key: JobKey, nowMs: number): Promise<MediaJob | null> => {
    const job = rows.get(keyOf(key));
    return job && job.expiresAt > nowMs ? structuredClone(job) : null;
  };
  return {
    rows,
    open,
    find,
    async create(job, { request, listed }) {
      if (request)
        requests.set(`${keyOf(job)}\n${job.digest}`, structuredClone({ ...request, body: Buffer.from(request.body) }));
      const found = await find(job, job.createdAt);
      if (listed) open.set(keyOf(job), { account: job.account, id: job.id, createdAt: job.createdAt });
      if (found) return found;
      rows.set(keyOf(job), structuredClone(job));
      return null;
    },
    async readRequest(job) {
      const found = requests.get(`${keyOf(job)}\n${job.digest}`);
      return found ? { ...found, body: Buffer.from(found.body) } : null;
    },
    async readAnswer(job) {
      if (!hasEnded(job) || job.answerStatus === null) return null;
      return answers.get(`${keyOf(job)}\n${job.lease?.owner}`) ?? null;
    },
    claim: async (hold, { now, until, requestId, earlier }) =>
      change(hold, (job) => job.expiresAt > now && isFree(job, now), {
        state: 'running',
        lease: { owner: hold.owner, until },
        requestId,
        ...(earlier.length > 0 && { earlier }),
        startedAt: now,
      }),
    renew: async (hold, { until, progress }) =>
      change(hold, isHeld(hold), {
        lease: { owner: hold.owner, until },
        ...(progress !== undefined && { progress }),
      }),
    markSent: async (hold, now) => change(hold, isHeld(hold), { sentAt: now }) !== null,
    keepUpstream: async (hold, upstream) => change(hold, isHeld(hold), { upstream }) !== null,
    async finish(hold, { state, error, answer, finishedAt }) {
      if (answer) answers.set(`${keyOf(hold)}\n${hold.owner}`, answer);
      return (
        change(hold, isHeld(hold), {
          state,
          error,
          finishedAt,
          answerStatus: answer?.status ?? null,
          ...(state === 'succeeded' && { progress: 100 }),
        }) !== null
      );
    },
    async finishLeft(job, { state, error, finishedAt }) {
      const isLeft = (found: MediaJob): boolean =>
        job.lease === null
          ? found.state === 'queued'
          : found.state === 'running' && found.lease?.owner === job.lease.owner && found.lease.until <= finishedAt;
      return change(job, isLeft, { state, error, finishedAt, answerStatus: null }) !== null;
    },
    async release(hold) {
      const job = rows.get(keyOf(hold));
      return job !== undefined && isHeld(hold)(job) && rows.delete(keyOf(hold));
    },
    cancel: async (key, now) =>
      change(key, (job) => !hasEnded(job), { state: 'cancelled', finishedAt: now }) ?? find(key, now),
    async remove(job) {
      requests.delete(`${keyOf(job)}\n${job.digest}`);
      return rows.delete(keyOf(job));
    },
    async noteWebhook(key, webhook) {
      change(key, () => true, { webhook });
    },
    listOpen: async (limit) => [...open.values()].slice(0, limit),
    async unlist(job) {
      open.delete(keyOf(job));
    },
  };
}
