import type { Clock } from '@sluice/kit/time/clock';
import type { Logger } from '@sluice/kit/log/logger';
import type { MediaJob } from '../media/job.ts';
import type { Metering } from '../metering/metering.ts';
import { voidClosing } from '../metering/settlement.ts';

/** Settles runs of a job that were let in and died before they asked anybody: they cost nothing. */
export type VoidRuns = (job: Pick<MediaJob, 'id' | 'earlier'>) => Promise<void>;

export function createVoidRuns(deps: {
  metering: Pick<Metering, 'takeOver' | 'settle'>;
  clock: Clock;
  logger: Pick<Logger, 'warn'>;
}): VoidRuns {
  const { metering, clock, logger } = deps;
  return async ({ id, earlier = [] }) => {
    for (const requestId of earlier) {
      try {
        const metered = await metering.takeOver(requestId, []);
        if (metered !== null) await metering.settle(metered, voidClosing(clock()));
      } catch (error) {
        // The sweep of holds will charge the estimate, as of any request whose process died.
        logger.warn('run_not_voided', { job: id, request_id: requestId, reason: String(error) });
      }
    }
  };
}

const MOST_EARLIER = 20;

/** The events to be voided once a run takes the job up: nothing was sent by any of those before. */
export function earlierRuns({ earlier = [], requestId, sentAt }: MediaJob): readonly string[] {
  return sentAt !== null || requestId === null ? earlier : [...earlier, requestId].slice(-MOST_EARLIER);
}
