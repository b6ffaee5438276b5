import { hasEnded, type KeptAnswer, type MediaJob } from '../media/job.ts';

const STATUS = {
  queued: 'queued',
  running: 'in_progress',
  succeeded: 'completed',
  failed: 'failed',
  unknown: 'failed',
  cancelled: 'cancelled',
} as const;

/** Where a job's standing is asked for. */
export function pollPath({ id }: Pick<MediaJob, 'id'>): string {
  return `/v1/images/generations/${id}`;
}

/**
 * A job as its client reads it, as JSON. Its result is the answer as it would have been given at once, byte by byte.
 * @param answer null while there is none, or when it is not to be told
 */
export function viewImageJob(job: MediaJob, answer: KeptAnswer | null): Buffer {
  const isGood = answer !== null && answer.status < 400;
  const view = {
    id: job.id,
    object: 'image.generation.job',
    status: STATUS[job.state],
    model: job.model || null,
    progress: job.progress,
    created_at: secondsOf(job.createdAt),
    started_at: secondsOf(job.startedAt),
    completed_at: hasEnded(job) ? secondsOf(job.finishedAt) : null,
    expires_at: secondsOf(job.expiresAt),
    poll_url: pollPath(job),
    error: isGood ? null : errorOf(job, answer),
  };
  const text = JSON.stringify(view).slice(0, -1);
  return Buffer.concat([Buffer.from(`${text},"result":`), isGood ? answer.body : Buffer.from('null'), BRACE]);
}

const BRACE = Buffer.from('}');

/** Why it failed: in the words of the answer that its client would have got. */
export function errorOf(job: MediaJob, answer: KeptAnswer | null): { code: string; message: string } | null {
  if (answer !== null && answer.status >= 400) return readError(answer.body);
  if (job.state === 'failed' || job.state === 'unknown') {
    return job.error ?? { code: 'internal_error', message: 'The result could not be read.' };
  }
  return null;
}

function readError(body: Buffer): { code: string; message: string } {
  try {
    const { error } = JSON.parse(body.toString()) as { error?: Record<string, unknown> };
    const { code, type, message } = error ?? {};
    return { code: String(code ?? type ?? 'internal_error'), message: String(message ?? 'The request failed.') };
  } catch {
    return { code: 'internal_error', message: 'The request failed.' };
  }
}

function secondsOf(milliseconds: number | null): number | null {
  return milliseconds === null ? null : Math.floor(milliseconds / 1000);
}
