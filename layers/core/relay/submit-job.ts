import { GatewayError } from '@sluice/kit/errors/gateway-error';
import type { Logger } from '@sluice/kit/log/logger';
import type { Clock } from '@sluice/kit/time/clock';
import {
  hasEnded,
  isLost,
  JOB_LIFE_MS,
  LOST_END,
  type JobKey,
  type JobOperation,
  type JobWebhook,
  type KeptRequest,
  type MediaJob,
} from '../media/job.ts';
import type { MediaJobStore } from '../media/job-store.ts';
import { digestRequest } from '../media/request-digest.ts';
import { asStore } from './authenticate.ts';
import type { Exchange } from './exchange.ts';

export interface SubmitDeps {
  jobs: MediaJobStore;
  /** Has somebody run it, soon; what is lost here is found by the sweep. */
  startJob(key: JobKey): Promise<void>;
  clock: Clock;
  logger: Logger;
}

export interface SubmittedJob {
  id: string;
  operation: Exclude<JobOperation, 'idempotent'>;
  model: string;
  request: KeptRequest;
  webhook: JobWebhook | null;
}

/**
 * Keeps a request and has it run by itself, whatever becomes of its client.
 * @returns the job; the one that is there, where the same was asked under the same id before
 * @throws GatewayError `idempotency_key_reused`, `store_unavailable`
 */
export async function submitJob(deps: SubmitDeps, exchange: Exchange, submitted: SubmittedJob): Promise<MediaJob> {
  const { caller } = exchange;
  if (caller === null) throw new Error('It is not known who asks');
  const { id, operation, model, request, webhook } = submitted;
  const now = deps.clock();
  const job: MediaJob = {
    account: caller.user.id,
    id,
    operation,
    keyId: caller.key.digest === '' ? null : caller.key.id,
    endpoint: `${request.method} ${request.path}`.slice(0, 300),
    digest: digestRequest(request),
    model,
    state: 'queued',
    progress: 0,
    createdAt: now,
    startedAt: null,
    finishedAt: null,
    expiresAt: now + JOB_LIFE_MS,
    lease: null,
    requestId: null,
    sentAt: null,
    upstream: null,
    error: null,
    webhook,
    answerStatus: null,
  };
  const existing = await asStore(deps.jobs.create(job, { request, listed: true }));
  if (existing !== null) {
    if (existing.digest === job.digest) return existing;
    const message = 'This Idempotency-Key was used for another request. Use another key for another request.';
    throw new GatewayError('idempotency_key_reused', { message, param: 'idempotency-key' });
  }
  await deps.startJob(job).catch((error: unknown) => {
    deps.logger.warn('job_not_started', { job: id, reason: error instanceof Error ? error.message : String(error) });
  });
  return job;
}

/**
 * A job as it stands; one whose runner is gone in the middle of a call is ended here, so that nobody waits in vain.
 * @returns null when there is none of this kind
 */
export async function findJob(
  { jobs, clock }: Pick<SubmitDeps, 'jobs' | 'clock'>,
  { operation, ...key }: JobKey & { operation: JobOperation },
): Promise<MediaJob | null> {
  const now = clock();
  const job = await asStore(jobs.find(key, now));
  if (job?.operation !== operation) return null;
  if (hasEnded(job) || !isLost(job, now)) return job;
  await asStore(jobs.finishLeft(job, { ...LOST_END, finishedAt: now }));
  return asStore(jobs.find(key, now));
}
