import { hasEnded, isFree, isLost, LOST_END, type JobKey, type MediaJob } from './job.ts';
import type { MediaJobStore, OpenJob } from './job-store.ts';

export interface JobSweepDeps {
  jobs: Pick<MediaJobStore, 'listOpen' | 'find' | 'finishLeft' | 'unlist'>;
  /** Has somebody run it, or tell of its end. */
  startJob(key: JobKey): Promise<void>;
  clock(): number;
  /** False when no time is left for another job. */
  mayGoOn(): boolean;
}

export interface JobSweepReport {
  /** Jobs that are listed as open, as far as they were looked at. */
  open: number;
  started: number;
  /** Given up: nobody knows what became of them, or nobody could do them. */
  ended: number;
  unlisted: number;
  unfinished: boolean;
}

const MOST_LOOKED_AT = 500;
/** Whoever submits a job has it run; the sweep is for those who could not. */
const PATIENCE_MS = 20_000;
/** A job that nobody could do for so long is not worth doing any more: its client has given it up. */
const LONGEST_WAIT_MS = 3_600_000;

/**
 * Finds jobs whose runner never came, or is gone, and jobs whose end is still to be told. Runs that overlap do no harm:
 * whoever holds a job runs it.
 */
export async function sweepJobs(deps: JobSweepDeps): Promise<JobSweepReport> {
  const report: JobSweepReport = { open: 0, started: 0, ended: 0, unlisted: 0, unfinished: false };
  for (const open of await deps.jobs.listOpen(MOST_LOOKED_AT)) {
    if (!deps.mayGoOn()) return { ...report, unfinished: true };
    report.open += 1;
    const done = await sweep(deps, open);
    if (done !== null) report[done] += 1;
  }
  return report;
}

async function sweep(deps: JobSweepDeps, open: OpenJob): Promise<'started' | 'ended' | 'unlisted' | null> {
  const now = deps.clock();
  if (now - open.createdAt < PATIENCE_MS) return null;
  const job = await deps.jobs.find(open, now);
  if (job === null) return unlist(deps, open);
  if (hasEnded(job)) {
    if (job.webhook?.outcome !== 'pending') return unlist(deps, open);
    return job.webhook.nextAt <= now ? start(deps, job) : null;
  }
  if (isLost(job, now)) return giveUp(deps, job, LOST_END);
  if (!isFree(job, now)) return null;
  return now - job.createdAt > LONGEST_WAIT_MS && job.upstream === null ? giveUp(deps, job, WAITED) : start(deps, job);
}

const WAITED = {
  state: 'failed',
  error: { code: 'request_timeout', message: 'Nobody could serve this request in time.' },
  answer: null,
} as const;

async function unlist({ jobs }: JobSweepDeps, open: OpenJob): Promise<'unlisted'> {
  await jobs.unlist(open);
  return 'unlisted';
}

async function start({ startJob }: JobSweepDeps, job: MediaJob): Promise<'started'> {
  await startJob({ account: job.account, id: job.id });
  return 'started';
}

/** Told of its end by its runner, which finds it ended. */
async function giveUp(
  deps: JobSweepDeps,
  job: MediaJob,
  end: typeof LOST_END | typeof WAITED,
): Promise<'ended' | null> {
  if (!(await deps.jobs.finishLeft(job, { ...end, finishedAt: deps.clock() }))) return null;
  if (job.webhook?.outcome === 'pending') await start(deps, job);
  return 'ended';
}
