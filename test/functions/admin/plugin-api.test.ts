import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Settings } from '../../../layers/core/catalog/store.ts';
import { createRequestId } from '../../../layers/kit/ids/request-id.ts';
import { aDocument, createStage, type Answered, type Json, type Stage } from './support/admin-stage.ts';

const PATH = '/api/plugin-api';
const SECRET = 'sk-of-a-contributor-0123456789';
let stage: Stage;
let user: Record<string, string>;
let other: Record<string, string>;

beforeEach(async () => {
  stage = createStage();
  [user, other] = [await stage.as('user'), await stage.as('admin')];
  const operator = await stage.as('super_admin');
  const imported = await stage.call('/api/admin/import', { headers: operator, body: { ...aDocument(), keys: [] } });
  expect(imported.status).toBe(200);
});

const get = async (path: string, headers = user): Promise<Json> =>
  (await stage.call(`${PATH}${path}`, { headers })).json;
const put = (path: string, body: Json, headers = user): Promise<Answered> =>
  stage.call(`${PATH}${path}`, { method: 'PUT', headers, body });
const bring = (change: Json = {}, headers = user): Promise<Answered> =>
  stage.call(`${PATH}/accounts`, {
    headers,
    body: { upstream: 'openai', name: 'mine', api_key: SECRET, is_shared: 1, ...change },
  });
const quotas = async (): Promise<[number, number][]> =>
  (await get('/quotas/user')).data.map((row: Json) => [row.quota, row.max_quota]);
const set = (settings: Partial<Settings>) => stage.catalog.changeSettings(settings);

describe('where accounts may be brought', () => {
  it('is told by name and models, without addresses, and whether the asker may', async () => {
    const { data } = await get('/upstreams');
    expect(data).toEqual({
      may_bring: true,
      reason: null,
      upstreams: [{ name: 'openai', sign_in: false, models: ['gpt-5'] }],
    });
    await set({ sharingTrustLevel: 3 });
    expect((await get('/upstreams')).data).toMatchObject({
      may_bring: false,
      reason: 'This takes trust level 3; yours is 0.',
    });
    await set({ userCredentials: 'off' });
    expect((await get('/upstreams')).data.may_bring).toBe(false);
  });
});

describe("a user's accounts", () => {
  it('are brought, listed and shown, and the key is never told again', async () => {
    const made = await bring({ limits: { tokensPerDay: 1_000 } });
    expect(made.status).toBe(201);
    const { data } = made.json;
    expect(data).toMatchObject({
      user_id: 'usr_user',
      upstream: 'openai',
      name: 'mine',
      is_shared: 1,
      status: 1,
      state: 'active',
      disabled_by_operator: false,
      exhausted: false,
      models: ['gpt-5'],
      counts_for_pool: true,
    });
    expect((await get('/accounts')).data).toEqual([data]);
    expect((await get(`/accounts/${data.id}`)).data).toEqual(data);
    const audit = stage.auditStore.entries();
    expect(audit.some(({ action }) => action.includes('plugin-api/accounts'))).toBe(true);
    const everything = JSON.stringify([
      made.json,
      await get('/accounts'),
      stage.log,
      audit,
      [...stage.vault.rows.credentials],
    ]);
    expect(everything).not.toContain(SECRET);
  });

  it('are nobody else’s: not listed, not found, not changed', async () => {
    const { id } = (await bring()).json.data;
    expect((await get('/accounts', other)).data).toEqual([]);
    for (const [method, path, body] of [
      ['GET', '', undefined],
      ['DELETE', '', undefined],
      ['PUT', '/status', { status: 0 }],
      ['PUT', '/name', { name: 'x' }],
      ['PUT', '/type', { is_shared: 0 }],
      ['GET', '/quotas', undefined],
      ['PUT', '/quotas/gpt-5/status', { status: 0 }],
    ] as const) {
      const answer = await stage.call(`${PATH}/accounts/${id}${path}`, { method, headers: other, body });
      expect([path, answer.status, answer.json.error_code]).toEqual([path, 404, 'NOT_FOUND']);
    }
    expect(await quotas()).toEqual([[2, 2]]);
  });

  it('move quota once when they are switched, shared, kept and taken away, however often it is said', async () => {
    const { id } = (await bring()).json.data;
    const say = async (path: string, body: Json): Promise<unknown> => {
      for (let time = 0; time < 2; time += 1) expect((await put(`/accounts/${id}${path}`, body)).status).toBe(200);
      return quotas();
    };
    expect(await quotas()).toEqual([[2, 2]]);
    expect(await say('/status', { status: 0 })).toEqual([[0, 0]]);
    expect(await say('/type', { is_shared: 0 })).toEqual([[0, 0]]);
    expect(await say('/status', { status: 1 })).toEqual([[0, 0]]);
    expect(await say('/type', { is_shared: 1 })).toEqual([[2, 2]]);
    const told = stage.poolStates.changes.map(({ by, from, to, reason }) => [by, from, to, reason]);
    expect(told).toEqual([
      ['owner', 'active', 'disabled', 'switched off by its owner'],
      ['owner', 'disabled', 'disabled', 'kept by its owner, now exclusive'],
      ['owner', 'disabled', 'active', 'switched on by its owner'],
      ['owner', 'active', 'active', 'kept by its owner, now shared'],
    ]);
    expect(await say('/name', { name: 'another' })).toEqual([[2, 2]]);
    const gone = await stage.call(`${PATH}/accounts/${id}`, { method: 'DELETE', headers: user });
    expect(gone.status).toBe(200);
    expect(await quotas()).toEqual([[0, 0]]);
    expect((await stage.call(`${PATH}/accounts/${id}`, { method: 'DELETE', headers: user })).status).toBe(404);
    expect([...stage.vault.rows.credentials.values()].map(({ name }) => name)).toEqual(['team-a']);
  });

  it('count no longer while an operator has them disabled, and go when one deletes them', async () => {
    const { id } = (await bring()).json.data;
    const operator = await stage.as('super_admin');
    const path = `/api/admin/credentials/openai/${id}`;
    const change = (enabled: boolean) => stage.call(path, { method: 'PATCH', headers: operator, body: { enabled } });
    for (let time = 0; time < 2; time += 1) expect((await change(false)).status).toBe(200);
    expect(await quotas()).toEqual([[0, 0]]);
    expect((await get(`/accounts/${id}`)).data).toMatchObject({
      status: 1,
      disabled_by_operator: true,
      state: 'disabled',
    });
    await change(true);
    expect(await quotas()).toEqual([[2, 2]]);
    expect((await stage.call(path, { method: 'DELETE', headers: operator })).status).toBe(200);
    expect(await quotas()).toEqual([[0, 0]]);
    expect((await get('/accounts')).data).toEqual([]);
  });

  it('count by what remains of their limits', async () => {
    const { id } = (await bring({ is_shared: 0, limits: { budgetMicrosPerMonth: 1_000_000 } })).json.data;
    const month = `M${(Date.parse('2026-03-01T00:00:00Z') / 1_000).toString(36)}`;
    await stage.accounts.ensure(`credential:${id}`, stage.now.ms / 1_000);
    const account = stage.accounts.rows.get(`credential:${id}`)!;
    stage.accounts.rows.set(account.id, { ...account, counters: { [`usd#u#${month}`]: 250_000 } });
    await put(`/accounts/${id}/type`, { is_shared: 1 });
    expect(await quotas()).toEqual([[1.5, 2]]);
    const [quota] = (await get(`/accounts/${id}/quotas`)).data;
    expect(quota).toMatchObject({
      model_name: 'gpt-5',
      quota: 0.75,
      reset_time: '2026-04-01T00:00:00.000Z',
      status: 1,
    });
    stage.accounts.rows.set(account.id, { ...account, counters: { [`usd#u#${month}`]: 1_000_000 } });
    expect((await get(`/accounts/${id}`)).data).toMatchObject({ exhausted: true, status: 1 });
    const admin = await stage.call('/api/quotas/low?threshold=0.1', { headers: other });
    expect(admin.json.data).toMatchObject([
      { account_id: id, quota: 0, user_id: 'usr_user', is_shared: 1, exhausted: true },
    ]);
    expect((await stage.call('/api/quotas/low', { headers: user })).status).toBe(403);
  });

  it('are switched off for a model without a word on what remains, and without moving quota', async () => {
    const { id } = (await bring()).json.data;
    const off = await put(`/accounts/${id}/quotas/gpt-5/status`, { status: 0 });
    expect(off.json.data).toMatchObject({ model_name: 'gpt-5', status: 0, exhausted: false, quota: 1 });
    expect((await get(`/accounts/${id}/quotas`)).data[0].status).toBe(0);
    expect(await quotas()).toEqual([[2, 2]]);
    expect((await put(`/accounts/${id}/quotas/none/status`, { status: 0 })).status).toBe(404);
    expect((await put(`/accounts/${id}/quotas/gpt-5/status`, { status: 1 })).json.data.status).toBe(1);
  });

  it('are refused where they name an address, a proxy, an unknown upstream, or a key that is there', async () => {
    for (const change of [
      { base_url: 'https://x.example' },
      { proxyUrl: 'http://p.example' },
      { upstream: 'nowhere' },
    ]) {
      expect([(await bring(change)).status, change]).toEqual([400, change]);
    }
    expect((await bring()).status).toBe(201);
    const again = await bring({ name: 'again' }, other);
    expect([again.status, again.json.error_code]).toEqual([409, 'CONFLICT']);
    expect(await quotas()).toEqual([[2, 2]]);
  });

  it('are for those whom setting, trust and silence permit', async () => {
    await set({ userCredentials: 'off' });
    expect((await bring()).status).toBe(403);
    await set({ userCredentials: 'on', sharingTrustLevel: 2 });
    expect((await bring()).status).toBe(403);
    await stage.identity.updateUser('usr_user', { trustLevel: 2 });
    const { id } = (await bring()).json.data;
    await stage.identity.updateUser('usr_user', { silenced: true });
    for (const [path, body] of [
      ['/status', { status: 0 }],
      ['/type', { is_shared: 0 }],
    ] as const) {
      const { status, json } = await put(`/accounts/${id}${path}`, body);
      expect([status, json.error_code]).toEqual([403, 'ACCOUNT_SILENCED']);
    }
    expect((await bring({ api_key: 'another' })).json.error_code).toBe('ACCOUNT_SILENCED');
    expect((await get('/accounts')).data).toHaveLength(1);
  });
});

describe('the shared pool', () => {
  it('shows what is there, and what the caller has consumed', async () => {
    const first = (await bring()).json.data;
    await bring({ api_key: 'sk-second', name: 'second', limits: { tokensPerDay: 0 } }, other);
    await stage.services.pools.use(
      {
        userId: 'usr_user',
        requestId: createRequestId(stage.now.ms),
        at: stage.now.ms,
        model: 'gpt-5',
        upstream: 'openai',
        credentialId: first.id,
        isShared: true,
        quotaBefore: 10_000,
        quotaAfter: 9_877,
        consumed: 123,
        expiresAt: stage.now.ms + 1_000,
      },
      ['gpt-5'],
    );
    const { quotas: models, user_consumption } = (await get('/quotas/shared-pool')).data;
    expect(models).toMatchObject([{ model_name: 'gpt-5', total_quota: 1, available_cookies: 1, status: 1 }]);
    expect(user_consumption).toMatchObject({ total_requests: 1, shared_requests: 1, shared_quota_consumed: 0.0123 });
    const log = await get('/quotas/consumption?limit=10&start_date=2026-03-01&end_date=2026-03-01');
    expect(log.data).toMatchObject([
      { model_name: 'gpt-5', quota_before: 1, quota_after: 0.9877, quota_consumed: 0.0123, is_shared: 1 },
    ]);
    expect(log.pagination).toEqual({ limit: 10, next_cursor: null, has_more: false });
    expect((await get('/quotas/consumption?end_date=2026-02-28')).data).toEqual([]);
    expect(await quotas()).toEqual([[1.9877, 2]]);
  });

  it('prefers exclusive accounts until it is told otherwise', async () => {
    expect((await get('/preference')).data).toMatchObject({ user_id: 'usr_user', prefer_shared: 0 });
    for (let time = 0; time < 2; time += 1) {
      expect((await put('/preference', { prefer_shared: 1 })).json.data.prefer_shared).toBe(1);
    }
    expect((await get('/preference')).data.prefer_shared).toBe(1);
    expect((await get('/preference', other)).data.prefer_shared).toBe(0);
    for (const body of [{ prefer_shared: 2 }, {}, { prefer_shared: 'yes' }]) {
      const { status, json } = await put('/preference', body);
      expect([status, json.error_code]).toEqual([400, 'INVALID_FIELD']);
    }
  });

  it('follows the settings of the operator at once', async () => {
    await bring();
    await set({ sharedQuotaPerCredential: 3.5 });
    const [row] = (await get('/quotas/user')).data;
    expect(row).toMatchObject({ quota: 2, max_quota: 3.5, shared_accounts: 1, recovery_per_hour: 0.4 });
  });
});
