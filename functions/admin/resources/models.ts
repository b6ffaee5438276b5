import { listIssues } from '@sluice/contract/issues';
import type { modelFields } from '@sluice/contract/models';
import { modelName } from '@sluice/contract/names';
import type { Model, Route } from '@sluice/core/catalog/store';
import { z } from 'zod';
import { InputRefused, notFound } from '../refusal.ts';
import { success, type Answer, type Call, type Caller } from '../route.ts';
import type { AdminServices } from '../services.ts';
import { applyEntry } from './apply-entry.ts';
import { viewPrice } from './view-price.ts';

type None = Record<string, never>;
const nameParameter = z.object({ name: modelName });

export async function listModels(services: AdminServices): Promise<Answer> {
  return success((await services.catalog.listModels()).map(viewModel));
}

/** By name: what a key without a list or a channel may ask for. */
export async function listCallableModels(services: AdminServices): Promise<Answer> {
  const models = await services.catalog.listModels();
  return success(
    models.map((model) => ({ name: model.name, class: model.class })).toSorted((a, b) => a.name.localeCompare(b.name)),
  );
}

export async function putModel(
  services: AdminServices,
  call: Call<z.infer<typeof modelFields>, None, Caller>,
): Promise<Answer> {
  const named = nameParameter.safeParse(call.params);
  if (!named.success) throw new InputRefused(listIssues(named.error));
  const entry = { ...call.body, name: named.data.name };
  const report = await applyEntry(services, 'models', entry, call.caller.user.username);
  const stored = await services.catalog.findModel(named.data.name);
  if (!stored) throw notFound(`model ${named.data.name}`);
  const status = report.created.length > 0 ? 201 : 200;
  return { ...success(viewModel(stored), { warnings: report.warnings }), status };
}

export async function deleteModel(services: AdminServices, call: Call<undefined, None, Caller>): Promise<Answer> {
  const name = call.params['name'] ?? '';
  if (!(await services.catalog.deleteModel(name))) throw notFound(`model ${name}`);
  return { json: { success: true, message: `The model ${name} is deleted.` } };
}

/** For the audit log: the model of these parameters as it stands. */
export async function readModel(services: AdminServices, params: Record<string, string>): Promise<unknown> {
  const stored = await services.catalog.findModel(params['name'] ?? '');
  return stored && viewModel(stored);
}

/** Routes as the configuration document writes them. */
export function viewRoutes(routes: readonly Route[]) {
  return routes.map(({ price, ...route }) => ({ ...route, ...(price && { price: viewPrice(price) }) }));
}

function viewModel(model: Model) {
  return {
    name: model.name,
    class: model.class,
    routes: viewRoutes(model.routes),
    price: model.price && viewPrice(model.price),
    priceVersion: model.price?.version ?? null,
    maxOutputTokens: model.maxOutputTokens,
    createdAt: new Date(model.createdAt).toISOString(),
    updatedAt: new Date(model.updatedAt).toISOString(),
  };
}
