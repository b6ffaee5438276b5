import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createSignedTableClient } from '../../../layers/aws/signed-table-client.ts';
import type { TableClient } from '../../../layers/aws/table-client.ts';
import {
  accountKey,
  createAccountPassStore,
  createLedgerAccountStore,
} from '../../../layers/aws/tables/ledger-account.ts';
import { storedPlan } from '../../../layers/aws/tables/ledger-account-items.ts';
import type { AdmissionWrite, LedgerAccountStore } from '../../../layers/core/metering/account-store.ts';
import type { PlanEntitlement } from '../../../layers/core/plans/store.ts';
import { startEmbeddedTables, type EmbeddedTables } from '../../support/embedded-tables.ts';

let embedded: EmbeddedTables;
let client: TableClient;
let accounts: LedgerAccountStore;
let users = 0;

beforeAll(async () => {
  embedded = await startEmbeddedTables();
  client = createSignedTableClient({ aws: embedded.aws });
  accounts = createLedgerAccountStore(client, embedded.tables.ledger);
});
afterAll(async () => {
  await client.close();
  await embedded.close();
});

const RID = '0123456789abcdef';

async function fresh(): Promise<string> {
  users += 1;
  await accounts.ensure(`usr_${users}`, 1_000);
  return `usr_${users}`;
}

function write(accountId: string, change: Partial<AdmissionWrite> = {}): AdmissionWrite {
  const counters = [
    { name: 'req#u#m1', amount: 1, room: 1 },
    { name: 'tok#u#r1', amount: 40, room: 60 },
  ];
  return { accountId, requestId: RID, hold: 'rT', entitlement: 0, counters, mostHolds: 10, ...change };
}

describe('a ledger account in its table', () => {
  it('is created once and never overwritten, and is found by the pass over all accounts', async () => {
    const id = await fresh();
    await accounts.admit(write(id));
    const again = await accounts.ensure(id, 2_000);
    expect(again).toMatchObject({ createdAt: 1_000, entitlement: 0, holds: { [RID]: 'rT' }, whole: true });
    const found: string[] = [];
    let cursor: string | null = null;
    do {
      const page: { items: string[]; nextCursor: string | null } = await accounts.list({ limit: 1, cursor });
      found.push(...page.items);
      cursor = page.nextCursor;
    } while (cursor !== null);
    expect(found.filter((one) => one === id)).toEqual([id]);
  });

  it('adds to all counters and takes the hold in one write, and shows the account after it', async () => {
    const outcome = await accounts.admit(write(await fresh()));
    expect(outcome).toMatchObject({
      outcome: 'admitted',
      account: { counters: { 'req#u#m1': 1, 'tok#u#r1': 40 }, holds: { [RID]: 'rT' } },
    });
  });

  it.each([
    ['the same request', {}],
    ['a full counter', { requestId: '1123456789abcdef', counters: [{ name: 'req#u#m1', amount: 1, room: 0 }] }],
    [
      'one full counter among others',
      {
        requestId: '1123456789abcdef',
        counters: [
          { name: 'req#k:a#m1', amount: 1, room: 5 },
          { name: 'tok#u#r1', amount: 40, room: 39 },
        ],
      },
    ],
    ['another entitlement', { requestId: '1123456789abcdef', entitlement: 1 }],
    ['too many holds', { requestId: '1123456789abcdef', mostHolds: 1 }],
  ])('refuses %s and changes nothing', async (_what, change) => {
    const id = await fresh();
    await accounts.admit(write(id));
    const before = await accounts.read(id, { consistent: true });
    expect(await accounts.admit(write(id, change))).toEqual({ outcome: 'refused', account: before });
    expect(await accounts.read(id, { consistent: true })).toEqual(before);
  });

  it('says that there is none, and what an incomplete one lacks is put right without touching the rest', async () => {
    expect(await accounts.admit(write('usr_none'))).toEqual({ outcome: 'refused', account: null });
    const id = 'usr_without_h';
    await client.put({ table: embedded.tables.ledger, item: { ...accountKey(id), 'req#u#m1': 3, entitlement: 2 } });
    const outcome = await accounts.admit(write(id, { entitlement: 2 }));
    expect(outcome).toMatchObject({ outcome: 'refused', account: { whole: false, counters: { 'req#u#m1': 3 } } });
    const ensured = await accounts.ensure(id, 77);
    expect(ensured).toMatchObject({ whole: true, createdAt: 77, entitlement: 2, counters: { 'req#u#m1': 3 } });
  });

  it('settles once: the hold goes, differences are added, outdated counters are forgotten', async () => {
    const id = await fresh();
    await accounts.admit(write(id));
    const settlement = {
      accountId: id,
      requestId: RID,
      additions: [{ name: 'tok#u#r1', amount: -15 }],
      removals: ['req#u#m1', 'req#u#m0'],
    };
    expect(await accounts.settle(settlement)).toBe('settled');
    expect(await accounts.settle(settlement)).toBe('not-held');
    expect(await accounts.read(id, { consistent: true })).toMatchObject({ counters: { 'tok#u#r1': 25 }, holds: {} });
    expect(await accounts.settle({ ...settlement, accountId: 'usr_none' })).toBe('not-held');
  });

  it('carries a plan', async () => {
    const id = await fresh();
    const plan: PlanEntitlement = {
      id: 'p1',
      name: 'Weekly',
      type: 'weekly',
      tokens: 5_000,
      micros: null,
      expiresAt: 99_000,
    };
    await client.update({
      table: embedded.tables.ledger,
      key: accountKey(id),
      update: 'SET #plan = :plan ADD entitlement :one',
      names: { '#plan': 'plan' },
      values: { ':plan': storedPlan(plan), ':one': 1 },
    });
    expect(await accounts.read(id, { consistent: true })).toMatchObject({ entitlement: 1, plan });
  });

  it('remembers where the pass over all accounts stands', async () => {
    const pass = createAccountPassStore(client, embedded.tables.ledger);
    expect(await pass.readPass()).toBeNull();
    await pass.savePass({ startedAt: 5, cursor: 'abc' });
    expect(await pass.readPass()).toEqual({ startedAt: 5, cursor: 'abc' });
    await pass.savePass({ startedAt: 5, cursor: null });
    expect(await pass.readPass()).toEqual({ startedAt: 5, cursor: null });
  });
});
