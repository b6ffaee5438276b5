import { GatewayError } from '@sluice/kit/errors/gateway-error';
import { createPrefixedId } from '@sluice/kit/ids/prefixed-id';
import { readMember, spliceMembers } from '@sluice/kit/json/members';
import { parseBody } from '@sluice/llm/convert/request';
import { asBackground, describeBackground } from '@sluice/llm/formats/openai-responses/background';
import type { RequestFacts } from '@sluice/llm/formats/wire-format';
import type { JsonObject } from '@sluice/llm/neutral/json';
import { hasEnded, type MediaJob } from '../media/job.ts';
import { asStore, assertModelAllowed } from './authenticate.ts';
import type { Exchange } from './exchange.ts';
import { errorOf } from './image-jobs.ts';
import type { JobRun } from './job-work.ts';
import { keepRequest } from './kept-request.ts';
import type { Router } from './route.ts';
import { findJob, submitJob, type SubmitDeps } from './submit-job.ts';

export interface BackgroundDeps extends SubmitDeps {
  router: Pick<Router, 'route'>;
}

/** Ids of responses that are made in the background; those of all others are looked for among what is kept only. */
const PREFIX = 'resp_';
const ID = /^resp_job[a-z2-7]{16}$/;

export function isBackgroundId(id: string): boolean {
  return ID.test(id);
}

/** Whether a response is to be made in the background. @throws GatewayError `invalid_field` where that cannot be */
export function wantsBackground(body: Buffer, { scan, stream }: RequestFacts): boolean {
  if (readMember(body, scan, 'background') !== true) return false;
  if (readMember(body, scan, 'store') === false) {
    const message = "'background' responses are read later, so they are stored: leave 'store' out or set it to true.";
    throw new GatewayError('invalid_field', { message, param: 'store' });
  }
  if (stream) {
    const message = "'background' responses are polled here; leave 'stream' out or set it to false.";
    throw new GatewayError('invalid_field', { message, param: 'stream' });
  }
  return true;
}

/** Has a response made by a job. The answer is the response as it stands: queued. */
export async function createBackground(
  deps: BackgroundDeps,
  exchange: Exchange,
  facts: RequestFacts,
): Promise<JsonObject> {
  const { caller, request } = exchange;
  if (caller === null) throw new Error('It is not known who asks');
  assertModelAllowed(caller.key, facts.model);
  await deps.router.route(facts.model, { userId: caller.user.id, channel: caller.key.channel, seed: () => 0 });
  const body = spliceMembers(request.body, facts.scan, [{ key: 'background', json: 'false' }]);
  const job = await submitJob(deps, exchange, {
    id: `${PREFIX}${createPrefixedId('job').replace('_', '')}`,
    operation: 'responses',
    model: facts.model,
    request: keepRequest(request, { path: request.path, body }),
    webhook: null,
  });
  return describe(job, parseBody(request.body), null);
}

/** A response that a job makes or has made, as it stands. Null: there is none under this id any more. */
export async function findBackground(
  deps: BackgroundDeps,
  owner: { account: string; id: string },
): Promise<JsonObject | null> {
  const job = await findJob(deps, { ...owner, operation: 'responses' });
  return job === null ? null : view(deps, job);
}

/** What has ended stays as it is. Null: there is none. */
export async function cancelBackground(
  deps: BackgroundDeps,
  owner: { account: string; id: string },
): Promise<JsonObject | null> {
  const job = await findJob(deps, { ...owner, operation: 'responses' });
  if (job === null) return null;
  return view(deps, (await asStore(deps.jobs.cancel(job, deps.clock()))) ?? job);
}

/** False: there is none. */
export async function deleteBackground(deps: BackgroundDeps, owner: { account: string; id: string }): Promise<boolean> {
  const job = await findJob(deps, { ...owner, operation: 'responses' });
  if (job === null) return false;
  const ended = hasEnded(job) ? job : ((await asStore(deps.jobs.cancel(job, deps.clock()))) ?? job);
  return asStore(deps.jobs.remove(ended));
}

/** Whether this run's response was given up by its client. */
export async function isUnwanted({ jobs, clock }: BackgroundDeps, run: JobRun | null): Promise<boolean> {
  if (run?.job.operation !== 'responses') return false;
  const job = await jobs.find(run.job, clock()).catch(() => run.job);
  return job === null || job.state === 'cancelled';
}

async function view({ jobs }: BackgroundDeps, job: MediaJob): Promise<JsonObject> {
  const answer = job.state === 'cancelled' ? null : await asStore(jobs.readAnswer(job));
  const made = job.state === 'succeeded' && answer ? asBackground(answer.body.toString(), job.id) : null;
  if (made !== null) return made;
  const request = await asStore(jobs.readRequest(job));
  const error = errorOf(job, answer);
  return describe(job, request === null ? {} : parseBody(request.body), error);
}

const STATUS = {
  queued: 'queued',
  running: 'in_progress',
  succeeded: 'failed',
  failed: 'failed',
  unknown: 'failed',
  cancelled: 'cancelled',
} as const;

function describe(job: MediaJob, requestBody: JsonObject, error: { code: string; message: string } | null): JsonObject {
  const { id, createdAt, finishedAt, model, state } = job;
  return describeBackground({
    id,
    createdAt,
    completedAt: finishedAt,
    model,
    requestBody,
    status: STATUS[state],
    error,
  });
}
