import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { isGatewayError } from '../../layers/kit/errors/gateway-error.ts';
import { createSdkTableClient } from '../../layers/aws/sdk-table-client.ts';
import { createSignedTableClient } from '../../layers/aws/signed-table-client.ts';
import type { Document, TableClient } from '../../layers/aws/table-client.ts';
import { startEmbeddedTables, testAws, type EmbeddedTables } from '../support/embedded-tables.ts';

let embedded: EmbeddedTables;
beforeAll(async () => {
  embedded = await startEmbeddedTables();
});
afterAll(() => embedded.close());

const RETRIES = { sleep: async () => undefined, random: () => 0 };
const CLIENTS = {
  signed: (aws: EmbeddedTables['aws']) => createSignedTableClient({ aws, retries: RETRIES }),
  sdk: (aws: EmbeddedTables['aws']) => createSdkTableClient({ aws, retries: RETRIES }),
};

describe.each(Object.entries(CLIENTS))('the %s table client', (name, createClient) => {
  let client: TableClient;
  let table: string;
  const key = (sk: string): { pk: string; sk: string } => ({ pk: name, sk });
  beforeAll(() => {
    client = createClient(embedded.aws);
    table = embedded.tables.content;
  });
  afterAll(() => client.close());

  it('gives back exactly what was put, nested, empty and binary values included', async () => {
    const item: Document = {
      ...key('all-kinds'),
      text: 'ä "quoted" \u0000 𝄞',
      empty: '',
      numbers: [0, -1, 0.1, 9_007_199_254_740_991, 1e-7],
      flags: { yes: true, no: false, nothing: null },
      bytes: new Uint8Array([0, 1, 255]),
      // An attribute that is itself called like a type.
      B: { B: { B: new Uint8Array([7]) }, S: 'S', M: { L: [] } },
      deep: [[{ a: [] }], {}],
      left: undefined,
    };
    await client.put({ table, item });
    const { left: _left, ...expected } = item;
    expect(await client.get({ table, key: key('all-kinds'), consistent: true })).toEqual(expected);
  });

  it('answers null for an item that is not there', async () => {
    expect(await client.get({ table, key: key('nowhere') })).toBeNull();
  });

  it('answers a failed condition with the item that stood in the way', async () => {
    const item = { ...key('condition'), count: 1, bytes: new Uint8Array([1]) };
    expect(await client.put({ table, item, condition: 'attribute_not_exists(pk)' })).toEqual({ ok: true, item: null });
    const refused = { ok: false, existing: item, resent: false };
    expect(await client.put({ table, item, condition: 'attribute_not_exists(pk)' })).toEqual(refused);
    const update = { update: 'SET #c = :two', names: { '#c': 'count' }, values: { ':two': 2 } };
    expect(await client.update({ table, key: key('condition'), ...update, condition: '#c = :two' })).toEqual(refused);
    const gone = { ok: false, existing: null, resent: false };
    expect(await client.delete({ table, key: key('nowhere'), condition: 'attribute_exists(pk)' })).toEqual(gone);
  });

  it('answers an update and a deletion with the image that was asked for', async () => {
    const request = { table, key: key('images'), update: 'SET #c = :one', names: { '#c': 'count' } };
    expect(await client.update({ ...request, values: { ':one': 1 }, returns: 'new' })).toEqual({
      ok: true,
      item: { ...key('images'), count: 1 },
    });
    expect(await client.update({ ...request, values: { ':one': 2 } })).toEqual({ ok: true, item: null });
    expect(await client.delete({ table, key: key('images'), returns: 'old' })).toEqual({
      ok: true,
      item: { ...key('images'), count: 2 },
    });
  });

  it('queries forward and back, page by page, with and without a filter', async () => {
    for (let index = 0; index < 5; index += 1) {
      await client.put({ table, item: { pk: `${name}-list`, sk: `item#${index}`, even: index % 2 === 0 } });
    }
    const request = {
      table,
      keyCondition: '#pk = :pk AND begins_with(#sk, :prefix)',
      names: { '#pk': 'pk', '#sk': 'sk' },
      values: { ':pk': `${name}-list`, ':prefix': 'item#' },
    };
    const first = await client.query({ ...request, limit: 3 });
    expect(first.items.map((item) => item['sk'])).toEqual(['item#0', 'item#1', 'item#2']);
    expect(first.nextKey).toEqual({ pk: `${name}-list`, sk: 'item#2' });
    const second = await client.query({ ...request, limit: 3, startKey: first.nextKey });
    expect([second.items.length, second.nextKey]).toEqual([2, null]);
    const back = await client.query({ ...request, forward: false, limit: 1, consistent: true });
    expect(back.items.map((item) => item['sk'])).toEqual(['item#4']);
    const even = await client.query({
      ...request,
      filter: '#even = :yes',
      names: { ...request.names, '#even': 'even' },
      values: { ...request.values, ':yes': true },
    });
    expect(even.items).toHaveLength(3);
  });

  it('gets any number of items at once, and leaves out those that are not there', async () => {
    const keys = Array.from({ length: 130 }, (_, index) => key(`batch#${index}`));
    for (const one of keys.slice(0, 120)) await client.put({ table, item: one });
    const found = await client.batchGet({ table, keys });
    expect(new Set(found.map((item) => item['sk']))).toEqual(new Set(keys.slice(0, 120).map((one) => one.sk)));
    expect(await client.batchGet({ table, keys: [] })).toEqual([]);
  });

  it('writes all of a transaction or nothing, and says which action was refused by what', async () => {
    const item = { ...key('guard'), owner: 'first' };
    const create = (sk: string) =>
      ({ kind: 'put', table, item: { ...key(sk) }, condition: 'attribute_not_exists(pk)' }) as const;
    await client.put({ table, item });
    expect(await client.transactWrite([create('new-1'), create('guard')])).toEqual({
      ok: false,
      refused: [null, { existing: item }],
      resent: false,
    });
    expect(await client.get({ table, key: key('new-1'), consistent: true })).toBeNull();
    const outcome = await client.transactWrite([
      create('new-1'),
      { kind: 'delete', table, key: key('guard') },
      { kind: 'check', table, key: key('condition'), condition: 'attribute_exists(pk)' },
      {
        kind: 'update',
        table,
        key: key('counter'),
        update: 'ADD #n :one',
        names: { '#n': 'n' },
        values: { ':one': 1 },
      },
    ]);
    expect(outcome).toEqual({ ok: true });
    expect(await client.get({ table, key: key('guard'), consistent: true })).toBeNull();
    expect(await client.get({ table, key: key('counter'), consistent: true })).toEqual({ ...key('counter'), n: 1 });
  });

  it('scans page by page', async () => {
    let startKey = null;
    let pages = 0;
    const seen = new Set<unknown>();
    do {
      const page = await client.scan({ table, limit: 40, startKey });
      for (const item of page.items) seen.add(`${item['pk']} ${item['sk']}`);
      startKey = page.nextKey;
      pages += 1;
    } while (startKey !== null);
    expect(pages).toBeGreaterThan(2);
    expect(seen.has(`${name} all-kinds`)).toBe(true);
  });

  it('throws the error of AWS, by its name, for a request that is wrong', async () => {
    await expect(client.get({ table: 'Test-nowhere', key: key('x') })).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      kind: 'refused',
    });
    await expect(client.update({ table, key: key('x'), update: 'SOMETHING', repeatable: true })).rejects.toMatchObject({
      name: 'ValidationException',
      kind: 'refused',
    });
  });

  it('answers a store that nobody listens at with a 503 of ours', async () => {
    const lonely = createClient(testAws({ dynamodb: 'http://127.0.0.1:9' }));
    const error = await lonely.put({ table, item: key('x') }).then(
      () => null,
      (thrown: unknown) => thrown,
    );
    expect(isGatewayError(error) && [error.code, error.cause]).toMatchObject([
      'store_unavailable',
      { kind: 'not-sent', name: 'ECONNREFUSED' },
    ]);
    await lonely.close();
  });
});
