import { GatewayError } from '@sluice/kit/errors/gateway-error';
import { modelNotFound, type Router } from './route.ts';
import { mayUse, type Authenticate } from './authenticate.ts';
import { createAnswer, type AnswerDeps } from './answer.ts';
import type { Exchange } from './exchange.ts';
import type { Model } from '../catalog/store.ts';

export interface ModelsDeps extends AnswerDeps {
  authenticate: Authenticate;
  router: Pick<Router, 'listModels'>;
}

/** The models that the key may use, in the shape that its caller's SDK reads. @throws GatewayError */
export async function listModels(deps: ModelsDeps, exchange: Exchange): Promise<void> {
  const models = await usableModels(deps, exchange);
  await answerJson(deps, exchange, SHAPES[shapeOf(exchange)].list(models, new URLSearchParams(exchange.request.query)));
}

/** One of them; a model that the key may not use looks like none. @throws GatewayError */
export async function getModel(deps: ModelsDeps, exchange: Exchange, name: string): Promise<void> {
  const model = (await usableModels(deps, exchange)).find((candidate) => candidate.name === name);
  if (!model) throw modelNotFound(name);
  await answerJson(deps, exchange, SHAPES[shapeOf(exchange)].describe(model));
}

async function usableModels(deps: ModelsDeps, exchange: Exchange): Promise<Model[]> {
  const caller = await deps.authenticate(exchange.request, exchange.startedAt, 'account');
  exchange.caller = caller;
  const models = await deps.router.listModels(caller.key.channel);
  return models.filter((model) => mayUse(caller.key, model.name));
}

interface Shape {
  describe(model: Model): object;
  /** @throws GatewayError `invalid_field` for a page that there is not */
  list(models: readonly Model[], query: URLSearchParams): object;
}

/** One path, three readers: told apart by the headers that only one of them sends. */
function shapeOf({ request: { headers, path } }: Exchange): keyof typeof SHAPES {
  const isGoogle = headers['x-goog-api-key'] !== undefined || headers['x-goog-api-client'] !== undefined;
  if (isGoogle || path.includes('/v1beta/')) return 'google';
  return headers['anthropic-version'] === undefined ? 'openai' : 'anthropic';
}

const SHAPES = {
  /** https://platform.openai.com/docs/api-reference/models */
  openai: { describe: openaiModel, list: (models) => ({ object: 'list', data: models.map(openaiModel) }) },
  /** https://docs.claude.com/en/api/models-list */
  anthropic: { describe: anthropicModel, list: anthropicPage },
  /** https://ai.google.dev/api/models */
  google: { describe: googleModel, list: googlePage },
} satisfies Record<string, Shape>;

function openaiModel({ name, createdAt }: Model): object {
  return { id: name, object: 'model', created: Math.floor(createdAt / 1000), owned_by: 'sluice' };
}

function anthropicModel({ name, createdAt }: Model): object {
  const createdTime = new Date(createdAt).toISOString().replace(/\.\d+Z$/, 'Z');
  return { type: 'model', id: name, display_name: name, created_at: createdTime };
}

function anthropicPage(models: readonly Model[], query: URLSearchParams): object {
  const limit = readCount(query, 'limit', { least: 1, most: 1000, usual: 20 });
  const after = placeOf(models, query.get('after_id'), 'after_id');
  const before = placeOf(models, query.get('before_id'), 'before_id');
  const until = before ?? models.length;
  const start = after === null ? (before === null ? 0 : Math.max(0, until - limit)) : after + 1;
  const page = models.slice(start, Math.min(start + limit, until));
  return {
    data: page.map(anthropicModel),
    has_more: before === null ? start + page.length < models.length : start > 0,
    first_id: page[0]?.name ?? null,
    last_id: page.at(-1)?.name ?? null,
  };
}

function placeOf(models: readonly Model[], name: string | null, field: string): number | null {
  if (name === null) return null;
  const place = models.findIndex((model) => model.name === name);
  if (place < 0)
    throw new GatewayError('invalid_field', { message: `${field}: there is no model '${name}'.`, param: field });
  return place;
}

const GOOGLE_METHODS = ['generateContent', 'streamGenerateContent', 'countTokens'];

function googleModel({ name, maxOutputTokens }: Model): object {
  return {
    name: `models/${name}`,
    baseModelId: name,
    version: '1',
    displayName: name,
    ...(maxOutputTokens === null ? {} : { outputTokenLimit: maxOutputTokens }),
    supportedGenerationMethods: GOOGLE_METHODS,
  };
}

function googlePage(models: readonly Model[], query: URLSearchParams): object {
  const size = readCount(query, 'pageSize', { least: 1, most: 1000, usual: 50 });
  const token = query.get('pageToken');
  const before = token ? placeOf(models, Buffer.from(token, 'base64url').toString(), 'pageToken') : null;
  const start = before === null ? 0 : before + 1;
  const page = models.slice(start, start + size);
  const last = page.at(-1);
  const isMore = last !== undefined && start + page.length < models.length;
  return {
    models: page.map(googleModel),
    ...(isMore ? { nextPageToken: Buffer.from(last.name).toString('base64url') } : {}),
  };
}

function readCount(
  query: URLSearchParams,
  name: string,
  { least, most, usual }: { least: number; most: number; usual: number },
): number {
  const given = query.get(name);
  if (given === null) return usual;
  const count = Number(given);
  if (Number.isInteger(count) && count >= least) return Math.min(count, most);
  throw new GatewayError('invalid_field', { message: `${name} must be a whole number from ${least}.`, param: name });
}

async function answerJson(deps: ModelsDeps, exchange: Exchange, value: object): Promise<void> {
  const body = Buffer.from(JSON.stringify(value));
  const answer = createAnswer(deps, exchange);
  answer.head(200, { 'content-type': 'application/json', 'content-length': String(body.length) });
  await answer.aside(body);
  await answer.end();
}
