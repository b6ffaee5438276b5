import { randomUUID } from 'node:crypto';
import { GatewayError } from '@sluice/kit/errors/gateway-error';
import type { Sink } from '@sluice/kit/http/exchange';
import { createRequestId } from '@sluice/kit/ids/request-id';
import type { IdentityStore } from '../identity/store.ts';
import { hasEnded, isFree, type JobKey, type JobOperation, type KeptRequest, type MediaJob } from '../media/job.ts';
import { failExchange, type AnswerDeps } from './answer.ts';
import { asStore, vouchFor, type Caller } from './authenticate.ts';
import { checkKey, checkUser, keyOfToken } from './caller-state.ts';
import type { Exchange } from './exchange.ts';
import { createHeldRun, LEASE_MS, type JobRunDeps } from './job-run.ts';
import { isWebhookDue, tellWebhook, type JobWebhookDeps } from './job-webhook.ts';
import type { JobRun } from './job-work.ts';
import type { ResumeJob } from './resume-job.ts';
import { createKeptSink } from './kept-sink.ts';
import { findJob } from './submit-job.ts';
import { earlierRuns } from './void-runs.ts';

export interface JobRunnerDeps extends JobRunDeps, JobWebhookDeps, AnswerDeps {
  jobs: JobRunDeps['jobs'];
  logger: JobRunDeps['logger'];
  identity: Pick<IdentityStore, 'findUserById' | 'findKeyById'>;
  begin(request: KeptRequest, sink: Sink): Exchange;
  /** Serves a request by its path, as if it had just come. @throws GatewayError */
  perform(exchange: Exchange): Promise<void>;
  /** How each kind of work goes on that can. */
  resume: Partial<Record<JobOperation, ResumeJob>>;
}

export type JobOutcome = MediaJob['state'] | 'gone' | 'busy';

/**
 * Takes up a job, runs it and tells of its end. May be called for any job at any time and by several at once: whoever
 * holds the job runs it, and all others leave it alone.
 */
export function createJobRunner(deps: JobRunnerDeps): (key: JobKey) => Promise<JobOutcome> {
  return async (key) => {
    const { jobs, clock } = deps;
    const found = await jobs.find(key, clock());
    if (found === null) return 'gone';
    const job = hasEnded(found) ? found : await takeUp(deps, found);
    if (job === null) return 'busy';
    await tellAndUnlist(deps, job);
    return job.state;
  };
}

/** Null: it is somebody else's. */
async function takeUp(deps: JobRunnerDeps, found: MediaJob): Promise<MediaJob | null> {
  const { jobs, clock } = deps;
  const now = clock();
  if (!isFree(found, now)) {
    const known = await findJob(deps, found);
    return known !== null && hasEnded(known) ? known : null;
  }
  const hold = { account: found.account, id: found.id, owner: randomUUID() };
  // What goes on is settled where it was let in.
  const isResumed = found.upstream !== null && found.requestId !== null;
  const requestId = isResumed && found.requestId !== null ? found.requestId : createRequestId(now);
  const earlier = isResumed ? [] : earlierRuns(found);
  const job = await jobs.claim(hold, { now, until: now + LEASE_MS, requestId, earlier });
  if (job === null) return null;
  await deps.voidRuns(job);
  const { run, sink } = createHeldRun(deps, { job, hold, sinkOf: (lost) => createKeptSink(null, lost) });
  const request = await jobs.readRequest(job);
  const exchange = deps.begin(request ?? NO_REQUEST, sink);
  exchange.requestId = requestId;
  exchange.run = run;
  try {
    if (request === null) throw new GatewayError('internal_error', { message: 'The request could not be read again.' });
    exchange.caller = await readCaller(deps, job, request);
    vouchFor(exchange.request.headers, exchange.caller);
    await work(deps, exchange, run);
  } catch (thrown) {
    await failExchange(deps, exchange, thrown);
  }
  await run.finish();
  run.stop();
  return jobs.find(found, clock());
}

function work({ perform, resume }: JobRunnerDeps, exchange: Exchange, { job }: JobRun): Promise<void> {
  const goOn = job.upstream === null ? undefined : resume[job.operation];
  return goOn && job.upstream !== null ? goOn(exchange, job.upstream) : perform(exchange);
}

const NO_REQUEST: KeptRequest = {
  method: 'POST',
  path: '',
  query: '',
  headers: {},
  body: Buffer.of(),
  clientAddress: '',
};

/** Who asked, as they stand now. @throws GatewayError what they would be refused for */
async function readCaller({ identity, clock }: JobRunnerDeps, job: MediaJob, request: KeptRequest): Promise<Caller> {
  const [user, key] = await asStore(
    Promise.all([identity.findUserById(job.account), job.keyId === null ? null : identity.findKeyById(job.keyId)]),
  );
  if (!user) throw new GatewayError('invalid_api_key', { message: 'The user of this request is gone.' });
  checkUser(user, 'inference');
  if (job.keyId === null) return { user, key: keyOfToken(user, request.headers) };
  if (key?.ownerId !== user.id) {
    throw new GatewayError('invalid_api_key', { message: 'The API key of this request is gone.' });
  }
  checkKey(key, request, clock());
  return { user, key };
}

/** It is listed as long as somebody is to be told. */
async function tellAndUnlist(deps: JobRunnerDeps, job: MediaJob): Promise<void> {
  if (!hasEnded(job)) return;
  const webhook = isWebhookDue(job, deps.clock()) ? await tellWebhook(deps, job) : job.webhook;
  if (webhook?.outcome !== 'pending') await deps.jobs.unlist(job);
}
