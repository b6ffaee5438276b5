import { beforeEach, describe, expect, it } from '@jest/globals';
import { createStage, type Json, type Stage } from './support/admin-stage.ts';

const UPSTREAM = {
  name: 'up',
  format: 'openai-chat',
  vendor: 'openai',
  baseUrl: 'https://api.example.com/v1',
  oauth: { tokenUrl: 'https://id.example.com/token', clientId: 'client' },
};

let stage: Stage;
let asked: { keys: readonly { upstream: string; credentialId: string }[]; since: number }[];
let headers: Record<string, string>;

beforeEach(async () => {
  asked = [];
  stage = createStage({
    askRefreshMany: async (keys, since) => {
      asked.push({ keys, since });
      return keys.map((_, index) =>
        index === 1
          ? { outcome: 'invalid', text: 'The token endpoint said no.' }
          : { outcome: 'refreshed', text: 'Yes.' },
      );
    },
  });
  headers = await stage.as('super_admin');
});

/** @returns ids by name */
async function importThem(names: readonly string[], change: object = {}): Promise<Map<string, string>> {
  const oauth = names.map((name) => ({
    upstream: 'up',
    name,
    kind: 'oauth',
    refreshToken: `token-of-${name}`,
    ...change,
  }));
  const key = { upstream: 'up', name: 'a-key', kind: 'api_key', secret: 'sk-of-the-upstream' };
  const body = { version: 1, upstreams: [UPSTREAM], credentials: [...oauth, key] };
  const { status, json } = await stage.call('/api/admin/import', { headers, body });
  if (status !== 200) throw new Error(JSON.stringify(json));
  return new Map([...stage.vault.rows.credentials.values()].map(({ name, id }) => [name, id]));
}

describe('a batch refresh', () => {
  it('has a result for each, by one invocation, and counts them', async () => {
    const ids = await importThem(['a', 'b', 'c']);
    const items = [
      ...['a', 'b', 'c', 'a-key'].map((name) => ({ upstream: 'up', id: ids.get(name) })),
      { upstream: 'up', id: 'crd_none' },
    ];
    const { status, json } = await stage.call('/api/admin/credentials/batch-refresh', { headers, body: { items } });
    expect(status).toBe(200);
    expect(json.data).toMatchObject({ total: 5, success: 2, fail: 3 });
    expect(json.data.results.map(({ name, success, outcome }: Json) => [name, success, outcome])).toEqual([
      ['a', true, 'refreshed'],
      ['b', false, 'invalid'],
      ['c', true, 'refreshed'],
      ['a-key', false, 'failed'],
      [null, false, 'not-found'],
    ]);
    expect(json.data.results[1].message).toBe('The token endpoint said no.');
    expect(asked.map(({ keys }) => keys.map(({ credentialId }) => credentialId))).toEqual([
      ['a', 'b', 'c'].map((name) => ids.get(name)),
    ]);
    expect(asked[0]!.since).toBe(stage.now.ms);
  });

  it('asks for a record that is named twice once, and takes no empty or endless list', async () => {
    const ids = await importThem(['a']);
    const item = { upstream: 'up', id: ids.get('a') };
    const ask = (items: object[]) => stage.call('/api/admin/credentials/batch-refresh', { headers, body: { items } });
    expect((await ask([item, item])).json.data).toMatchObject({ total: 1, success: 1 });
    expect((await ask([])).status).toBe(400);
    expect((await ask(Array.from({ length: 101 }, () => item))).status).toBe(400);
  });

  it('is for those who manage credentials', async () => {
    const { status } = await stage.call('/api/admin/credentials/batch-refresh', {
      headers: await stage.as('user'),
      body: { items: [{ upstream: 'up', id: 'x' }] },
    });
    expect(status).toBe(403);
  });
});

describe('a refresh of all that are enabled', () => {
  it('goes page by page, over each once, and leaves out what is switched off or of another kind', async () => {
    await importThem(['a', 'b', 'c', 'd', 'e']);
    await importThem(['off'], { enabled: false });
    const names: string[] = [];
    let cursor: string | null = null;
    do {
      const body: object = { limit: 2, cursor };
      const { json }: Json = await stage.call('/api/admin/credentials/refresh-all', { headers, body });
      names.push(...json.data.results.map(({ name }: Json) => name as string));
      cursor = json.data.nextCursor;
    } while (cursor !== null);
    expect(names.toSorted()).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(asked).toHaveLength(3);
  });

  it('may be of one upstream, and of none is nothing', async () => {
    await importThem(['a']);
    const ask = async (body?: object) =>
      (await stage.call('/api/admin/credentials/refresh-all', { method: 'POST', headers, body: body ?? {} })).json.data;
    expect(await ask({ upstream: 'up' })).toMatchObject({ total: 1, nextCursor: null });
    expect(await ask({ upstream: 'other' })).toMatchObject({ total: 0, results: [], nextCursor: null });
    expect(asked).toHaveLength(1);
  });
});

describe('the sweep', () => {
  const change = (autoRefresh: object) =>
    stage.call('/api/admin/settings', { method: 'PUT', headers, body: { autoRefresh } });

  it('begins when it is switched on, or its interval changes, and not otherwise', async () => {
    await change({ enabled: false, intervalDays: 3 });
    expect(stage.started).toEqual([]);
    await change({ enabled: true, intervalDays: 3 });
    expect(stage.started).toEqual(['refresh-credentials']);
    await change({ enabled: true, intervalDays: 3, recordsAtOnce: 4 });
    expect(stage.started).toHaveLength(1);
    await change({ enabled: true, intervalDays: 1 });
    expect(stage.started).toHaveLength(2);
    await change({ enabled: false, intervalDays: 1 });
    expect(stage.started).toHaveLength(2);
  });

  it('begins, too, when a document switches it on', async () => {
    const body = { version: 1, settings: { autoRefresh: { enabled: true, intervalDays: 2 } } };
    for (let count = 0; count < 2; count += 1) await stage.call('/api/admin/import', { headers, body });
    expect(stage.started).toEqual(['refresh-credentials']);
  });

  it('is switched on although it cannot be started now', async () => {
    const broken = createStage({ startSchedule: () => Promise.reject(new Error('no')) });
    const { status, json } = await broken.call('/api/admin/settings', {
      method: 'PUT',
      headers: await broken.as('super_admin'),
      body: { autoRefresh: { enabled: true, intervalDays: 2 } },
    });
    expect([status, json.data.autoRefresh]).toEqual([200, { enabled: true, intervalDays: 2 }]);
  });
});

describe('tokens that are shown', () => {
  const path = '/api/admin/credentials/up/crd_1/reveal-tokens';
  const tokens = { accessToken: 'the-access-token', refreshToken: 'the-refresh-token', lastRefreshToken: null };

  it('are shown to super administrators when the vault opens them, and stand in no log', async () => {
    const asks: unknown[] = [];
    const open = createStage({
      askReveal: async (...given) => {
        asks.push(given);
        return { outcome: 'revealed', tokens };
      },
    });
    const {
      status,
      json,
      headers: answered,
    } = await open.call(path, {
      method: 'POST',
      headers: await open.as('super_admin'),
    });
    expect([status, json.data, answered['cache-control']]).toEqual([200, tokens, 'no-store']);
    expect(asks).toEqual([[{ upstream: 'up', credentialId: 'crd_1' }, 'some-super_admin']]);
    const entries = open.auditStore.entries();
    expect(entries.map(({ action, outcome }) => [action, outcome])).toContainEqual([
      'POST /api/admin/credentials/{upstream}/{id}/reveal-tokens',
      'succeeded',
    ]);
    expect(JSON.stringify([open.log, entries])).not.toMatch(/the-access-token|the-refresh-token/);
    expect((await open.call(path, { method: 'POST', headers: await open.as('admin') })).status).toBe(403);
  });

  it('are refused when the vault does not open them, with its reason', async () => {
    for (const [outcome, status] of [
      ['switched-off', 403],
      ['not-an-operators', 403],
      ['not-found', 404],
    ] as const) {
      const closed = createStage({ askReveal: async () => ({ outcome }) });
      expect((await closed.call(path, { method: 'POST', headers: await closed.as('super_admin') })).status).toBe(
        status,
      );
    }
  });
});
