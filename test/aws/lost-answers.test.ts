import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createSdkTableClient } from '../../layers/aws/sdk-table-client.ts';
import { createSignedTableClient } from '../../layers/aws/signed-table-client.ts';
import type { TableClient } from '../../layers/aws/table-client.ts';
import { startEmbeddedTables, testAws, type EmbeddedTables } from '../support/embedded-tables.ts';
import { startFaultFront, type Fault, type FaultFront } from '../support/fault-front.ts';

let embedded: EmbeddedTables;
let front: FaultFront;
beforeAll(async () => {
  embedded = await startEmbeddedTables();
  front = await startFaultFront(embedded.url);
});
afterAll(async () => {
  await front.close();
  await embedded.close();
});

const waits: number[] = [];
const retries = { sleep: async (ms: number) => void waits.push(ms), random: () => 0.999 };
const CLIENTS = { signed: createSignedTableClient, sdk: createSdkTableClient };
const LOST: Fault[] = ['answer-lost', 'answer-cut', 'failed-after', 'refused-before'];

describe.each(Object.entries(CLIENTS))('with the %s client', (name, create) => {
  let client: TableClient;
  let table: string;
  let counter = 0;
  let key: { pk: string; sk: string };
  beforeEach(() => {
    client = create({ aws: testAws({ dynamodb: front.url }), retries });
    table = embedded.tables.content;
    counter += 1;
    key = { pk: `${name}-${counter}`, sk: 'x' };
    front.seen.length = 0;
    waits.length = 0;
  });
  afterEach(() => client.close());

  const add = (repeatable?: boolean) =>
    client.update({ table, key, update: 'ADD #n :one', names: { '#n': 'n' }, values: { ':one': 1 }, repeatable });

  it.each(LOST)('a write that is not repeatable is sent once when its answer is lost: %s', async (fault) => {
    front.arm('UpdateItem', [fault]);
    await expect(add()).rejects.toMatchObject({ code: 'store_unavailable', cause: { kind: 'lost' } });
    expect(front.seen).toEqual(['UpdateItem']);
    const applied = await client.get({ table, key, consistent: true });
    expect(applied?.['n'] ?? 0).toBe(fault === 'refused-before' ? 0 : 1);
  });

  it.each(LOST)('a repeatable write is sent again, and says so when it meets its own work: %s', async (fault) => {
    front.arm('PutItem', [fault]);
    const outcome = await client.put({
      table,
      item: { ...key, mine: true },
      condition: 'attribute_not_exists(pk)',
      repeatable: true,
    });
    expect(front.seen).toEqual(['PutItem', 'PutItem']);
    expect(outcome).toEqual(
      fault === 'refused-before'
        ? { ok: true, item: null }
        : { ok: false, existing: { ...key, mine: true }, resent: true },
    );
  });

  it('what the service did not apply is sent again, repeatable or not, with growing pauses', async () => {
    front.arm('UpdateItem', ['throttled', 'conflict', 'throttled']);
    expect(await add()).toMatchObject({ ok: true });
    expect(await client.get({ table, key, consistent: true })).toMatchObject({ n: 1 });
    expect(waits.map(Math.round)).toEqual([25, 50, 100]);
  });

  it('a store that stays busy is a 503 of ours after four sendings', async () => {
    front.arm('UpdateItem', ['throttled', 'throttled', 'throttled', 'throttled']);
    await expect(add()).rejects.toMatchObject({ code: 'store_unavailable' });
    expect(front.seen).toHaveLength(4);
  });

  it('reads are asked again', async () => {
    await client.put({ table, item: { ...key, n: 7 } });
    front.arm('GetItem', ['answer-lost', 'answer-cut', 'failed-after']);
    expect(await client.get({ table, key, consistent: true })).toMatchObject({ n: 7 });
  });

  it.each(LOST)('a transaction whose answer is lost is applied once: %s', async (fault) => {
    front.arm('TransactWriteItems', [fault]);
    const outcome = await client.transactWrite([
      { kind: 'update', table, key, update: 'ADD #n :one', names: { '#n': 'n' }, values: { ':one': 1 } },
    ]);
    expect(outcome).toEqual({ ok: true });
    expect(front.seen).toEqual(['TransactWriteItems', 'TransactWriteItems']);
    expect(await client.get({ table, key, consistent: true })).toMatchObject({ n: 1 });
  });
});
