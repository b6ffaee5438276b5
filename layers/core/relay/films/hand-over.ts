import { GatewayError } from '@sluice/kit/errors/gateway-error';
import type { Logger } from '@sluice/kit/log/logger';
import type { Clock } from '@sluice/kit/time/clock';
import type { Scheduler } from '@sluice/kit/time/scheduler';
import type { VideoRequest } from '@sluice/llm/videos/video';
import type { MediaJob } from '../../media/job.ts';
import type { JobHold, MediaJobStore } from '../../media/job-store.ts';
import { asGatewayError } from '../answer.ts';
import { asStore } from '../authenticate.ts';
import type { JobRun } from '../job-work.ts';
import { writeFilmState, type FilmState } from './film-state.ts';
import type { FilmWork } from './film-work.ts';

export interface HandOverDeps {
  jobs: MediaJobStore;
  startJob(job: MediaJob): Promise<void>;
  clock: Clock;
  scheduler: Scheduler;
  logger: Pick<Logger, 'warn'>;
}

/** What became of the creation, for whoever cleans up. */
export interface FilmCreation {
  work: FilmWork;
  run: JobRun;
  /** The job goes on by itself. */
  readonly isHandedOver: boolean;
  /** The upstream was asked, and whether it took the film on is not known. */
  readonly wasSent: boolean;
}

/**
 * The creation of a film under its job: one call to an upstream, whose id is written down before anybody hears of it.
 * @param tell the answer to the client
 */
export function createFilmCreation(
  deps: HandOverDeps,
  { job, hold, request, tell }: { job: MediaJob; hold: JobHold; request: VideoRequest; tell(state: FilmState): Buffer },
): FilmCreation {
  const { jobs, clock } = deps;
  let isHandedOver = false;
  let wasSent = false;
  const ifHeld = async (write: Promise<boolean>): Promise<GatewayError | null> => {
    if (await asStore(write)) return null;
    return new GatewayError('conflict', { message: 'The film is being made elsewhere.' });
  };
  const run: JobRun = {
    job,
    async sending() {
      const refusal = await ifHeld(jobs.markSent(hold, clock()));
      wasSent = refusal === null;
      return refusal;
    },
    refused() {
      wasSent = false;
    },
    keepUpstream: (state) => persistently(deps.scheduler, () => ifHeld(jobs.keepUpstream(hold, state))),
    progress: () => undefined,
    answered: () => Promise.resolve(),
  };
  const handOver: FilmWork['handOver'] = async (state) => {
    const refusal = await run.keepUpstream(writeFilmState(state)).catch(asGatewayError);
    if (refusal !== null) {
      deps.logger.warn('film_lost', { job: job.id, film: state.id, upstream: state.upstream, code: refusal.code });
      return refusal;
    }
    isHandedOver = true;
    await letGo(deps, job, hold);
    return tell(state);
  };
  return {
    work: { request, handOver },
    run,
    get isHandedOver() {
      return isHandedOver;
    },
    get wasSent() {
      return wasSent;
    },
  };
}

/** Whoever takes the job up next goes on with it; the sweep finds it, should nobody be told. */
async function letGo({ jobs, startJob, clock, logger }: HandOverDeps, job: MediaJob, hold: JobHold): Promise<void> {
  try {
    await jobs.renew(hold, { until: clock() });
    await startJob(job);
  } catch (error) {
    logger.warn('job_not_started', { job: job.id, reason: error instanceof Error ? error.message : String(error) });
  }
}

const PAUSES_MS = [100, 500, 2_000];

async function persistently<Value>(scheduler: Scheduler, work: () => Promise<Value>): Promise<Value> {
  for (const pause of PAUSES_MS) {
    try {
      return await work();
    } catch {
      await new Promise<void>((resolve) => void scheduler.after(pause, resolve));
    }
  }
  return work();
}
