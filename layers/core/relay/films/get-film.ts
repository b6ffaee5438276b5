import { GatewayError } from '@sluice/kit/errors/gateway-error';
import { publicOriginOf } from '@sluice/kit/http/public-origin';
import { hasEnded, type MediaJob } from '../../media/job.ts';
import { createAnswer, type AnswerDeps } from '../answer.ts';
import { asStore, type Authenticate } from '../authenticate.ts';
import type { Exchange } from '../exchange.ts';
import { findJob, type SubmitDeps } from '../submit-job.ts';
import { readResult, tellFilm } from './tell-film.ts';

export interface GetFilmDeps extends AnswerDeps, Pick<SubmitDeps, 'jobs' | 'clock'> {
  authenticate: Authenticate;
}

/** Seconds until it is worth asking again. */
const POLL_SECONDS = '2';
/** Where some clients ask for what they asked for under `…/generations`. */
const GENERATIONS = 'generations/';

/**
 * `GET /v1/videos/{id}`, in the words of the API that the film was asked for by, and `…/content`, which leads to where
 * it is served from: `variant=thumbnail` to a still.
 * @throws GatewayError `not_found`
 */
export async function getFilm(deps: GetFilmDeps, exchange: Exchange, rest: string): Promise<void> {
  const [id = '', part, ...more] = (rest.startsWith(GENERATIONS) ? rest.slice(GENERATIONS.length) : rest).split('/');
  exchange.caller ??= await deps.authenticate(exchange.request, exchange.startedAt, 'account');
  const job = await findJob(deps, { account: exchange.caller.user.id, id, operation: 'videos' });
  if (job === null || more.length > 0 || (part !== undefined && part !== 'content')) throw noFilm(rest);
  if (part === 'content') return redirect(deps, exchange, job);
  const body = tellFilm(job, await asStore(deps.jobs.readAnswer(job)), exchange);
  await answerJson(deps, exchange, body, hasEnded(job) ? {} : { 'retry-after': POLL_SECONDS });
}

/** `DELETE /v1/videos/{id}`: its film is still served until it expires. @throws GatewayError `not_found`, `conflict` */
export async function deleteFilm(deps: GetFilmDeps, exchange: Exchange, id: string): Promise<void> {
  exchange.caller ??= await deps.authenticate(exchange.request, exchange.startedAt, 'account');
  const job = await findJob(deps, { account: exchange.caller.user.id, id, operation: 'videos' });
  if (job === null) throw noFilm(id);
  if (!hasEnded(job)) {
    throw new GatewayError('conflict', { message: `The film '${id}' is still being made, which cannot be stopped.` });
  }
  await asStore(deps.jobs.remove(job));
  await answerJson(deps, exchange, Buffer.from(JSON.stringify({ id, object: 'video.deleted', deleted: true })));
}

async function answerJson(deps: GetFilmDeps, exchange: Exchange, body: Buffer, headers = {}): Promise<void> {
  const answer = createAnswer(deps, exchange);
  answer.head(200, { 'content-type': 'application/json', 'content-length': String(body.length), ...headers });
  await answer.aside(body);
  await answer.end();
}

async function redirect(deps: GetFilmDeps, exchange: Exchange, job: MediaJob): Promise<void> {
  const result = readResult(await asStore(deps.jobs.readAnswer(job)));
  if (result === null) {
    const message = hasEnded(job)
      ? `The film '${job.id}' was not made.`
      : `The film '${job.id}' is not finished yet; GET /v1/videos/${job.id} tells how far it is.`;
    throw new GatewayError('not_found', { message });
  }
  if (result.expiresAt <= deps.clock()) {
    throw new GatewayError('not_found', { message: `The film '${job.id}' has expired.` });
  }
  const isStill = new URLSearchParams(exchange.request.query).get('variant') === 'thumbnail';
  const path = isStill ? result.poster : result.path;
  if (path === null) throw new GatewayError('not_found', { message: `The film '${job.id}' has no still.` });
  const location = `${publicOriginOf(exchange.request.headers) ?? ''}${path}`;
  const answer = createAnswer(deps, exchange);
  answer.head(302, { location, 'cache-control': 'no-store', 'content-length': '0' });
  await answer.end();
}

function noFilm(id: string): GatewayError {
  return new GatewayError('not_found', { message: `There is no film '${id.slice(0, 100)}'.` });
}
