import type { JobKey, JobState, JobWebhook, KeptAnswer, KeptRequest, MediaJob } from './job.ts';

/** What a runner holds a job by. */
export interface JobHold extends JobKey {
  /** A random text of this run. */
  owner: string;
}

export interface JobEnd {
  state: Extract<JobState, 'succeeded' | 'failed' | 'cancelled' | 'unknown'>;
  error: MediaJob['error'];
  answer: KeptAnswer | null;
  finishedAt: number;
}

/** A job that has not ended, or whose end has not been told yet. */
export type OpenJob = JobKey & { createdAt: number };

export interface JobClaim {
  now: number;
  until: number;
  requestId: string;
  earlier: readonly string[];
}

/** Where jobs are kept. `layers/aws/tables/media-jobs.ts` implements it; every write is one conditional write. */
export interface MediaJobStore {
  /**
   * Keeps a new job, unless there is one under its id that has not expired.
   * @param options.request what to run; null where its client's process runs it itself
   * @param options.listed a sweep sees to it that it ends
   * @returns null, or the job that is there
   */
  create(job: MediaJob, options: { request: KeptRequest | null; listed: boolean }): Promise<MediaJob | null>;
  /** What was written last; null when there is none, or not any more. */
  find(key: JobKey, nowMs: number): Promise<MediaJob | null>;
  readRequest(job: MediaJob): Promise<KeptRequest | null>;
  /** Null while there is none, or when there will be none. */
  readAnswer(job: MediaJob): Promise<KeptAnswer | null>;
  /** Takes up a job that is free. Null: it is not, or somebody was faster. */
  claim(hold: JobHold, claim: JobClaim): Promise<MediaJob | null>;
  /** @returns the job as it stands; null: it is not this runner's any more */
  renew(hold: JobHold, change: { until: number; progress?: number }): Promise<MediaJob | null>;
  /** Before the upstream is asked. False: another runner has the job, and it must not be asked. */
  markSent(hold: JobHold, now: number): Promise<boolean>;
  keepUpstream(hold: JobHold, upstream: string): Promise<boolean>;
  /** Keeps the answer, then the end. False: the job is not this runner's any more, or has ended. */
  finish(hold: JobHold, end: JobEnd): Promise<boolean>;
  /** Ends a job of which nobody knows what became, or one that nobody runs yet; false when that is not so any more. */
  finishLeft(job: MediaJob, end: JobEnd & { answer: null }): Promise<boolean>;
  /** Lets go of a job that came to nothing, as if it had never been. */
  release(hold: JobHold): Promise<boolean>;
  /** Ends a job that has not ended; whoever runs it learns of it. @returns it as it stands; null when there is none */
  cancel(key: JobKey, now: number): Promise<MediaJob | null>;
  /** With what was asked and answered. False when it was not there. */
  remove(job: MediaJob): Promise<boolean>;
  noteWebhook(key: JobKey, webhook: JobWebhook): Promise<void>;
  listOpen(limit: number): Promise<OpenJob[]>;
  /** Nothing is left to be done for it. */
  unlist(job: OpenJob): Promise<void>;
}
