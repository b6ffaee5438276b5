import { readSweepJobsEnvironment } from '@sluice/aws/env';
import { createJobStarter } from '@sluice/aws/job-starter';
import { createSdkTableClient } from '@sluice/aws/sdk-table-client';
import { createMediaJobStore } from '@sluice/aws/tables/media-jobs';
import { sweepJobs, type JobSweepReport } from '@sluice/core/media/sweep-jobs';
import { createLogger } from '@sluice/kit/log/logger';
import { systemClock } from '@sluice/kit/time/clock';

/** Has media jobs run whose runner never came or is gone, and their ends told. Every minute with `{}`. */

const environment = readSweepJobsEnvironment();
const client = createSdkTableClient({ aws: environment.aws });
const logger = createLogger((line) => process.stdout.write(`${line}\n`), {
  function: 'sweep-jobs',
  build: environment.buildId,
});

/** For the job that is looked at last. */
const RESERVE_MS = 10_000;

export async function handler(
  _event: unknown,
  context: { getRemainingTimeInMillis(): number },
): Promise<JobSweepReport> {
  const report = await sweepJobs({
    jobs: createMediaJobStore(client, environment.tables.content, null),
    startJob: createJobStarter({ aws: environment.aws, functionName: environment.mediaJobsFunction }),
    clock: systemClock,
    mayGoOn: () => context.getRemainingTimeInMillis() > RESERVE_MS,
  });
  if (report.open > 0) logger.info('jobs_swept', { ...report });
  return report;
}
