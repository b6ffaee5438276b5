import type { ErrorCode } from '@sluice/kit/errors/catalogue';

/**
 * Work that must not be done twice and whose result must not be lost: a request that is kept, run once, and whose
 * answer is kept as well (architecture.md §8). Long generations are jobs, and so is every request that carries an
 * `Idempotency-Key`. `core/relay` runs them, `job-store.ts` is where they are.
 *
 *   queued ──claim──▶ running ──finish──▶ succeeded | failed | cancelled
 *                       │ lease over, nothing sent: claimed again by another runner
 *                       │ lease over, sent, the upstream's id is kept: claimed again, and resumed
 *                       └ lease over, sent, nothing else known: unknown, and never sent again
 */
export type JobState = 'queued' | 'running' | 'succeeded' | 'failed' | 'cancelled' | 'unknown';

/** What kind of work it is, for whoever shows it: `idempotent` is any request under a key of its client's. */
export type JobOperation = 'idempotent' | 'images' | 'videos' | 'responses';

export interface JobKey {
  /** The ledger account that pays, which is its user's id. */
  account: string;
  id: string;
}

export interface MediaJob extends JobKey {
  operation: JobOperation;
  /** Of the key that asked; null: an access token did. */
  keyId: string | null;
  /** Method and path, e.g. `POST /v1/images/generations`. */
  endpoint: string;
  /** Of what was asked, so that another question under the same key is found out. */
  digest: string;
  /** The public model that is asked for, as the client wrote it; empty where the request names none. */
  model: string;
  state: JobState;
  /** Percent, 0 to 100, as far as the upstream tells. */
  progress: number;
  /** Milliseconds since the epoch, as all times here. */
  createdAt: number;
  startedAt: number | null;
  finishedAt: number | null;
  expiresAt: number;
  /** Who runs it, and until when the others believe so; who ran it, once it has ended. */
  lease: { owner: string; until: number } | null;
  /** The usage event of the run. */
  requestId: string | null;
  /** Those of runs that died before they asked anybody. */
  earlier?: readonly string[] | undefined;
  /** When the upstream was about to be asked; null: it certainly was not. */
  sentAt: number | null;
  /** What the work needs to go on after a crash, the upstream's id of the generation above all; JSON. */
  upstream: string | null;
  /** Of a job that has ended badly. */
  error: { code: ErrorCode; message: string } | null;
  webhook: JobWebhook | null;
  /** Status of the answer that is kept; null while there is none, or when it was too large. */
  answerStatus: number | null;
}

/** Who is told of the end; told at least once, under the same message id. */
export interface JobWebhook {
  url: string;
  /** Of the secret that its calls are signed with (core/monitoring/webhook-secret.ts). */
  pepperVersion: string;
  attempts: number;
  nextAt: number;
  outcome: 'pending' | 'delivered' | 'failed';
}

/** A request as it is run, without whatever proves who asks. */
export interface KeptRequest {
  method: string;
  path: string;
  query: string;
  headers: Readonly<Record<string, string>>;
  body: Buffer;
  clientAddress: string;
}

/** An answer as its client was to get it. */
export interface KeptAnswer {
  status: number;
  headers: Readonly<Record<string, string>>;
  body: Buffer;
}

/** As long as results are kept (architecture.md §8). */
export const JOB_LIFE_MS = 24 * 3_600_000;

export function hasEnded({ state }: Pick<MediaJob, 'state'>): boolean {
  return state !== 'queued' && state !== 'running';
}

/** Its runner is gone and the upstream was asked: whether it was heard, nobody knows. */
export function isLost(job: Pick<MediaJob, 'state' | 'lease' | 'sentAt' | 'upstream'>, nowMs: number): boolean {
  return isLeft(job, nowMs) && job.sentAt !== null && job.upstream === null;
}

/** How a lost job ends. */
export const LOST_END = {
  state: 'unknown',
  error: {
    code: 'outcome_unknown',
    message:
      'The upstream was asked, and what became of it is not known, since the process that waited for it is gone. It ' +
      'is not asked again.',
  },
  answer: null,
} as const;

/** Somebody may take it up. */
export function isFree(job: Pick<MediaJob, 'state' | 'lease' | 'sentAt' | 'upstream'>, nowMs: number): boolean {
  return job.state === 'queued' || (isLeft(job, nowMs) && (job.sentAt === null || job.upstream !== null));
}

function isLeft({ state, lease }: Pick<MediaJob, 'state' | 'lease'>, nowMs: number): boolean {
  return state === 'running' && (lease === null || lease.until <= nowMs);
}
