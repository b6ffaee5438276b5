import { mapLimited } from '@sluice/kit/async/map-limited';
import { isSameJson } from '@sluice/kit/json/same-json';
import type { ModelEntry, SectionPlan, Step } from './configuration-types.ts';
import { createVersions } from './price-versions.ts';
import { findRepeats } from './repeats.ts';
import type { CatalogStore, Model, Route } from './store.ts';

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
  const versions = createVersions(deps.catalog, entry.name, stored);
  // One after another: each may take the next version.
  const price = entry.price === undefined ? (stored?.price ?? null) : await versions.find(entry.price);
  const routes: Route[] = [];
  for (const { price: ofRoute, ...route } of entry.routes) {
    const own = await versions.find(ofRoute ?? null);
    routes.push({ ...route, ...(own && { price: own }) });
  }
  const row: Model = {
    name: entry.name,
    class: entry.class ?? stored?.class ?? 'chat',
    routes,
    price,
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
