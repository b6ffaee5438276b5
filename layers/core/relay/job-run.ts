import { GatewayError } from '@sluice/kit/errors/gateway-error';
import type { Logger } from '@sluice/kit/log/logger';
import type { Clock } from '@sluice/kit/time/clock';
import type { Scheduler } from '@sluice/kit/time/scheduler';
import type { MediaJob } from '../media/job.ts';
import type { JobEnd, JobHold, MediaJobStore } from '../media/job-store.ts';
import { asStore } from './authenticate.ts';
import type { JobRun } from './job-work.ts';
import type { KeptSink } from './kept-sink.ts';
import type { VoidRuns } from './void-runs.ts';

/** How long a runner is believed in without a sign of life; longer than a store may take to answer. */
export const LEASE_MS = 60_000;
const SIGN_OF_LIFE_MS = 10_000;
/** The end of a job is written again and again, as long as its lease allows. */
const WRITE_PAUSES_MS = [100, 400, 1_500, 5_000, 15_000];

export interface JobRunDeps {
  jobs: MediaJobStore;
  clock: Clock;
  scheduler: Scheduler;
  logger: Logger;
  voidRuns: VoidRuns;
}

/** A run as its runner holds it; what the exchange sees of it is `JobRun`. */
export interface HeldRun extends JobRun {
  /** Aborted when the job is not this runner's any more. */
  readonly lost: AbortSignal;
  /** The upstream was asked and has not refused: whatever it made will be paid. */
  readonly wasSent: boolean;
  /**
   * Writes down how the job ended, unless that is done.
   * @returns false when it could not be, or the job is another's
   */
  finish(): Promise<boolean>;
  /** As if it had never been: nothing was asked of anybody. */
  release(): Promise<void>;
  stop(): void;
}

/** @param options.sinkOf made with the signal that tells that nobody wants the answer any more */
export function createHeldRun(
  deps: JobRunDeps,
  { job, hold, sinkOf }: { job: MediaJob; hold: JobHold; sinkOf(lost: AbortSignal): KeptSink },
): { run: HeldRun; sink: KeptSink } {
  const { jobs, clock, scheduler, logger } = deps;
  const losing = new AbortController();
  const sink = sinkOf(losing.signal);
  let isMarked = false;
  /** Calls that may have been worked for; a run that goes on has one behind it. */
  let sent = job.sentAt === null ? 0 : 1;
  let percent: number | undefined;
  let ending: Promise<boolean> | null = null;
  let cancelSign = (): void => undefined;

  const giveSign = (): void => {
    cancelSign = scheduler.after(SIGN_OF_LIFE_MS, () => {
      const renewed = jobs.renew(hold, {
        until: clock() + LEASE_MS,
        ...(percent !== undefined && { progress: percent }),
      });
      void renewed.then(
        (found) => {
          if (found === null && ending === null) losing.abort();
          else if (ending === null) giveSign();
        },
        // The lease outlives a few lost signs.
        () => void (ending ?? giveSign()),
      );
    });
  };
  const ifHeld = async (write: Promise<boolean>): Promise<GatewayError | null> => {
    if (await asStore(write)) return null;
    losing.abort();
    return new GatewayError('conflict', { message: 'The request was cancelled, or is being served elsewhere.' });
  };
  const finish = (): Promise<boolean> => {
    cancelSign();
    return persist(deps, hold, endOf(sink, sent > 0, clock()));
  };

  giveSign();
  const run: HeldRun = {
    job,
    lost: losing.signal,
    get wasSent() {
      return sent > 0;
    },
    async sending() {
      // Once is enough: from then on nobody takes the job over.
      const refusal = isMarked ? null : await ifHeld(jobs.markSent(hold, clock()));
      if (refusal === null) {
        isMarked = true;
        sent += 1;
      }
      return refusal;
    },
    refused() {
      sent -= 1;
    },
    keepUpstream: (state) => ifHeld(jobs.keepUpstream(hold, state)),
    progress(value) {
      percent = Math.min(100, Math.max(0, Math.floor(value)));
    },
    async answered() {
      // What the upstream has made is written down before it is paid; what it has not made is nobody's loss.
      if (sent > 0 && sink.isWhole && !sink.wasPassedOn) await (ending ??= finish());
    },
    finish: () => (ending ??= finish()),
    async release() {
      cancelSign();
      ending ??= Promise.resolve(true);
      await jobs
        .release(hold)
        .catch((error: unknown) => logger.warn('job_not_released', { job: job.id, reason: String(error) }));
    },
    stop: () => cancelSign(),
  };
  return { run, sink };
}

/** @returns false when it could not be written, or the job is another's */
async function persist({ jobs, scheduler, logger }: JobRunDeps, hold: JobHold, end: JobEnd): Promise<boolean> {
  for (const pause of [...WRITE_PAUSES_MS, null]) {
    try {
      const isWritten = await jobs.finish(hold, end);
      if (!isWritten) logger.warn('job_taken', { job: hold.id });
      return isWritten;
    } catch (error) {
      if (pause === null) logger.warn('job_not_finished', { job: hold.id, reason: String(error) });
      else await new Promise<void>((resolve) => void scheduler.after(pause, resolve));
    }
  }
  return false;
}

/** An answer that broke off after the upstream was asked is no answer, and nobody knows what it would have been. */
function endOf(sink: KeptSink, wasSent: boolean, finishedAt: number): JobEnd {
  const answer = sink.isWhole ? sink.answer() : null;
  if (answer !== null) {
    return { state: answer.status < 400 ? 'succeeded' : 'failed', error: null, answer, finishedAt };
  }
  const message = sink.wasPassedOn ? NOT_KEPT : wasSent ? BROKEN : NOT_DONE;
  const code = wasSent ? 'outcome_unknown' : 'internal_error';
  return { state: wasSent ? 'unknown' : 'failed', error: { code, message }, answer: null, finishedAt };
}

const NOT_KEPT = 'The answer was sent and not kept: it was a stream, or too large.';
const BROKEN = 'The answer broke off after the upstream had been asked, which is not asked again for this request.';
const NOT_DONE = 'Something went wrong on our side.';
