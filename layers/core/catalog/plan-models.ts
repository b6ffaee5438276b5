import { mapLimited } from '@sluice/kit/async/map-limited';
import { isSameJson } from '@sluice/kit/json/same-json';
import type { ModelEntry, SectionPlan, Step } from './configuration-types.ts';
import { findRepeats } from './repeats.ts';
import type { CatalogStore, Model, Price } from './store.ts';

const READS_AT_ONCE = 16;

export async function planModels(
  deps: { catalog: CatalogStore; now: number },
  entries: readonly ModelEntry[],
  knownUpstreams: ReadonlySet<string>,
): Promise<SectionPlan> {
  const plan: SectionPlan = { steps: [], errors: [], warnings: [] };
  plan.errors.push(...findRepeats('models', 'name', entries, (entry) => entry.name));
  const known = entries.map((entry, index) => unknownUpstreams(entry, index, knownUpstreams));
  plan.errors.push(...known.flat());
  const sound = entries.filter((_entry, index) => known[index]?.length === 0);
  plan.steps.push(...(await mapLimited(sound, READS_AT_ONCE, (entry) => planModel(deps, entry))));
  return plan;
}

async function planModel(deps: { catalog: CatalogStore; now: number }, entry: ModelEntry): Promise<Step> {
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
    return { what, effect: 'unchanged', prepare: null };
  }
  const effect = stored ? 'updated' : 'created';
  return { what, effect, prepare: async () => () => deps.catalog.putModel(row) };
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
