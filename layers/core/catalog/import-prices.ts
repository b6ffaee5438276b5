import { isSameJson } from '@sluice/kit/json/same-json';
import type { Clock } from '@sluice/kit/time/clock';
import type { Upstream, Vendor } from '../credentials/store.ts';
import type { ConfigurationIssue } from './configuration-types.ts';
import { readPriceListEntry, type PriceListEntry, type ReadEntry } from './price-list.ts';
import { createVersions } from './price-versions.ts';
import type { CatalogStore, Model, Price, Route } from './store.ts';

/*
 * Prices of our models from a public list. Every entry that is used is read, and every model's new row is known, before
 * the first one is written; the same list again changes nothing.
 */

export interface PriceImport {
  /** By the list's names of models. */
  list: Readonly<Record<string, unknown>>;
  /** The list's name by ours, where it is not found by itself. */
  models: Readonly<Record<string, string>>;
  dryRun: boolean;
}

export interface PricedModel {
  model: string;
  /** The name in the list; null where it has none. */
  entry: string | null;
  outcome: 'created' | 'changed' | 'unchanged' | 'unknown' | 'unpriced';
  /** As it stood, and as it stands after the import. */
  before: Price | null;
  price: Price | null;
  maxOutputTokens: number | null;
  warnings: string[];
}

export type PriceImportOutcome =
  { outcome: 'read'; models: PricedModel[] } | { outcome: 'refused'; errors: ConfigurationIssue[] };

interface ImportDeps {
  catalog: Pick<CatalogStore, 'listModels' | 'listPrices' | 'putModel'>;
  listUpstreams: () => Promise<Pick<Upstream, 'name' | 'vendor'>[]>;
  clock: Clock;
}

export async function importPrices(deps: ImportDeps, given: PriceImport): Promise<PriceImportOutcome> {
  const [models, upstreams] = await Promise.all([deps.catalog.listModels(), deps.listUpstreams()]);
  const vendors = new Map(upstreams.map(({ name, vendor }) => [name, vendor]));
  const errors = unknownNames(given, models);
  const found = models.map((model) => {
    const name = given.models[model.name] ?? nameInList(model, vendors, given.list);
    return { model, name, read: name === null ? null : readEntry(given.list, name, errors) };
  });
  if (errors.length > 0) return { outcome: 'refused', errors };
  const priced: { after: Model; before: Model; told: PricedModel }[] = [];
  for (const one of found) {
    const after = await pricedModel(deps, one.model, one.read);
    priced.push({ after, before: one.model, told: tell(one, after) });
  }
  if (!given.dryRun) {
    for (const { before, after } of priced) if (after !== before) await deps.catalog.putModel(after);
  }
  return { outcome: 'read', models: priced.map(({ told }) => told) };
}

function unknownNames({ list, models }: PriceImport, known: readonly Model[]): ConfigurationIssue[] {
  const names = new Set(known.map((model) => model.name));
  return Object.entries(models).flatMap(([ours, theirs]) => {
    const path = `models.${ours}`;
    if (!names.has(ours)) return [{ path, message: `There is no model ${ours}` }];
    return Object.hasOwn(list, theirs) ? [] : [{ path, message: `The list has no ${theirs}` }];
  });
}

function readEntry(list: PriceImport['list'], name: string, errors: ConfigurationIssue[]): ReadEntry | null {
  const entry = Object.hasOwn(list, name) ? list[name] : undefined;
  if (entry === undefined) return null;
  const path = `list.${name}`;
  if (typeof entry !== 'object' || entry === null || Array.isArray(entry)) {
    errors.push({ path, message: 'Expected an object' });
    return null;
  }
  const read = readPriceListEntry(entry as PriceListEntry, path);
  errors.push(...read.errors);
  return read;
}

/** What the list puts before its names of a vendor's models; the first one that it knows counts. */
const PREFIXES: Readonly<Record<Vendor, readonly string[]>> = {
  openai: ['', 'openai/'],
  anthropic: ['', 'anthropic/'],
  xai: ['xai/', ''],
  gemini: ['gemini/', ''],
  'azure-openai': ['azure/', ''],
  bedrock: ['', 'bedrock/'],
  'openai-compatible': [''],
};

/** What a model costs is what its first route's model costs; our own name of it is the last that is looked for. */
function nameInList(
  model: Model,
  vendors: ReadonlyMap<string, Vendor>,
  list: Readonly<Record<string, unknown>>,
): string | null {
  const routes = model.routes.toSorted((left, right) => left.priority - right.priority);
  const names = [
    ...routes.flatMap((route) => namesOf(route, route.model.replace(/^models\//, ''), vendors)),
    ...routes.flatMap((route) => namesOf(route, model.name, vendors)),
  ];
  return names.find((name) => Object.hasOwn(list, name)) ?? null;
}

function namesOf(route: Route, model: string, vendors: ReadonlyMap<string, Vendor>): string[] {
  const prefixes = PREFIXES[vendors.get(route.upstream) ?? 'openai-compatible'];
  // An upstream is often called what the list calls its vendor: groq, mistral, openrouter.
  return [...prefixes, `${route.upstream}/`].map((prefix) => `${prefix}${model}`);
}

/** The very same row where nothing changes. */
async function pricedModel(deps: ImportDeps, model: Model, read: ReadEntry | null): Promise<Model> {
  if (read === null || read.price === null) return model;
  const versions = createVersions(deps.catalog, model.name, model);
  const price = await versions.find(read.price);
  // What somebody set by hand stays.
  const maxOutputTokens = model.maxOutputTokens ?? read.maxOutputTokens;
  const isSame = isSameJson(price, model.price) && maxOutputTokens === model.maxOutputTokens;
  return isSame ? model : { ...model, price, maxOutputTokens, updatedAt: deps.clock() };
}

function tell(found: { model: Model; name: string | null; read: ReadEntry | null }, after: Model): PricedModel {
  const { model, name, read } = found;
  return {
    model: model.name,
    entry: name,
    outcome: outcomeOf(model, after, read),
    before: model.price,
    price: after.price,
    maxOutputTokens: after.maxOutputTokens,
    warnings: read?.warnings ?? [],
  };
}

function outcomeOf(before: Model, after: Model, read: ReadEntry | null): PricedModel['outcome'] {
  if (read === null) return 'unknown';
  if (read.price === null) return 'unpriced';
  if (after === before) return 'unchanged';
  return before.price === null ? 'created' : 'changed';
}
