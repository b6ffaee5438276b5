import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { migrateData, ITEM_SCHEMAS } from '../../../layers/aws/migrate.ts';
import { createSdkTableClient } from '../../../layers/aws/sdk-table-client.ts';
import type { Document, TableClient } from '../../../layers/aws/table-client.ts';
import { defineItemSchema, type Upgrade } from '../../../layers/aws/tables/item-schema.ts';
import { boolean, number, object, text } from '../../../layers/aws/tables/shape.ts';
import { rewriteItem } from '../../../layers/aws/tables/rewrite-item.ts';
import { updateItem } from '../../../layers/aws/tables/update-item.ts';
import { startEmbeddedTables, type EmbeddedTables } from '../../support/embedded-tables.ts';

/** A lamp had a `watts` text first, then a number, and now says its `milliwatts` and whether it is on. */
const toNumber: Upgrade = (item) => ({ ...item, watts: Number(item['watts']) });
const toMilliwatts: Upgrade = ({ watts, ...item }) => ({ ...item, milliwatts: Number(watts) * 1000, on: false });
const LAMP = defineItemSchema<{ name: string; milliwatts: number; on: boolean }>({
  type: 'lamp',
  schema: object({ name: text, milliwatts: number, on: boolean }),
  upgrades: [toNumber, toMilliwatts],
});

const key = (sk: string) => ({ pk: 'lamps', sk });
const first = (sk: string): Document => ({ ...key(sk), t: 'lamp', v: 1, name: sk, watts: '40', note: { kept: [1] } });
const third = (sk: string): Document => ({
  ...key(sk),
  t: 'lamp',
  v: 3,
  name: sk,
  milliwatts: 40_000,
  on: false,
  note: { kept: [1] },
});

describe('an item schema', () => {
  it('reads every version, through all upgrades that lie between', () => {
    const value = { name: 'a', milliwatts: 40_000, on: false };
    expect(LAMP.version).toBe(3);
    expect(LAMP.read(first('a'))).toEqual(value);
    expect(LAMP.read({ ...first('a'), v: 2, watts: 40 })).toEqual(value);
    expect(LAMP.read({ ...key('a'), ...LAMP.write(value) })).toEqual(value);
    expect(LAMP.write(value)).toEqual({ ...value, t: 'lamp', v: 3 });
  });

  it('reads an item of a newer version that only adds to what it knows', () => {
    expect(LAMP.read({ ...third('a'), v: 4, colour: 'red' })).toEqual({ name: 'a', milliwatts: 40_000, on: false });
  });

  it('refuses an item of another type, without a version, or that does not fit, and names no value', () => {
    expect(() => LAMP.read({ ...third('a'), t: 'chair' })).toThrow(/type chair/);
    expect(() => LAMP.read({ ...third('a'), v: undefined })).toThrow(/version/);
    expect(() => LAMP.read({ ...third('a'), v: 0 })).toThrow(/version/);
    expect(() => LAMP.read({ ...third('a'), name: 17, on: 'secret' })).toThrow('fit its schema at name, on.');
  });

  it('of every table has a type of its own', () => {
    for (const schemas of Object.values(ITEM_SCHEMAS)) {
      const types = schemas.map((schema) => schema.type);
      expect(new Set(types).size).toBe(types.length);
    }
  });
});

describe('stored items of older versions', () => {
  let embedded: EmbeddedTables;
  let client: TableClient;
  let table: string;
  beforeAll(async () => {
    embedded = await startEmbeddedTables();
    client = createSdkTableClient({ aws: embedded.aws });
    table = embedded.tables.content;
  });
  afterAll(async () => {
    await client.close();
    await embedded.close();
  });
  const get = (sk: string) => client.get({ table, key: key(sk), consistent: true });
  const schemas = { ...ITEM_SCHEMAS, content: [LAMP] };
  const migrate = (change: { client?: TableClient; mayGoOn?: () => boolean } = {}) =>
    migrateData({ client, tables: embedded.tables, mayGoOn: () => true, schemas, ...change });

  it('are upgraded whole before they are changed', async () => {
    await client.put({ table, item: first('update') });
    const outcome = await updateItem({ client, table, schema: LAMP, key: key('update'), set: { on: true } });
    expect(outcome).toEqual({ outcome: 'updated', value: { name: 'update', milliwatts: 40_000, on: true } });
    expect(await get('update')).toEqual({ ...third('update'), on: true });
    const refused = await updateItem({
      client,
      table,
      schema: LAMP,
      key: key('update'),
      set: { on: false },
      condition: { expression: '#name = :name', names: { '#name': 'name' }, values: { ':name': 'other' } },
    });
    expect(refused).toMatchObject({ outcome: 'refused', value: { on: true } });
    const missing = await updateItem({ client, table, schema: LAMP, key: key('gone'), set: { on: true } });
    expect(missing).toEqual({ outcome: 'not-found' });
  });

  it('are rewritten only as they were read, keeping what was added since', async () => {
    const before = first('rewrite');
    await client.put({ table, item: { ...before, added: 1 } });
    const after = LAMP.upgrade(before) ?? {};
    expect(await rewriteItem({ client, table, before, after })).toBe('rewritten');
    expect(await get('rewrite')).toEqual({ ...third('rewrite'), added: 1 });
    expect(await rewriteItem({ client, table, before, after })).toBe('changed-meanwhile');
    const changedNote = { ...first('rewrite-2'), note: { kept: [2] } };
    await client.put({ table, item: changedNote });
    expect(await rewriteItem({ client, table, before: first('rewrite-2'), after })).toBe('changed-meanwhile');
    expect(await get('rewrite-2')).toEqual(changedNote);
    expect(await rewriteItem({ client, table, before: first('never'), after })).toBe('changed-meanwhile');
    expect(await get('never')).toBeNull();
  });

  it('are all found and rewritten by the migration; a second run finds nothing to do', async () => {
    for (let index = 0; index < 30; index += 1) await client.put({ table, item: first(`migrate-${index}`) });
    await client.put({ table, item: { ...key('chair'), t: 'chair', v: 1 } });
    const report = await migrate();
    expect(report.next).toBeNull();
    expect(report.tables.content).toMatchObject({ rewritten: 31, unknown: 1, contended: 0 });
    expect(Object.keys(report.tables)).toEqual(['identity', 'vault', 'ledger', 'catalog', 'content']);
    expect(await get('migrate-17')).toEqual(third('migrate-17'));
    expect((await migrate()).tables.content).toMatchObject({ rewritten: 0, unknown: 1, contended: 0 });
  });

  it('a migration that runs out of time says where the next one goes on, and both together see everything once', async () => {
    for (let index = 0; index < 20; index += 1) await client.put({ table, item: first(`slow-${index}`) });
    // Small pages, so that the table takes several.
    const paged: TableClient = { ...client, scan: (request) => client.scan({ ...request, limit: 10 }) };
    let left = 7;
    const run = await migrate({ client: paged, mayGoOn: () => (left -= 1) > 0 });
    expect(run.next).toMatchObject({ table: 'content', after: { pk: 'lamps' } });
    const rest = await migrateData({ client: paged, tables: embedded.tables, mayGoOn: () => true, schemas }, run.next);
    expect(rest.next).toBeNull();
    expect(Object.keys(rest.tables)).toEqual(['content']);
    const counts = [run.tables.content, rest.tables.content];
    expect(counts.reduce((sum, one) => sum + (one?.rewritten ?? 0), 0)).toBe(20);
    const all = await client.scan({ table });
    expect(counts.reduce((sum, one) => sum + (one?.read ?? 0), 0)).toBe(all.items.length);
  });

  it('an item that changes while it is migrated keeps the change', async () => {
    await client.put({ table, item: first('busy') });
    const racing: TableClient = {
      ...client,
      async update(request) {
        // Somebody else is quicker, once.
        if ((await get('busy'))?.['name'] === 'busy') {
          await client.put({ table, item: { ...first('busy'), name: 'renamed' } });
        }
        return client.update(request);
      },
    };
    expect((await migrate({ client: racing })).tables.content).toMatchObject({ rewritten: 1, contended: 0 });
    expect(await get('busy')).toEqual({ ...third('busy'), name: 'renamed' });
  });
});
