import { randomInt, randomUUID } from 'node:crypto';
import { GatewayError } from '@sluice/kit/errors/gateway-error';
import { decodeRequestBody } from '@sluice/kit/http/content-encoding';
import type { PlainRequest } from '@sluice/kit/http/exchange';
import { isMultipart, parseMultipart } from '@sluice/kit/http/multipart';
import { createPrefixedId } from '@sluice/kit/ids/prefixed-id';
import { parseBody } from '@sluice/llm/convert/request';
import { decodeVideoForm, decodeVideoRequest } from '@sluice/llm/videos/decode-request';
import type { VideoRequest } from '@sluice/llm/videos/video';
import { hasEnded, JOB_LIFE_MS, type MediaJob } from '../../media/job.ts';
import type { JobHold } from '../../media/job-store.ts';
import { digestRequest, jobIdOfKey } from '../../media/request-digest.ts';
import { createAnswer, type AnswerDeps } from '../answer.ts';
import { asStore, assertModelAllowed, type Authenticate } from '../authenticate.ts';
import { MOST_DECODED_BYTES, type Exchange } from '../exchange.ts';
import { idempotencyKeyOf } from '../idempotency.ts';
import { resolveInputs, type ResolveDeps } from '../images/resolve-inputs.ts';
import { keepRequest } from '../kept-request.ts';
import type { Relay } from '../relay.ts';
import type { Plan, Router } from '../route.ts';
import { OPENAI_VIDEOS_RELAYED, writeFilmBody } from './film-format.ts';
import { driverOf, makesNoFilms } from './film-interpreter.ts';
import { writeFilmState } from './film-state.ts';
import { createFilmCreation, type HandOverDeps } from './hand-over.ts';
import { tellFilm } from './tell-film.ts';

export interface CreateFilmDeps extends HandOverDeps, ResolveDeps, AnswerDeps {
  scheduler: HandOverDeps['scheduler'] & AnswerDeps['scheduler'];
  logger: HandOverDeps['logger'];
  authenticate: Authenticate;
  router: Pick<Router, 'route'>;
  relay: Relay;
}

/**
 * `POST /v1/videos/generations` (xAI's shape) and `POST /v1/videos` (OpenAI's): the film is asked of an upstream while
 * the client waits, so that refusals are told at once; what it is becoming is then asked after by its job.
 * @throws GatewayError naming the field; `invalid_model`, `idempotency_key_reused`
 */
export async function createFilm(deps: CreateFilmDeps, exchange: Exchange): Promise<void> {
  exchange.caller = await deps.authenticate(exchange.request, exchange.startedAt);
  exchange.request = await decodeRequestBody(exchange.request, MOST_DECODED_BYTES);
  const { job, isNew } = await beginFilm(deps, exchange, readRequest(exchange.request));
  if (isNew) return;
  const body = tellFilm(job, await asStore(deps.jobs.readAnswer(job)), exchange);
  const answer = createAnswer(deps, exchange);
  answer.head(200, { 'content-type': 'application/json', 'content-length': String(body.length) });
  await answer.aside(body);
  await answer.end();
}

function readRequest({ headers, body }: PlainRequest): VideoRequest {
  const type = headers['content-type'];
  if (type !== undefined && isMultipart(type)) return decodeVideoForm(parseMultipart(body, type));
  return decodeVideoRequest(parseBody(body));
}

/**
 * Has a film begun, and its client answered.
 * @returns its job; one that is not new was asked for under the same key before, and nothing was answered then
 */
export async function beginFilm(
  deps: CreateFilmDeps,
  exchange: Exchange,
  asked: VideoRequest,
): Promise<{ job: MediaJob; isNew: boolean }> {
  const { caller } = exchange;
  if (caller === null) throw new Error('It is not known who asks');
  if (exchange.run?.job.operation === 'videos') throw notBegun();
  assertModelAllowed(caller.key, asked.model);
  const plan = await deps.router.route(asked.model, {
    userId: caller.user.id,
    channel: caller.key.channel,
    seed: () => randomInt(SEEDS),
  });
  assertFilms(plan);
  const request = await withPicture(deps, { request: asked, exchange, plan });
  const job = newJob(exchange, request, deps.clock());
  const hold: JobHold = { account: job.account, id: job.id, owner: job.lease?.owner ?? '' };
  const body = writeFilmBody(request, heldSeconds(request, plan));
  const kept = keepRequest(exchange.request, { path: exchange.request.path, body });
  const existing = await asStore(deps.jobs.create(job, { request: kept, listed: true }));
  if (existing !== null) {
    if (existing.digest !== job.digest) throw reused();
    if (existing.upstream === null && !hasEnded(existing)) throw inProgress();
    return { job: existing, isNew: false };
  }
  await ask(deps, exchange, { job, hold, request, body });
  return { job, isNew: true };
}

function reused(): GatewayError {
  const message = 'This Idempotency-Key was used for another request. Use another key for another request.';
  return new GatewayError('idempotency_key_reused', { message, param: 'idempotency-key' });
}

/** Whether the upstream takes it on is not known yet. */
function inProgress(): GatewayError {
  const message = 'The film of this Idempotency-Key is being asked for. Ask again in a moment.';
  return new GatewayError('request_in_progress', { message, retryAfterSeconds: 2 });
}

/** Its process ended before anybody was asked, and its client with it. */
function notBegun(): GatewayError {
  return new GatewayError('internal_error', {
    message: 'The film was not begun: the process that was to ask for it ended. Nothing was charged; ask again.',
  });
}

async function ask(
  deps: CreateFilmDeps,
  exchange: Exchange,
  { job, hold, request, body }: { job: MediaJob; hold: JobHold; request: VideoRequest; body: Buffer },
): Promise<void> {
  const asking = { ...exchange.request };
  const creation = createFilmCreation(deps, {
    job,
    hold,
    request,
    tell: (state) => tellFilm({ ...job, upstream: writeFilmState(state) }, null, { ...exchange, request: asking }),
  });
  exchange.request = { ...asking, body, headers: { ...asking.headers, 'content-type': 'application/json' } };
  exchange.format = OPENAI_VIDEOS_RELAYED;
  exchange.film = creation.work;
  exchange.run = creation.run;
  try {
    await deps.relay(exchange);
  } finally {
    if (!creation.isHandedOver) await drop(deps, hold, creation.wasSent);
  }
}

/** A job that its client never heard of: forgotten, or, where the upstream may have begun, ended as unknown. */
async function drop({ jobs, clock, logger }: CreateFilmDeps, hold: JobHold, wasSent: boolean): Promise<void> {
  const error = { code: 'outcome_unknown', message: UNKNOWN } as const;
  const end = { state: 'unknown', error, answer: null, finishedAt: clock() } as const;
  await (wasSent ? jobs.finish(hold, end) : jobs.release(hold)).catch((failure: unknown) => {
    logger.warn('job_not_released', { job: hold.id, reason: String(failure) });
  });
}

const UNKNOWN = 'The upstream was asked for the film, and whether it took it on is not known. It is not asked again.';

function assertFilms({ model, candidates }: Plan): void {
  if (model.class !== 'video' || candidates.every(({ address }) => address.videos === undefined)) {
    throw makesNoFilms(model.name);
  }
}

async function withPicture(
  deps: ResolveDeps,
  { request, exchange, plan }: { request: VideoRequest; exchange: Exchange; plan: Plan },
): Promise<VideoRequest> {
  if (request.image === null) return request;
  const sources = { images: [request.image], mask: null };
  const { images } = await resolveInputs(deps, { request: sources, exchange, plan });
  return { ...request, image: images[0] ?? null };
}

/** Candidates round differently; what is held must be enough for any of them. */
function heldSeconds(request: VideoRequest, { candidates }: Plan): number {
  const making = candidates.filter(({ address }) => address.videos !== undefined);
  return Math.max(...making.map((candidate) => driverOf(candidate).secondsOf(request, () => undefined)));
}

/** Longer than an upstream may take to take a film on; then somebody else looks after the job. */
const CREATION_MS = 180_000;
/** Of many credentials, by chance which ones are looked at. */
const SEEDS = 2 ** 32;

function newJob({ caller, request, requestId }: Exchange, { model }: VideoRequest, now: number): MediaJob {
  if (caller === null) throw new Error('It is not known who asks');
  const endpoint = `${request.method} ${request.path}`;
  const key = idempotencyKeyOf(request);
  return {
    account: caller.user.id,
    id: key === null ? createPrefixedId('video') : jobIdOfKey(endpoint, key),
    operation: 'videos',
    keyId: caller.key.digest === '' ? null : caller.key.id,
    endpoint: endpoint.slice(0, 300),
    digest: digestRequest(request),
    model,
    state: 'running',
    progress: 0,
    createdAt: now,
    startedAt: now,
    finishedAt: null,
    expiresAt: now + JOB_LIFE_MS,
    lease: { owner: randomUUID(), until: now + CREATION_MS },
    requestId,
    sentAt: null,
    upstream: null,
    error: null,
    webhook: null,
    answerStatus: null,
  };
}
