import type { PriceListImport } from '@sluice/contract/prices';
import { importPrices, type PricedModel } from '@sluice/core/catalog/import-prices';
import type { Price } from '@sluice/core/catalog/store';
import { InputRefused, notFound } from '../refusal.ts';
import { success, type Answer, type Call, type Caller } from '../route.ts';
import type { AdminServices } from '../services.ts';
import { viewPrice } from './view-price.ts';

type None = Record<string, never>;

/** All versions that a model ever had; usage events name the one that they were charged by. */
export async function listPriceVersions(services: AdminServices, call: Call<undefined, None, Caller>): Promise<Answer> {
  const name = call.params['name'] ?? '';
  const [model, prices] = await Promise.all([services.catalog.findModel(name), services.catalog.listPrices(name)]);
  // A deleted model's prices outlive it.
  if (!model && prices.length === 0) throw notFound(`model ${name}`);
  return success({
    model: name,
    current: model?.price?.version ?? null,
    versions: prices.toReversed().map(({ createdAt, ...price }) => ({
      version: price.version,
      price: viewPrice(price),
      ...(createdAt !== undefined && { since: new Date(createdAt).toISOString() }),
    })),
  });
}

export async function importPriceList(
  services: AdminServices,
  call: Call<PriceListImport, None, Caller>,
): Promise<Answer> {
  const { list, models = {}, dryRun } = call.body;
  const { catalog, vault, clock } = services;
  const outcome = await importPrices(
    { catalog, listUpstreams: () => vault.listUpstreams(), clock },
    { list, models, dryRun },
  );
  if (outcome.outcome === 'refused') throw new InputRefused(outcome.errors);
  // The audit log tells versions; the list itself is somebody else's.
  const written = dryRun ? [] : outcome.models.filter(({ outcome: what }) => what === 'created' || what === 'changed');
  call.audit.before = Object.fromEntries(written.map(({ model, before }) => [model, viewVersion(before)]));
  call.audit.after = Object.fromEntries(written.map(({ model, price }) => [model, viewVersion(price)]));
  const counts = { created: 0, changed: 0, unchanged: 0, unknown: 0, unpriced: 0 };
  for (const model of outcome.models) counts[model.outcome] += 1;
  return success({ dryRun, counts, models: outcome.models.map(viewPriced) });
}

function viewVersion(price: Price | null) {
  return price && { version: price.version, ...viewPrice(price) };
}

function viewPriced({ price, before: _before, ...model }: PricedModel) {
  return { ...model, version: price?.version ?? null, price: price && viewPrice(price) };
}
