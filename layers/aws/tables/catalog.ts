import { isDeepStrictEqual } from 'node:util';
import {
  DEFAULT_SETTINGS,
  type CatalogStore,
  type Model,
  type DatedPrice,
  type Price,
  type Settings,
  type VersionedSettings,
} from '@sluice/core/catalog/store';
import { GatewayError } from '@sluice/kit/errors/gateway-error';
import { isSameJson } from '@sluice/kit/json/same-json';
import { PARTITION_KEY, SORT_KEY } from '../names.ts';
import type { Document, ItemKey, TableClient, TransactAction } from '../table-client.ts';
import { MODEL_ITEM, PRICE_ITEM, PUBLIC_KEY_ITEM, SETTINGS_ITEM } from './catalog-items.ts';
import { readAllPages } from './read-all-pages.ts';
import { updateItem } from './update-item.ts';

/*
 * Models with their routes, prices by version, settings, published public keys. The audit log is in audit.ts.
 *
 * question          index  key condition                                    consistency  who asks
 * findModel         table  pk = models, sk = model#<name>                   strong       relay (cached), admin
 * listModels        table  pk = models, sk begins with model#               strong       relay (cached), admin
 * putModel, delete  table  that key, and the price row of its version       –            admin
 * findPrice         table  pk = price#<model>, sk = version#<10 digits>     strong       relay, sweep-holds
 * listPrices        table  pk = price#<model>                               strong       admin
 * read/changeSettings  table  pk = settings, sk = settings                  strong       relay (cached), admin
 * find/publishPublicKey  table  pk = publicKey#<name>, sk = <version>       strong       admin; the seed's holder writes
 * listPublicKeys    table  pk = publicKey#<name>                            strong       admin (cached)
 *
 * All models stand in one partition: some hundreds, rarely written, cached where they are read often. Prices outlive
 * their model, since usage events name them by version.
 */

const MODELS = 'models';
const EXISTS = `attribute_exists(${PARTITION_KEY})`;
const NEW = `attribute_not_exists(${PARTITION_KEY})`;
const SETTINGS_KEY: ItemKey = { [PARTITION_KEY]: 'settings', [SORT_KEY]: 'settings' };
/** DynamoDB refuses longer sort keys; a longer name is no model of ours. */
const LONGEST_NAME_BYTES = 512;

const modelKey = (name: string): ItemKey => ({ [PARTITION_KEY]: MODELS, [SORT_KEY]: `model#${name}` });
const priceKey = (model: string, version: number): ItemKey => ({
  [PARTITION_KEY]: `price#${model}`,
  [SORT_KEY]: `version#${String(version).padStart(10, '0')}`,
});
const publicKeyKey = (name: string, version: string): ItemKey => ({
  [PARTITION_KEY]: `publicKey#${name}`,
  [SORT_KEY]: version,
});

interface Table {
  client: TableClient;
  tableName: string;
}

export function createCatalogStore(client: TableClient, tableName: string): CatalogStore {
  const table: Table = { client, tableName };
  return { ...modelQuestions(table), ...settingsQuestions(table), ...publicKeyQuestions(table) };
}

function modelQuestions(
  table: Table,
): Pick<CatalogStore, 'findModel' | 'listModels' | 'putModel' | 'deleteModel' | 'findPrice' | 'listPrices'> {
  const { client, tableName } = table;
  return {
    async findModel(name) {
      if (!isStorable(name)) return null;
      const item = await client.get({ table: tableName, key: modelKey(name), consistent: true });
      return item && MODEL_ITEM.read(item);
    },
    async listModels() {
      const items = await readAllPages(client, {
        table: tableName,
        keyCondition: '#pk = :models AND begins_with(#sk, :prefix)',
        names: { '#pk': PARTITION_KEY, '#sk': SORT_KEY },
        values: { ':models': MODELS, ':prefix': 'model#' },
        consistent: true,
      });
      return items.map(MODEL_ITEM.read);
    },
    putModel: (model) => putModel(table, model),
    async deleteModel(name) {
      if (!isStorable(name)) return false;
      const outcome = await client.delete({
        table: tableName,
        key: modelKey(name),
        condition: EXISTS,
        repeatable: true,
      });
      return outcome.ok || outcome.resent;
    },
    async findPrice(model, version) {
      if (!isStorable(model)) return null;
      const item = await client.get({ table: tableName, key: priceKey(model, version), consistent: true });
      return item && figuresOf(PRICE_ITEM.read(item));
    },
    async listPrices(model) {
      if (!isStorable(model)) return [];
      const items = await readAllPages(client, {
        table: tableName,
        keyCondition: '#pk = :prices',
        names: { '#pk': PARTITION_KEY },
        values: { ':prices': `price#${model}` },
        consistent: true,
      });
      return items.map(PRICE_ITEM.read);
    },
  };
}

/**
 * The model, and the price rows of versions that are new, in one transaction. A version's figures never change, because
 * usage events were charged by them.
 * @throws GatewayError `conflict` when a version already has other figures
 */
async function putModel({ client, tableName }: Table, model: Model): Promise<void> {
  if (!isStorable(model.name)) {
    throw new GatewayError('invalid_field', { message: 'The name of a model has 1 to 512 bytes.', param: 'name' });
  }
  const item = { ...modelKey(model.name), ...MODEL_ITEM.write(model) };
  const write: TransactAction = { kind: 'put', table: tableName, item };
  let unwritten = pricesOf(model);
  while (unwritten.length > 0) {
    const prices = unwritten.map((price): TransactAction => {
      const priceItem = {
        ...priceKey(model.name, price.version),
        ...PRICE_ITEM.write({ ...price, createdAt: model.updatedAt }),
      };
      return { kind: 'put', table: tableName, item: priceItem, condition: NEW };
    });
    const outcome = await client.transactWrite([write, ...prices]);
    if (outcome.ok) return;
    // Those that stand already are left out of the next try.
    const { refused } = outcome;
    const before = unwritten.length;
    unwritten = unwritten.filter((price, index) => {
      const stored = refused[index + 1]?.existing;
      if (!stored) return true;
      if (isSamePrice(figuresOf(PRICE_ITEM.read(stored)), price)) return false;
      const message = `Version ${price.version} of the price of ${model.name} has other figures.`;
      throw new GatewayError('conflict', { message, param: 'price' });
    });
    if (unwritten.length === before) {
      throw new GatewayError('conflict', { message: `The price of ${model.name} is being changed.`, param: 'price' });
    }
  }
  await client.put({ table: tableName, item, repeatable: true });
}

/** The model's own price and those of its routes, each version once. */
function pricesOf(model: Model): Price[] {
  const prices = [model.price, ...model.routes.map((route) => route.price)].filter((price) => price != null);
  return [...new Map(prices.map((price) => [price.version, price])).values()];
}

/** What requests are charged by has no time. */
function figuresOf({ createdAt: _when, ...price }: DatedPrice): Price {
  return price;
}

function isSamePrice(left: Price, right: Price): boolean {
  return isDeepStrictEqual({ ...left }, { ...right });
}

function settingsQuestions({
  client,
  tableName,
}: Table): Pick<CatalogStore, 'readSettings' | 'readVersionedSettings' | 'changeSettings'> {
  const readVersionedSettings = async (): Promise<VersionedSettings> => {
    const item = await client.get({ table: tableName, key: SETTINGS_KEY, consistent: true });
    return versioned(item ? SETTINGS_ITEM.read(item) : {});
  };
  return {
    readVersionedSettings,
    readSettings: async () => (await readVersionedSettings()).settings,
    async changeSettings(change, seenVersion) {
      for (let round = 1; round <= MOST_ROUNDS; round += 1) {
        const stored = await readVersionedSettings();
        if (seenVersion !== undefined && seenVersion !== stored.version) return 'conflict';
        if (Object.keys(change).length === 0) return stored;
        const changed = await changeVersion({ client, tableName }, change, stored.version);
        if (changed !== null) return changed;
      }
      throw new GatewayError('store_unavailable', { message: 'The settings kept changing. Please try again.' });
    },
  };
}

const MOST_ROUNDS = 20;

/** Null when the settings are of another version by now, or had no row yet. */
async function changeVersion(
  { client, tableName }: Table,
  change: Partial<Settings>,
  version: number,
): Promise<VersionedSettings | null> {
  const outcome = await updateItem({
    client,
    table: tableName,
    schema: SETTINGS_ITEM,
    key: SETTINGS_KEY,
    // An interface has no index signature, so the compiler cannot see that settings are a document.
    set: { ...(change as Document), revision: version + 1 },
    condition: {
      expression: version === 0 ? 'attribute_not_exists(#revision)' : '#revision = :seen',
      names: { '#revision': 'revision' },
      values: version === 0 ? {} : { ':seen': version },
    },
  });
  if (outcome.outcome === 'updated') return versioned(outcome.value);
  if (outcome.outcome === 'not-found') {
    const item = { ...SETTINGS_KEY, ...SETTINGS_ITEM.write({}) };
    await client.put({ table: tableName, item, condition: NEW, repeatable: true });
    return null;
  }
  // A sending whose answer was lost may be what made this version.
  const isOurs = outcome.resent && outcome.value.revision === version + 1;
  return isOurs && isSameJson({ ...outcome.value, ...change }, outcome.value) ? versioned(outcome.value) : null;
}

function versioned({ revision = 0, ...stored }: Partial<Settings> & { revision?: number }): VersionedSettings {
  return { settings: { ...DEFAULT_SETTINGS, ...stored }, version: revision };
}

function publicKeyQuestions({
  client,
  tableName,
}: Table): Pick<CatalogStore, 'findPublicKey' | 'listPublicKeys' | 'publishPublicKey'> {
  return {
    async findPublicKey(name, version) {
      const item = await client.get({ table: tableName, key: publicKeyKey(name, version), consistent: true });
      return item && PUBLIC_KEY_ITEM.read(item);
    },
    async listPublicKeys(name) {
      const items = await readAllPages(client, {
        table: tableName,
        keyCondition: '#pk = :partition',
        names: { '#pk': PARTITION_KEY },
        values: { ':partition': `publicKey#${name}` },
        consistent: true,
      });
      return items.map(PUBLIC_KEY_ITEM.read);
    },
    async publishPublicKey(publicKey) {
      // Derived from its seed, so every publication of one version writes the same.
      const item = { ...publicKeyKey(publicKey.name, publicKey.version), ...PUBLIC_KEY_ITEM.write(publicKey) };
      await client.put({ table: tableName, item, repeatable: true });
    },
  };
}

function isStorable(name: string): boolean {
  return name.length > 0 && Buffer.byteLength(name) <= LONGEST_NAME_BYTES;
}
