import { afterEach, describe, expect, it } from '@jest/globals';
import type { Credential } from '../../../layers/core/credentials/store.ts';
import type { OwnedCredential, QuotaPoolStore } from '../../../layers/core/sharing/store.ts';
import { totalTokens } from '../../../layers/llm/formats/usage-figures.ts';
import { chatBody, jsonOf } from '../../support/fake-upstream.ts';
import { createMemorySharing } from '../../support/memory-sharing.ts';
import { aCredential, aKey, aUser, call, closedEvent, startRig, type Rig } from './rig.ts';

const SECOND = 'sk-of-the-second-user-0123456789abcdef';

let running: Rig | null = null;
afterEach(async () => {
  await running?.close();
  running = null;
});

type Sharing = ReturnType<typeof createMemorySharing>;

/** `name: [owner, sharing]`; null is the operators'. */
type Given = Record<string, [string, OwnedCredential['sharing']] | null>;

async function start(given: Given, change: { limits?: Credential['limits']; broken?: Partial<QuotaPoolStore> } = {}) {
  const sharing: Sharing = createMemorySharing();
  for (const [name, owner] of Object.entries(given)) {
    if (owner) await sharing.owned.create(mark(name, owner));
  }
  const { limits = {} } = change;
  const rig = await startRig({
    credentials: Object.entries(given).map(([name, owner]) =>
      // Credentials of users carry a name of this form.
      aCredential('first', name, { limits, ...(owner && { name: `own-crd_${name}` }) }),
    ),
    users: [aUser(), aUser({ id: 'usr_2', username: 'two', email: null })],
    keys: [aKey(), aKey({ id: 'key_2', ownerId: 'usr_2', secret: SECOND })],
    settings: { sharedModelGroups: [['public', 'sibling']] },
    deps: { owned: sharing.owned, pools: { ...sharing.pools, ...change.broken } },
  });
  running = rig;
  return { rig, sharing };
}

function mark(name: string, [ownerId, sharing]: [string, OwnedCredential['sharing']]): OwnedCredential {
  return {
    upstream: 'first',
    credentialId: `crd_${name}`,
    ownerId,
    name,
    sharing,
    enabled: true,
    modelsOff: [],
    removing: false,
    counted: [],
    revision: 1,
    createdAt: 0,
    updatedAt: 0,
  };
}

async function give(sharing: Sharing, userId: string, quota: number): Promise<void> {
  const { revision } = await sharing.pools.ensure(userId, 0);
  const change = { quotas: { public: quota }, fresh: ['public'], shared: {}, recoveredHour: 0 };
  await sharing.pools.change({ userId, revision, ...change });
}

const quotasOf = async ({ pools }: Sharing, userId = 'usr_1') => (await pools.find(userId))?.quotas;
const usesOf = async ({ pools }: Sharing, userId = 'usr_1') =>
  (await pools.listUses(userId, { limit: 10, cursor: null, from: null, until: null, nowMs: 0 })).uses;
const asked = (): string[] =>
  (running?.upstream.requests ?? []).map(({ headers }) =>
    String(headers.authorization).replace('Bearer secret-of-', ''),
  );
const second = { headers: { authorization: `Bearer ${SECOND}` } };
const GOOD = jsonOf(chatBody('Hello'));

describe('credentials of users', () => {
  it('that are exclusive serve their owner and nobody else', async () => {
    const { rig, sharing } = await start({ mine: ['usr_1', 'exclusive'] });
    rig.upstream.answer(GOOD);
    expect((await call(rig)).status).toBe(200);
    await give(sharing, 'usr_2', 20_000);
    expect(await call(rig, second)).toMatchObject({ status: 503, json: { error: { code: 'no_credential' } } });
    expect(asked()).toEqual(['mine']);
    expect(await usesOf(sharing)).toMatchObject([{ isShared: false, credentialId: 'crd_mine', consumed: 0 }]);
    expect(await quotasOf(sharing)).toEqual({});
  });

  it('that are shared serve whoever has quota, their owner not excepted', async () => {
    const { rig, sharing } = await start({ lent: ['usr_1', 'shared'] });
    rig.upstream.answer(GOOD);
    for (const caller of [{}, second]) {
      const refused = await call(rig, caller);
      expect([refused.status, refused.json.error.code]).toEqual([429, 'insufficient_quota']);
    }
    await give(sharing, 'usr_2', 1);
    expect((await call(rig, second)).status).toBe(200);
    expect((await call(rig)).status).toBe(429);
    expect(asked()).toEqual(['lent']);
  });

  it('and the operators’ serve in the order that the caller prefers', async () => {
    const { rig, sharing } = await start({ open: null, lent: ['usr_2', 'shared'], mine: ['usr_1', 'exclusive'] });
    rig.upstream.answer(GOOD);
    await give(sharing, 'usr_1', 20_000);
    await call(rig);
    expect(asked()).toEqual(['mine']);
    await sharing.pools.prefer('usr_1', true);
    for (let time = 0; time < 4; time += 1) await call(rig);
    expect(asked().slice(1)).not.toContain('mine');
    rig.upstream.answer(({ headers }) =>
      headers.authorization === 'Bearer secret-of-mine' ? GOOD : jsonOf('{"error":{"message":"no"}}', 429),
    );
    expect((await call(rig)).status).toBe(200);
    expect(asked().at(-1)).toBe('mine');
  });

  it('leave the operators’ open to those who have no quota', async () => {
    const { rig } = await start({ open: null, lent: ['usr_2', 'shared'] });
    rig.upstream.answer(GOOD);
    for (let time = 0; time < 4; time += 1) expect((await call(rig)).status).toBe(200);
    expect(new Set(asked())).toEqual(new Set(['open']));
  });

  it('whose owner’s mark is not to be found serve nobody', async () => {
    const rig = await startRig({ credentials: [aCredential('first', 'own-crd_x', { id: 'crd_x' })] });
    running = rig;
    rig.upstream.answer(GOOD);
    expect((await call(rig)).status).toBe(503);
    expect(asked()).toEqual([]);
  });
});

describe('the shared pool', () => {
  it('gives what the request took of the credential, from every model of the group, once', async () => {
    const { rig, sharing } = await start({ lent: ['usr_2', 'shared'] }, { limits: { tokensPerDay: 10_000 } });
    rig.upstream.answer(GOOD);
    await give(sharing, 'usr_1', 20_000);
    await call(rig);
    const [use] = await usesOf(sharing);
    const { parts } = await closedEvent(rig);
    const share = totalTokens(parts);
    expect(share).toBeGreaterThan(0);
    expect(use).toMatchObject({ quotaBefore: 10_000, quotaAfter: 10_000 - share, consumed: share, isShared: true });
    expect(await quotasOf(sharing)).toEqual({ public: 20_000 - share, sibling: -share });
    expect(await quotasOf(sharing, 'usr_2')).toBeUndefined();
  });

  it('gives nothing for a call that nothing came of', async () => {
    const { rig, sharing } = await start({ lent: ['usr_2', 'shared'] }, { limits: { tokensPerDay: 10_000 } });
    rig.upstream.answer(jsonOf('{"error":{"message":"no"}}', 400));
    await give(sharing, 'usr_1', 20_000);
    await call(rig);
    expect(await usesOf(sharing)).toEqual([]);
    expect(await quotasOf(sharing)).toEqual({ public: 20_000 });
  });

  it('is asked again when its answer is lost, and counts once', async () => {
    let tries = 0;
    const sharing = createMemorySharing();
    const lossy: QuotaPoolStore['use'] = async (use, models) => {
      tries += 1;
      const outcome = await sharing.pools.use(use, models);
      if (tries === 1) throw new Error('lost');
      return outcome;
    };
    await sharing.owned.create(mark('lent', ['usr_2', 'shared']));
    await give(sharing, 'usr_1', 20_000);
    const rig = await startRig({
      credentials: [aCredential('first', 'lent', { name: 'own-crd_lent', limits: { tokensPerDay: 10_000 } })],
      deps: { owned: sharing.owned, pools: { ...sharing.pools, use: lossy } },
    });
    running = rig;
    rig.upstream.answer(GOOD);
    await call(rig);
    const [use] = await usesOf(sharing);
    expect(tries).toBe(2);
    expect(await quotasOf(sharing)).toEqual({ public: 20_000 - (use?.consumed ?? 0) });
  });

  it('that cannot be written is told in the log, and the answer stands', async () => {
    const { rig, sharing } = await start(
      { lent: ['usr_2', 'shared'] },
      { broken: { use: () => Promise.reject(new Error('gone')) } },
    );
    rig.upstream.answer(GOOD);
    await give(sharing, 'usr_1', 20_000);
    expect((await call(rig)).status).toBe(200);
    expect(rig.log.filter(({ event }) => event === 'pool_use_unlogged')).toHaveLength(1);
  });

  it('is told by the closed event what it is owed before it is written, so that no crash loses it', async () => {
    const order: string[] = [];
    const sharing = createMemorySharing();
    await sharing.owned.create(mark('lent', ['usr_2', 'shared']));
    await give(sharing, 'usr_1', 20_000);
    const rig = await startRig({
      credentials: [aCredential('first', 'lent', { name: 'own-crd_lent', limits: { tokensPerDay: 10_000 } })],
      usage: (stored) => ({
        ...stored,
        async closeEvent(requestId, closing, ...owner) {
          order.push(`closed with ${closing.poolUse?.use.consumed}`);
          return stored.closeEvent(requestId, closing, ...owner);
        },
      }),
      deps: {
        owned: sharing.owned,
        pools: {
          ...sharing.pools,
          async use(use, models) {
            order.push(`logged ${use.consumed}`);
            return sharing.pools.use(use, models);
          },
        },
      },
    });
    running = rig;
    rig.upstream.answer(GOOD);
    await call(rig);
    const consumed = totalTokens((await closedEvent(rig)).parts);
    expect(order).toEqual([`closed with ${consumed}`, `logged ${consumed}`]);
  });

  it('is owed nothing by requests that operators’ credentials serve', async () => {
    const { rig } = await start({ open: null, lent: ['usr_2', 'shared'] });
    rig.upstream.answer(GOOD);
    await call(rig);
    expect(await closedEvent(rig)).not.toHaveProperty('poolUse');
  });
});
