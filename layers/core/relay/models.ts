import { modelNotFound, type Router } from './route.ts';
import { mayUse, type Authenticate } from './authenticate.ts';
import { createAnswer, type AnswerDeps } from './answer.ts';
import type { Exchange } from './exchange.ts';
import type { Model } from '../catalog/store.ts';

export interface ModelsDeps extends AnswerDeps {
  authenticate: Authenticate;
  router: Pick<Router, 'listModels'>;
}

/** `GET /v1/models`: the models that the key may use, in OpenAI's shape. @throws GatewayError */
export async function listModels(deps: ModelsDeps, exchange: Exchange): Promise<void> {
  const models = await usableModels(deps, exchange);
  await answerJson(deps, exchange, { object: 'list', data: models.map(describe) });
}

/** `GET /v1/models/{id}`; a model that the key may not use looks like none. @throws GatewayError */
export async function getModel(deps: ModelsDeps, exchange: Exchange, name: string): Promise<void> {
  const model = (await usableModels(deps, exchange)).find((candidate) => candidate.name === name);
  if (!model) throw modelNotFound(name);
  await answerJson(deps, exchange, describe(model));
}

async function usableModels(deps: ModelsDeps, exchange: Exchange): Promise<Model[]> {
  const caller = await deps.authenticate(exchange.request.headers, exchange.startedAt);
  exchange.caller = caller;
  const models = await deps.router.listModels();
  return models.filter((model) => mayUse(caller.key, model.name));
}

/** https://platform.openai.com/docs/api-reference/models/object */
function describe(model: Model): object {
  return { id: model.name, object: 'model', created: Math.floor(model.createdAt / 1000), owned_by: 'sluice' };
}

async function answerJson(deps: ModelsDeps, exchange: Exchange, value: object): Promise<void> {
  const body = Buffer.from(JSON.stringify(value));
  const answer = createAnswer(deps, exchange);
  answer.head(200, { 'content-type': 'application/json', 'content-length': String(body.length) });
  await answer.aside(body);
  await answer.end();
}
