import { isSameJson } from '@sluice/kit/json/same-json';
import type { ModelEntry, SectionPlan } from './configuration-types.ts';
import { findRepeats } from './repeats.ts';
import type { CatalogStore, Model, Price } from './store.ts';

export async function planModels(
  deps: { catalog: CatalogStore; now: number },
  entries: readonly ModelEntry[],
  knownUpstreams: ReadonlySet<string>,
): Promise<SectionPlan> {
  const plan: SectionPlan = { steps: [], errors: [], warnings: [] };
  plan.errors.push(...findRepeats('models', 'name', entries, (entry) => entry.name));
  for (const [index, entry] of entries.entries()) {
    const unknown = unknownUpstreams(entry, index, knownUpstreams);
    plan.errors.push(...unknown);
    if (unknown.length > 0) continue;
    const what = `models/${entry.name}`;
    const stored = await deps.catalog.findModel(entry.name);
    const row: Model = {
      name: entry.name,
      class: entry.class ?? stored?.class ?? 'chat',
      routes: entry.routes,
      price: await pricedAs(deps.catalog, entry, stored),
      maxOutputTokens: entry.maxOutputTokens === undefined ? (stored?.maxOutputTokens ?? null) : entry.maxOutputTokens,
      createdAt: stored?.createdAt ?? deps.now,
      updatedAt: deps.now,
    };
    if (stored && isSameJson({ ...stored, updatedAt: 0 }, { ...row, updatedAt: 0 })) {
      plan.steps.push({ what, effect: 'unchanged', prepare: null });
    } else {
      const effect = stored ? 'updated' : 'created';
      plan.steps.push({ what, effect, prepare: async () => () => deps.catalog.putModel(row) });
    }
  }
  return plan;
}

function unknownUpstreams(entry: ModelEntry, index: number, known: ReadonlySet<string>) {
  return entry.routes.flatMap((route, at) =>
    known.has(route.upstream)
      ? []
      : [{ path: `models[${index}].routes[${at}].upstream`, message: `There is no upstream ${route.upstream}` }],
  );
}

/** The price under its version: a changed price takes the next free number, since closed events point at old ones. */
async function pricedAs(catalog: CatalogStore, entry: ModelEntry, stored: Model | null): Promise<Price | null> {
  if (entry.price === undefined) return stored?.price ?? null;
  if (entry.price === null) return null;
  if (stored?.price) {
    const { version, ...figures } = stored.price;
    if (isSameJson(figures, entry.price)) return { version, ...figures };
  }
  // A model that was deleted and made again finds its old versions here.
  let version = (stored?.price?.version ?? 0) + 1;
  while (await catalog.findPrice(entry.name, version)) version += 1;
  return { version, ...entry.price };
}
