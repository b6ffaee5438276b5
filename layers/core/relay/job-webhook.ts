import type { PostOutcome } from '@sluice/kit/http/guarded-post';
import type { Logger } from '@sluice/kit/log/logger';
import type { Clock } from '@sluice/kit/time/clock';
import type { JobWebhook, MediaJob } from '../media/job.ts';
import type { MediaJobStore } from '../media/job-store.ts';
import { signedHeaders, webhookSecret } from '../monitoring/webhook-secret.ts';
import { viewImageJob } from './image-jobs.ts';

export interface JobWebhookDeps {
  jobs: Pick<MediaJobStore, 'noteWebhook' | 'readAnswer'>;
  /** Of each version of the pepper; undefined when there is none. */
  pepperOf(version: string): string | undefined;
  /** The guarded call. */
  postWebhook(request: { url: string; headers: Record<string, string>; body: string }): Promise<PostOutcome>;
  clock: Clock;
  logger: Pick<Logger, 'warn'>;
}

const MINUTE_MS = 60_000;
/** After the first try, the second, and so on; then it has failed. */
const PAUSES_MS = [1, 5, 15, 60, 240].map((minutes) => minutes * MINUTE_MS);
/** A result that is larger is fetched. */
const MOST_TOLD_BYTES = 64 * 1024;

/** One secret for each account, so that a receiver has to know no more than one; derived, and kept nowhere. */
export function accountWebhookSecret(pepper: string, account: string): string {
  return webhookSecret({ pepper, webhookId: `account:${account}`, salt: '' });
}

/** Whether somebody is still to be told of this job's end. */
export function isWebhookDue({ webhook }: Pick<MediaJob, 'webhook'>, nowMs: number): boolean {
  return webhook?.outcome === 'pending' && webhook.nextAt <= nowMs;
}

/**
 * Tells of a job's end, signed as Standard Webhooks has it. The next try is noted before this one, so that a crash in
 * between tells it again, under the same message id: at least once.
 * @returns what is noted of it now
 */
export async function tellWebhook(deps: JobWebhookDeps, job: MediaJob): Promise<JobWebhook | null> {
  const { webhook } = job;
  const now = deps.clock();
  if (webhook === null || !isWebhookDue(job, now)) return webhook;
  const attempts = webhook.attempts + 1;
  const tried: JobWebhook = { ...webhook, attempts, nextAt: now + (PAUSES_MS[webhook.attempts] ?? MINUTE_MS) };
  await deps.jobs.noteWebhook(job, tried);
  const outcome = await send(deps, job, webhook);
  const isLast = attempts > PAUSES_MS.length;
  const told: JobWebhook =
    outcome === 'delivered'
      ? { ...tried, outcome }
      : { ...tried, outcome: outcome === 'gone' || isLast ? 'failed' : 'pending' };
  if (told.outcome !== 'delivered') deps.logger.warn('job_webhook_not_delivered', { job: job.id, attempts });
  if (told.outcome !== 'pending') await deps.jobs.noteWebhook(job, told);
  return told;
}

async function send(
  deps: JobWebhookDeps,
  job: MediaJob,
  { url, pepperVersion }: JobWebhook,
): Promise<'delivered' | 'gone' | 'failed'> {
  const pepper = deps.pepperOf(pepperVersion);
  if (pepper === undefined) return 'gone';
  const answer = await deps.jobs.readAnswer(job);
  const view = viewImageJob(job, answer !== null && answer.body.length <= MOST_TOLD_BYTES ? answer : null);
  const words = { succeeded: 'completed', failed: 'failed', unknown: 'failed', cancelled: 'cancelled' } as const;
  const type = `image.generation.${words[job.state as keyof typeof words]}`;
  const timestamp = new Date(job.finishedAt ?? deps.clock()).toISOString();
  const body = `{"type":"${type}","timestamp":"${timestamp}","data":${view.toString()}}`;
  const signed = signedHeaders(accountWebhookSecret(pepper, job.account), {
    id: `msg_${job.id}`,
    timestampMs: deps.clock(),
    body,
  });
  const headers = { 'content-type': 'application/json', 'user-agent': 'Sluice-Webhooks/1', ...signed };
  const outcome = await deps.postWebhook({ url, headers, body });
  if ('failure' in outcome) return 'failed';
  if (outcome.status >= 200 && outcome.status < 300) return 'delivered';
  return outcome.status === 410 ? 'gone' : 'failed';
}
