import { GatewayError, isGatewayError } from '@sluice/kit/errors/gateway-error';
import type { Logger } from '@sluice/kit/log/logger';
import type { Clock } from '@sluice/kit/time/clock';
import type { Scheduler } from '@sluice/kit/time/scheduler';
import type { VideoDriver } from '@sluice/llm/videos/driver';
import type { VideoRequest } from '@sluice/llm/videos/video';
import type { MediaJob } from '../../media/job.ts';
import type { JobHold, MediaJobStore } from '../../media/job-store.ts';
import { asGatewayError } from '../answer.ts';
import { asStore } from '../authenticate.ts';
import type { Exchange } from '../exchange.ts';
import type { JobRun } from '../job-work.ts';
import { parseAnswer } from '../parse-answer.ts';
import type { Passage } from '../interpreter.ts';
import { abandon, cutError, cutShort } from '../passage.ts';
import type { AttemptResult } from '../served.ts';
import { LONGEST_TOLD_PROMPT, writeFilmState, type FilmState } from './film-state.ts';

export interface HandOverDeps {
  jobs: MediaJobStore;
  startJob(job: MediaJob): Promise<void>;
  clock: Clock;
  scheduler: Scheduler;
  logger: Pick<Logger, 'warn'>;
}

/** A request for a film on its way to whoever takes it on. */
export interface FilmWork {
  request: VideoRequest;
  handOver(exchange: Exchange, taken: Taken): Promise<AttemptResult>;
}

interface Taken {
  driver: VideoDriver;
  passage: Passage;
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
  const handOver: FilmWork['handOver'] = async (exchange, taken) => {
    const id = await readId(taken);
    if (isGatewayError(id)) return endBadly(taken.passage, id);
    const state = stateOf(exchange, taken, { request, id });
    const refusal = await run.keepUpstream(writeFilmState(state)).catch(asGatewayError);
    if (refusal !== null) {
      deps.logger.warn('film_lost', { job: job.id, film: id, upstream: state.upstream, code: refusal.code });
      return abandon(taken.passage.upstream, refusal);
    }
    isHandedOver = true;
    await letGo(deps, job, hold);
    const { answer, candidate } = taken.passage;
    const told = tell(state);
    answer.head(200, { 'content-type': 'application/json', 'content-length': String(told.length) });
    void answer.content(told);
    const nothing = { usage: null, usageIsFinal: false, delivered: null };
    const served = { ...nothing, status: 200, error: null, extent: 'nothing', candidate, goesOn: true } as const;
    return { kind: 'served', served, failure: null };
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

const MOST_BYTES = 1024 * 1024;

async function readId({ driver, passage }: Taken): Promise<string | GatewayError> {
  const { upstream } = passage;
  const kept: Buffer[] = [];
  let bytes = 0;
  for (;;) {
    const chunk = upstream.take();
    if (chunk !== null) {
      bytes += chunk.length;
      if (bytes <= MOST_BYTES) kept.push(chunk);
    } else if (upstream.failure || upstream.finished) {
      break;
    } else {
      await upstream.changed();
    }
  }
  if (upstream.failure !== null) return cutError(upstream.failure);
  try {
    return driver.decodeCreated(parseAnswer(Buffer.concat(kept)));
  } catch (error) {
    return asGatewayError(error);
  }
}

/** It may have been taken on, so nobody else is asked. */
function endBadly({ upstream }: Passage, error: GatewayError): AttemptResult {
  const result = upstream.failure === null ? abandon(upstream, error) : cutShort(upstream, error);
  return result.kind === 'failed' ? { ...result, retryable: false } : result;
}

function stateOf(
  exchange: Exchange,
  { driver, passage: { candidate, upstream } }: Taken,
  { request, id }: { request: VideoRequest; id: string },
): FilmState {
  const attempt = { status: upstream.status, error: null, durationMs: 0 };
  return {
    upstream: candidate.upstream,
    credentialId: candidate.credentialId,
    ...(candidate.use !== undefined && { use: candidate.use }),
    id,
    upstreamModel: candidate.model,
    prompt: request.prompt.slice(0, LONGEST_TOLD_PROMPT),
    seconds: driver.secondsOf(request, () => undefined),
    pixels: request.pixels,
    warnings: [...exchange.warnings],
    attempts: [...exchange.attempts, { upstream: candidate.upstream, credential: candidate.credential, ...attempt }],
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
