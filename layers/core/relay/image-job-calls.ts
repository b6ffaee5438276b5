import { GatewayError } from '@sluice/kit/errors/gateway-error';
import { decodeRequestBody } from '@sluice/kit/http/content-encoding';
import { createPrefixedId } from '@sluice/kit/ids/prefixed-id';
import { jobIdOfKey } from '../media/request-digest.ts';
import type { JobWebhook, MediaJob } from '../media/job.ts';
import { checkWebhookAddress } from '../monitoring/webhook-address.ts';
import { createAnswer, type AnswerDeps } from './answer.ts';
import { asStore } from './authenticate.ts';
import { MOST_DECODED_BYTES, type Exchange } from './exchange.ts';
import { idempotencyKeyOf } from './idempotency.ts';
import { checkImageRequest, type ImageOperationDeps } from './images/image-operations.ts';
import { viewImageJob, pollPath } from './image-jobs.ts';
import { accountWebhookSecret } from './job-webhook.ts';
import { keepRequest } from './kept-request.ts';
import { findJob, submitJob, type SubmitDeps } from './submit-job.ts';

export interface ImageJobDeps extends SubmitDeps, ImageOperationDeps {
  /** Of the version that new secrets are made with. */
  newestPepper: { version: string; value: string };
}

const SUFFIX = '/async';
/** Seconds until it is worth asking again. */
const POLL_SECONDS = '2';

/**
 * `POST /v1/images/generations/async` and `…/edits/async`: 202 with a job to be polled. Its end is told to
 * `webhook_url` (a member of the body, or a parameter of the query), where one is given.
 * @throws GatewayError `invalid_field` naming the field
 */
export async function createImageJob(deps: ImageJobDeps, exchange: Exchange): Promise<void> {
  const caller = (exchange.caller ??= await deps.authenticate(exchange.request, exchange.startedAt));
  const { webhookUrl, ...decoded } = readWebhookUrl(await decodeRequestBody(exchange.request, MOST_DECODED_BYTES));
  exchange.request = { ...decoded, path: decoded.path.slice(0, -SUFFIX.length) };
  const webhook = webhookUrl === null ? null : await webhookTo(deps, webhookUrl);
  const drawing = await checkImageRequest(deps, exchange);
  if (drawing.stream) throw noStream();
  const { model } = drawing;
  const key = idempotencyKeyOf(exchange.request);
  const { method, path, body } = exchange.request;
  const job = await submitJob(deps, exchange, {
    id: key === null ? createPrefixedId('job') : jobIdOfKey(`${method} ${path}${SUFFIX}`, key),
    operation: 'images',
    model,
    request: keepRequest(exchange.request, { path, body }),
    webhook,
  });
  const secret = webhook && accountWebhookSecret(deps.newestPepper.value, caller.user.id);
  const told = secret === null ? '' : `,"webhook":${JSON.stringify({ url: webhookUrl, secret })}`;
  const view = viewImageJob(job, await asStore(deps.jobs.readAnswer(job))).toString();
  return answerJson(deps, exchange, 202, Buffer.from(`${view.slice(0, -1)}${told}}`), {
    location: pollPath(job),
    'retry-after': POLL_SECONDS,
  });
}

/** The gateway's own member goes no further. */
function readWebhookUrl(request: Exchange['request']): Exchange['request'] & { webhookUrl: string | null } {
  const inQuery = new URLSearchParams(request.query).get('webhook_url');
  const isJson = (request.headers['content-type'] ?? 'application/json').includes('json');
  if (!isJson || !request.body.includes('"webhook_url"')) return { ...request, webhookUrl: inQuery };
  let asked: Record<string, unknown>;
  try {
    asked = JSON.parse(request.body.toString()) as Record<string, unknown>;
  } catch {
    // Whoever reads the request says what is wrong with it.
    return { ...request, webhookUrl: inQuery };
  }
  const { webhook_url: given = null, ...rest } = asked;
  if (given !== null && typeof given !== 'string') throw wrongWebhook("'webhook_url' must be a string.");
  return { ...request, body: Buffer.from(JSON.stringify(rest)), webhookUrl: given ?? inQuery };
}

function noStream(): GatewayError {
  const message = "A job is polled: leave 'stream' out or set it to false.";
  return new GatewayError('invalid_field', { message, param: 'stream' });
}

async function webhookTo(deps: ImageJobDeps, url: string): Promise<JobWebhook> {
  const { allowedWebhookNetworks } = await deps.router.settings();
  const fault = url.length > 2_000 ? 'The address is too long' : checkWebhookAddress(url, allowedWebhookNetworks);
  if (fault !== null) throw wrongWebhook(`'webhook_url': ${fault}.`);
  const { version: pepperVersion } = deps.newestPepper;
  return { url, pepperVersion, attempts: 0, nextAt: 0, outcome: 'pending' };
}

function wrongWebhook(message: string): GatewayError {
  return new GatewayError('invalid_field', { message, param: 'webhook_url' });
}

/** `GET /v1/images/generations/{id}`. @throws GatewayError `not_found` */
export async function getImageJob(deps: ImageJobDeps, exchange: Exchange, id: string): Promise<void> {
  const job = await findOwn(deps, exchange, id);
  const pause: Record<string, string> = job.finishedAt === null ? { 'retry-after': POLL_SECONDS } : {};
  return answerJson(deps, exchange, 200, viewImageJob(job, await asStore(deps.jobs.readAnswer(job))), pause);
}

/** `POST /v1/images/generations/{id}/cancel`. What has ended stays as it is. @throws GatewayError `not_found` */
export async function cancelImageJob(deps: ImageJobDeps, exchange: Exchange, rest: string): Promise<void> {
  exchange.caller ??= await deps.authenticate(exchange.request, exchange.startedAt, 'account');
  const [id = '', action, ...more] = rest.split('/');
  if (action !== 'cancel' || more.length > 0) throw noJob(rest);
  const job = await findOwn(deps, exchange, id);
  const cancelled = (await asStore(deps.jobs.cancel(job, deps.clock()))) ?? job;
  return answerJson(deps, exchange, 200, viewImageJob(cancelled, await asStore(deps.jobs.readAnswer(cancelled))));
}

async function findOwn(deps: ImageJobDeps, exchange: Exchange, id: string): Promise<MediaJob> {
  const { user } = (exchange.caller ??= await deps.authenticate(exchange.request, exchange.startedAt, 'account'));
  const job = await findJob(deps, { account: user.id, id, operation: 'images' });
  if (job === null) throw noJob(id);
  return job;
}

function noJob(id: string): GatewayError {
  return new GatewayError('not_found', { message: `There is no image generation '${id.slice(0, 100)}'.` });
}

async function answerJson(
  deps: AnswerDeps,
  exchange: Exchange,
  status: number,
  body: Buffer,
  headers: Record<string, string> = {},
): Promise<void> {
  const answer = createAnswer(deps, exchange);
  answer.head(status, { 'content-type': 'application/json', 'content-length': String(body.length), ...headers });
  await answer.aside(body);
  await answer.end();
}
