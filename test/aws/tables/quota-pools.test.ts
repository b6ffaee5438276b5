import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createSdkTableClient } from '../../../layers/aws/sdk-table-client.ts';
import type { TableClient } from '../../../layers/aws/table-client.ts';
import { createOwnedCredentialStore } from '../../../layers/aws/tables/owned-credentials.ts';
import { createQuotaPoolStore } from '../../../layers/aws/tables/quota-pools.ts';
import type { User } from '../../../layers/core/identity/store.ts';
import { groupOf, hourOf } from '../../../layers/core/sharing/pool-rules.ts';
import { recoverQuotas } from '../../../layers/core/sharing/recover-quotas.ts';
import {
  addOwned,
  listOwned,
  removeOwned,
  settle,
  type OwnedChange,
  type SharingDeps,
  type Sealing,
} from '../../../layers/core/sharing/sharing.ts';
import type { OwnedCredential, PoolUse } from '../../../layers/core/sharing/store.ts';
import { startEmbeddedTables, testAws, type EmbeddedTables } from '../../support/embedded-tables.ts';
import { startFaultFront, type Fault, type FaultFront } from '../../support/fault-front.ts';
import { createMemoryLedgerAccounts } from '../../support/memory-ledger-accounts.ts';
import { createMemoryCatalogStore, createMemoryVaultStore } from '../../support/memory-stores.ts';

let embedded: EmbeddedTables;
let front: FaultFront;
let client: TableClient;
beforeAll(async () => {
  embedded = await startEmbeddedTables();
  front = await startFaultFront(embedded.url);
  client = createSdkTableClient({
    aws: testAws({ dynamodb: front.url }),
    retries: { sleep: async () => {}, random: () => 0.5 },
  });
});
afterAll(async () => {
  await client.close();
  await front.close();
  await embedded.close();
});

const HOUR_MS = 3_600_000;
const LOST: Fault[] = ['answer-lost', 'answer-cut', 'failed-after', 'refused-before'];
let now: number;
let owner: User;
let deps: SharingDeps & Sealing;
let counter = 0;

beforeEach(async () => {
  counter += 1;
  now = Date.parse('2026-03-01T12:00:00Z');
  owner = { id: `usr_${counter}` } as User;
  const [vault, catalog] = [createMemoryVaultStore(), createMemoryCatalogStore()];
  const upstream = `up-${counter}`;
  await vault.putUpstream({
    name: upstream,
    format: 'openai-chat',
    vendor: 'openai',
    baseUrl: 'https://api.openai.com/v1',
    createdAt: 0,
    updatedAt: 0,
  });
  for (const name of ['a', 'b']) await putModel(catalog, name, upstream);
  deps = {
    owned: createOwnedCredentialStore(client, embedded.tables),
    pools: createQuotaPoolStore(client, embedded.tables.ledger),
    vault,
    catalog,
    accounts: createMemoryLedgerAccounts(),
    clock: () => now,
    timeZoneOffsetMinutes: 0,
    sealSecret: async () => ({ keyVersion: 'v1', encapsulatedSecret: '', ciphertext: '' }),
    digest: async (text) => text,
  };
});

const putModel = (catalog: ReturnType<typeof createMemoryCatalogStore>, name: string, upstream: string) =>
  catalog.putModel({
    name,
    class: 'chat',
    routes: [{ upstream, model: name, priority: 0, weight: 1 }],
    price: null,
    maxOutputTokens: null,
    createdAt: 0,
    updatedAt: 0,
  });

const add = async (sharing: OwnedCredential['sharing'] = 'shared', secret = 'one') =>
  (await addOwned(deps, owner, { upstream: `up-${counter}`, name: 'mine', secret, sharing, limits: {} })).owned;
const pool = async () => {
  const account = await deps.pools.find(owner.id);
  return { quotas: account?.quotas, shared: account?.shared };
};
const both = (quota: number, shared: number) => ({
  quotas: { a: quota, b: quota },
  shared: { a: shared, b: shared },
});
const use = (requestId: string, change: Partial<PoolUse> = {}): PoolUse => ({
  userId: owner.id,
  requestId,
  at: now,
  model: 'a',
  upstream: `up-${counter}`,
  credentialId: 'crd_x',
  isShared: true,
  quotaBefore: 10_000,
  quotaAfter: 9_700,
  consumed: 300,
  expiresAt: now + 90 * 24 * HOUR_MS,
  ...change,
});
const recover = () => recoverQuotas({ ...deps, logger: { warn: () => {} }, mayGoOn: () => true });

describe("a user's credential", () => {
  it('moves quota when it is shared, and an exclusive one does not', async () => {
    const shared = await add();
    expect(await pool()).toEqual(both(20_000, 1));
    expect(shared.counted).toEqual(['a', 'b']);
    now += 1;
    await add('exclusive', 'two');
    expect(await pool()).toEqual(both(20_000, 1));
    expect((await listOwned(deps, owner.id)).map(({ owned }) => owned.sharing)).toEqual(['shared', 'exclusive']);
  });

  it.each<[string, OwnedChange, OwnedChange]>([
    ['disabling and enabling', { enabled: false }, { enabled: true }],
    ['making it exclusive and sharing it', { sharing: 'exclusive' }, { sharing: 'shared' }],
  ])('%s take and give once, however often they are said', async (_what, off, on) => {
    const mine = await add();
    for (let time = 0; time < 3; time += 1) await settle(deps, mine, off);
    expect(await pool()).toEqual(both(0, 0));
    for (let time = 0; time < 3; time += 1) await settle(deps, mine, on);
    expect(await pool()).toEqual(both(20_000, 1));
  });

  it('moves quota once however many say so at once', async () => {
    const mine = await add();
    const offs = await Promise.allSettled(Array.from({ length: 6 }, () => settle(deps, mine, { enabled: false })));
    expect(offs.filter(({ status }) => status === 'fulfilled').length).toBeGreaterThan(0);
    expect(await pool()).toEqual(both(0, 0));
    await Promise.allSettled(Array.from({ length: 6 }, () => settle(deps, mine, { enabled: true })));
    expect(await pool()).toEqual(both(20_000, 1));
  });

  it('of one user join at the same time and each counts', async () => {
    await Promise.all(['one', 'two', 'three'].map((secret) => add('shared', secret)));
    expect(await pool()).toEqual(both(60_000, 3));
  });

  it.each(LOST)('moves quota once when the answer is lost: %s', async (fault) => {
    const mine = await add();
    front.arm('TransactWriteItems', [fault]);
    await settle(deps, mine, { sharing: 'exclusive' });
    expect(await pool()).toEqual(both(0, 0));
    front.arm('TransactWriteItems', Array<Fault>(40).fill(fault));
    await settle(deps, mine, { sharing: 'shared' }).catch(() => null);
    front.arm('TransactWriteItems', []);
    // Whoever was told that it is not known says it again.
    await settle(deps, mine, { sharing: 'shared' });
    expect(await pool()).toEqual(both(20_000, 1));
  });

  it('is removed with its quota, also after a crash between any two steps', async () => {
    for (const step of ['deleteCredential', 'delete'] as const) {
      const mine = await add('shared', step);
      const broken = {
        ...deps,
        vault: {
          ...deps.vault,
          ...(step === 'deleteCredential' && { deleteCredential: () => Promise.reject(new Error()) }),
        },
        owned: { ...deps.owned, ...(step === 'delete' && { delete: () => Promise.reject(new Error()) }) },
      };
      await expect(removeOwned(broken, mine)).rejects.toThrow();
      expect(await pool()).toEqual(both(0, 0));
      expect(await listOwned(deps, owner.id)).toEqual([]);
      await recover();
      expect(await deps.vault.findCredential(mine.upstream, mine.credentialId)).toBeNull();
      expect(await deps.owned.find(mine.upstream, mine.credentialId)).toBeNull();
      expect(await deps.owned.listOfOwner(owner.id)).toEqual([]);
    }
    expect(await removeOwned(deps, { upstream: 'none', credentialId: 'none' })).toBe(false);
  });

  it('that a crash left without its secret is nobody’s: it counts nowhere and goes', async () => {
    const broken = { ...deps, vault: { ...deps.vault, putCredential: () => Promise.reject(new Error('crash')) } };
    await expect(
      addOwned(broken, owner, { upstream: `up-${counter}`, name: 'x', secret: 's', sharing: 'shared', limits: {} }),
    ).rejects.toThrow('crash');
    expect(await listOwned(deps, owner.id)).toEqual([]);
    await recover();
    expect(await deps.owned.listOfOwner(owner.id)).toHaveLength(1);
    now += HOUR_MS;
    await recover();
    expect(await deps.owned.listOfOwner(owner.id)).toEqual([]);
    expect((await deps.pools.find(owner.id))?.shared ?? {}).toEqual({});
  });

  it('stops counting when an operator disables or deletes it, and says so by none of its own fields', async () => {
    const mine = await add();
    const stored = await deps.vault.findCredential(mine.upstream, mine.credentialId);
    await deps.vault.putCredential({ ...stored!, enabled: false });
    await recover();
    expect(await pool()).toEqual(both(0, 0));
    expect((await deps.owned.find(mine.upstream, mine.credentialId))?.enabled).toBe(true);
    await deps.vault.putCredential({ ...stored!, enabled: true });
    await recover();
    expect(await pool()).toEqual(both(20_000, 1));
    await deps.vault.deleteCredential(mine.upstream, mine.credentialId);
    now += HOUR_MS;
    await recover();
    expect(await pool()).toEqual(both(0, 0));
    expect(await deps.owned.listOfOwner(owner.id)).toEqual([]);
  });

  it('counts for a model from when its upstream serves it; many models are moved in parts', async () => {
    await add();
    const names = Array.from(
      { length: 90 },
      (_none, index) => `model-${String(index).padStart(3, '0')}-with.a#long name`,
    );
    for (const name of names) await putModel(deps.catalog as never, name, `up-${counter}`);
    await recover();
    const { quotas, shared } = await pool();
    expect(Object.keys(shared ?? {})).toHaveLength(92);
    expect(Object.values(quotas ?? {}).every((quota) => quota === 20_000)).toBe(true);
    now += HOUR_MS;
    await deps.pools.use(use('drain', { consumed: 20_000 }), names.slice(0, 40));
    expect(await recover()).toMatchObject({ recovered: 1, failed: 0 });
    expect((await pool()).quotas?.[names[0]!]).toBe(4_000);
  });
});

describe('a use', () => {
  it('of a shared credential is deducted from every model of the group once, below zero too', async () => {
    await add();
    const group = groupOf([['a', 'b', 'c']], 'a');
    expect(await deps.pools.use(use('r1'), group)).toBe('logged');
    expect((await pool()).quotas).toEqual({ a: 19_700, b: 19_700, c: -300 });
    await deps.pools.use(use('r2', { consumed: 30_000 }), group);
    expect((await pool()).quotas).toEqual({ a: -10_300, b: -10_300, c: -30_300 });
  });

  it('of the same request counts once, whoever repeats it', async () => {
    await add();
    const outcomes = await Promise.all(Array.from({ length: 5 }, () => deps.pools.use(use('same'), ['a'])));
    expect(outcomes.toSorted()).toEqual(['known', 'known', 'known', 'known', 'logged']);
    expect((await pool()).quotas).toEqual({ a: 19_700, b: 20_000 });
  });

  it.each(LOST)('counts once when its answer is lost: %s', async (fault) => {
    await add();
    front.arm('TransactWriteItems', [fault]);
    await deps.pools.use(use('lost'), ['a']);
    await deps.pools.use(use('lost'), ['a']);
    expect((await pool()).quotas).toEqual({ a: 19_700, b: 20_000 });
  });

  it('of an own, exclusive credential is logged and costs nothing', async () => {
    await add();
    await deps.pools.use(use('own', { isShared: false }), ['a']);
    expect(await pool()).toEqual(both(20_000, 1));
    expect((await deps.pools.find(owner.id))?.uses).toEqual({
      sharedRequests: 0,
      sharedConsumed: 0,
      privateRequests: 1,
      privateConsumed: 300,
    });
  });

  it('is listed newest first, page by page, until it expires', async () => {
    await deps.pools.ensure(owner.id, now);
    for (const id of ['r1', 'r2', 'r3']) await deps.pools.use(use(id, { at: now + Number(id[1]) }), []);
    await deps.pools.use(use('r4', { at: now + 4, expiresAt: now }), []);
    const page = { cursor: null, from: null, until: null, nowMs: now };
    const first = await deps.pools.listUses(owner.id, { ...page, limit: 2 });
    expect(first.uses).toEqual([use('r3', { at: now + 3 }), use('r2', { at: now + 2 })]);
    const second = await deps.pools.listUses(owner.id, { ...page, limit: 2, cursor: first.nextCursor });
    expect(second.uses.map(({ requestId }) => requestId)).toEqual(['r1']);
    const between = await deps.pools.listUses(owner.id, { ...page, limit: 9, from: now + 2, until: now + 3 });
    expect(between.uses.map(({ requestId }) => requestId)).toEqual(['r2']);
  });

  it('needs a pool account, and is not half written without one', async () => {
    expect(await deps.pools.use(use('none', { userId: 'usr_none' }), ['a'])).toBe('no-account');
    const page = { cursor: null, from: null, until: null, nowMs: now, limit: 5 };
    expect((await deps.pools.listUses('usr_none', page)).uses).toEqual([]);
  });
});

describe('recovery', () => {
  const drained = async (): Promise<void> => {
    await add();
    await deps.pools.use(use('drain', { consumed: 25_000 }), ['a', 'b']);
  };

  it('gives once an hour, whether two ticks meet or one is missed', async () => {
    await drained();
    await recover();
    expect((await pool()).quotas).toEqual({ a: -5_000, b: -5_000 });
    now += HOUR_MS;
    const reports = await Promise.all([recover(), recover(), recover()]);
    expect(reports.map(({ recovered }) => recovered).reduce((sum, one) => sum + one)).toBe(1);
    expect((await pool()).quotas).toEqual({ a: -1_000, b: -1_000 });
    now += 2 * HOUR_MS;
    await recover();
    await recover();
    expect((await pool()).quotas).toEqual({ a: 7_000, b: 7_000 });
    now += 100 * HOUR_MS;
    await recover();
    expect(await pool()).toEqual(both(20_000, 1));
  });

  it.each(LOST)('gives once when the answer is lost: %s', async (fault) => {
    await drained();
    now += HOUR_MS;
    front.arm('UpdateItem', [fault]);
    await recover();
    await recover();
    expect((await pool()).quotas).toEqual({ a: -1_000, b: -1_000 });
  });

  it('gives nothing to those who share nothing any more, nor for hours in which they did not', async () => {
    await drained();
    const [mine] = await deps.owned.listOfOwner(owner.id);
    await settle(deps, mine!, { enabled: false });
    now += 10 * HOUR_MS;
    expect(await recover()).toMatchObject({ users: 0, recovered: 0, credentials: 1, hour: hourOf(now) });
    expect(await pool()).toEqual(both(-5_000, 0));
    // What was used up stays used up: switching off and on again fills nothing.
    await settle(deps, mine!, { enabled: true });
    expect(await pool()).toEqual(both(-5_000, 1));
    await recover();
    expect(await pool()).toEqual(both(-5_000, 1));
  });

  it('and deductions at the same time lose nothing of each other', async () => {
    await drained();
    now += HOUR_MS;
    await Promise.all([
      recover(),
      ...Array.from({ length: 10 }, (_none, index) => deps.pools.use(use(`r${index}`, { consumed: 10 }), ['a'])),
    ]);
    expect((await pool()).quotas).toEqual({ a: -1_100, b: -1_000 });
  });
});

it('an account is made once when many ask for it first, and keeps the preference', async () => {
  const made = await Promise.all(Array.from({ length: 5 }, (_none, index) => deps.pools.ensure(owner.id, now + index)));
  expect(new Set(made.map(({ createdAt }) => createdAt)).size).toBe(1);
  expect(made[0]?.preferShared).toBe(false);
  expect((await deps.pools.prefer(owner.id, true))?.preferShared).toBe(true);
  expect((await deps.pools.ensure(owner.id, now))?.preferShared).toBe(true);
  expect(await deps.pools.prefer('usr_nobody', true)).toBeNull();
});
