import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createSdkTableClient } from '../../../layers/aws/sdk-table-client.ts';
import type { TableClient } from '../../../layers/aws/table-client.ts';
import { createAuditStore } from '../../../layers/aws/tables/audit.ts';
import { createAuditLog, type AuditLog } from '../../../layers/core/audit/audit-log.ts';
import type { AuditStore } from '../../../layers/core/audit/store.ts';
import { DONE, FACTS, verifyAll } from '../../core/audit/rig.ts';
import { startEmbeddedTables, testAws, type EmbeddedTables } from '../../support/embedded-tables.ts';
import { startFaultFront, type Fault, type FaultFront } from '../../support/fault-front.ts';

let embedded: EmbeddedTables;
let front: FaultFront;
let client: TableClient;
let store: AuditStore;
const now = { ms: 1_000_000 };
beforeAll(async () => {
  embedded = await startEmbeddedTables();
  front = await startFaultFront(embedded.url);
  client = createSdkTableClient({
    aws: testAws({ dynamodb: front.url }),
    retries: { sleep: async () => undefined },
  });
});
afterAll(async () => {
  await client.close();
  await front.close();
  await embedded.close();
});
beforeEach(async () => {
  const table = embedded.tables.catalog;
  for (const partition of ['audit', 'auditHead']) {
    const { items } = await client.query({
      table,
      keyCondition: '#pk = :pk',
      names: { '#pk': 'pk' },
      values: { ':pk': partition },
    });
    for (const { sk } of items) await client.delete({ table, key: { pk: partition, sk: String(sk) } });
  }
  store = createAuditStore(client, table);
});

const aProcess = (): AuditLog =>
  createAuditLog({ store: createAuditStore(client, embedded.tables.catalog), clock: () => now.ms });

async function act(log: AuditLog, target: string): Promise<void> {
  now.ms += 1_000;
  await log.end(await log.begin({ ...FACTS, target }), { ...DONE, target });
}

describe('the audit log in its table', () => {
  it('is written, read back and proved', async () => {
    const log = aProcess();
    await act(log, 'a');
    await act(log, 'b');
    expect(await verifyAll(store)).toMatchObject({ checked: 4, broken: null, open: 0, head: { sequence: 4 } });
    expect(await store.findEntry(2)).toMatchObject({
      ...DONE,
      target: 'a',
      sequence: 2,
      begunBy: 1,
      time: now.ms - 1_000,
    });
    expect(await store.findEntry(5)).toBeNull();
  });

  it('takes thirty actions of three processes at once, once each', async () => {
    const logs = [aProcess(), aProcess(), aProcess()];
    await Promise.all(Array.from({ length: 30 }, (_, index) => act(logs[index % 3] as AuditLog, `t${index}`)));
    expect(await verifyAll(store)).toMatchObject({ checked: 60, broken: null, open: 0 });
    const { entries } = await store.list({ outcomes: ['succeeded'] }, { limit: 100, cursor: null });
    expect(new Set(entries.map(({ target }) => target)).size).toBe(30);
  });

  const faults: Fault[] = ['answer-lost', 'answer-cut', 'failed-after', 'refused-before', 'throttled', 'conflict'];
  it.each(faults)('survives an appending that meets: %s', async (fault) => {
    const log = aProcess();
    for (const count of [1, 3, 5]) {
      front.arm(
        'TransactWriteItems',
        Array.from({ length: count }, () => fault),
      );
      await act(log, `${fault}-${count}`);
    }
    expect(await verifyAll(store)).toMatchObject({ checked: 6, broken: null, open: 0 });
  });

  it('says that it cannot be written when the store is gone, and goes on when it is back', async () => {
    const log = aProcess();
    front.arm(
      'TransactWriteItems',
      Array.from({ length: 12 }, () => 'refused-before'),
    );
    await expect(log.begin(FACTS)).rejects.toMatchObject({ code: 'store_unavailable' });
    front.arm('TransactWriteItems', []);
    await act(log, 'after');
    expect(await verifyAll(store)).toMatchObject({ checked: 2, broken: null });
  });

  it('names the one row that was edited', async () => {
    const log = aProcess();
    for (const target of ['a', 'b', 'c']) await act(log, target);
    await client.update({
      table: embedded.tables.catalog,
      key: { pk: 'audit', sk: '000000000004' },
      update: 'SET #target = :other',
      names: { '#target': 'target' },
      values: { ':other': 'x' },
    });
    expect((await verifyAll(store)).broken).toMatchObject({ sequence: 4, kind: 'edited' });
  });

  it('names a row that lost an attribute, and shows the others all the same', async () => {
    const log = aProcess();
    await act(log, 'a');
    await act(log, 'b');
    await client.update({
      table: embedded.tables.catalog,
      key: { pk: 'audit', sk: '000000000002' },
      update: 'REMOVE #target',
      names: { '#target': 'target' },
    });
    expect((await verifyAll(store)).broken).toMatchObject({ sequence: 2, kind: 'edited' });
    expect((await store.list({}, { limit: 10, cursor: null })).entries).toHaveLength(3);
  });

  it('lets go of old entries in one transaction, and still proves', async () => {
    const log = aProcess();
    for (let index = 0; index < 60; index += 1) await act(log, `t${index}`);
    front.arm('TransactWriteItems', ['answer-lost']);
    expect(await log.prune(now.ms - 9_500)).toBe(100);
    expect(await verifyAll(store, 7)).toMatchObject({ checked: 22, broken: null });
    expect(await store.readCheckpoint()).toMatchObject({ sequence: 100 });
    expect(await store.findEntry(100)).toBeNull();
  });
});

describe('lists of the audit log', () => {
  it('go by pages, newest first, through filters that little passes', async () => {
    const log = aProcess();
    for (let index = 0; index < 230; index += 1) await act(log, index % 100 === 0 ? 'rare' : 'common');
    const seen: number[] = [];
    let cursor: string | null = null;
    do {
      const page = await store.list({ target: 'rare', outcomes: ['succeeded'] }, { limit: 2, cursor });
      seen.push(...page.entries.map(({ sequence }) => sequence));
      cursor = page.nextCursor;
    } while (cursor !== null);
    expect(seen).toEqual([402, 202, 2]);
    const everything = await store.list({}, { limit: 1_000, cursor: null });
    expect(everything.entries.map(({ sequence }) => sequence)).toEqual(
      Array.from({ length: 460 }, (_, index) => 460 - index),
    );
    expect(everything.nextCursor).toBeNull();

    const [last] = everything.entries;
    const third = everything.entries.find(({ sequence }) => sequence === 3);
    const between = { from: third?.time ?? 0, to: (third?.time ?? 0) + 1_000 };
    const { entries } = await store.list(between, { limit: 10, cursor: null });
    expect(entries.map(({ sequence }) => sequence)).toEqual([6, 5, 4, 3]);
    expect((await store.list({ from: (last?.time ?? 0) + 1 }, { limit: 10, cursor: null })).entries).toEqual([]);
    expect((await store.list({ to: 0 }, { limit: 10, cursor: null })).entries).toEqual([]);
    embedded.calls.length = 0;
    await store.list({ to: third?.time }, { limit: 1, cursor: null });
    expect(embedded.calls.length).toBeLessThan(14);
  });

  it('refuse a cursor of another list', async () => {
    await expect(store.list({}, { limit: 1, cursor: 'nonsense' })).rejects.toMatchObject({ param: 'cursor' });
  });
});
