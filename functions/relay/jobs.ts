import { createRelayFunction } from './deps.ts';

/**
 * Runs one media job, `{"account": "<ledger account>", "id": "<job>"}`, and tells of its end: the data plane without a
 * client. Invoked by the relay when a job is submitted, and by sweep-jobs where nobody runs it.
 */

const { runJob, logger } = createRelayFunction({ servesMany: false });

export async function handler(event: unknown): Promise<{ outcome: string }> {
  const { account, id } = (event ?? {}) as { account?: unknown; id?: unknown };
  if (typeof account !== 'string' || typeof id !== 'string') throw new Error('Expected {"account": "…", "id": "…"}');
  const outcome = await runJob({ account, id });
  logger.info('media_job', { job: id, outcome });
  return { outcome };
}
