import { describe, expect, it } from '@jest/globals';
import { refreshTokenDigest } from '../../../layers/core/credentials/duplicates.ts';
import type { Credential, SealedValue } from '../../../layers/core/credentials/store.ts';
import { createStage, type Stage } from './support/admin-stage.ts';

const SEALED: SealedValue = { keyVersion: 'v1', encapsulatedSecret: 'AA==', ciphertext: 'BB==' };
const UPSTREAM = {
  name: 'up',
  format: 'openai-chat',
  vendor: 'openai-compatible',
  baseUrl: 'https://api.example.com/v1',
  createdAt: 0,
  updatedAt: 0,
} as const;

const DAY = 86_400_000;
let made = 0;

function aRecord(name: string, change: Partial<Credential> = {}): Credential {
  made += 1;
  return {
    id: `crd_${name}`,
    upstream: 'up',
    name,
    kind: 'oauth',
    tier: 'basic',
    priority: 0,
    weight: 1,
    enabled: true,
    proxyUrl: null,
    limits: {},
    secret: null,
    secretDigest: `digest of ${name}`,
    tokenDigest: refreshTokenDigest(`token of ${name}`),
    createdAt: Date.parse('2026-02-01T12:00:00Z') + made,
    updatedAt: 0,
    ...change,
  };
}

async function filled(...records: Credential[]): Promise<Stage> {
  const stage = createStage();
  await stage.vault.putUpstream(UPSTREAM);
  for (const record of records) {
    await stage.vault.putCredential(record, { kind: 'give', refreshToken: SEALED, now: 0 });
  }
  return stage;
}

async function ask(stage: Stage, path: string, body?: unknown, method?: string) {
  const headers = await stage.as('super_admin');
  const answer = await stage.call(path, { headers, ...(body !== undefined && { body }), ...(method && { method }) });
  return answer;
}

const names = (answer: { json: { data: { name: string }[] } }): string[] => answer.json.data.map(({ name }) => name);

describe('the list of credentials', () => {
  it('is given by page, newest first, with a cursor to the next one', async () => {
    const stage = await filled(...['a', 'b', 'c', 'd', 'e'].map((name) => aRecord(name)));
    const first = await ask(stage, '/api/admin/credentials?limit=2');
    expect(names(first)).toEqual(['e', 'd']);
    expect(first.json.pagination).toMatchObject({ limit: 2, has_more: true });
    const next = encodeURIComponent(first.json.pagination.next_cursor);
    expect(names(await ask(stage, `/api/admin/credentials?limit=2&cursor=${next}`))).toEqual(['c', 'b']);
    const all = await ask(stage, '/api/admin/credentials');
    expect(names(all)).toEqual(['e', 'd', 'c', 'b', 'a']);
    expect(all.json.pagination).toEqual({ limit: 100, next_cursor: null, has_more: false });
  });

  it('is narrowed by every filter, and by several at once', async () => {
    const stage = await filled(
      aRecord('one', { bizId: 'BIZ-100', email: 'ann@example.com', tag: 'Batch A' }),
      aRecord('two', { bizId: 'biz-200', email: 'bob@example.com', tag: 'Batch B', enabled: false }),
      aRecord('three', { kind: 'api_key', secret: SEALED, tier: 'super', tag: 'other' }),
      aRecord('four', { createdAt: Date.parse('2026-02-03T23:59:00Z'), tag: 'batch a' }),
    );
    const of = async (query: string) => names(await ask(stage, `/api/admin/credentials?${query}`)).toSorted();
    expect(await of('biz_id=z-1')).toEqual(['one']);
    expect(await of('email=BOB@')).toEqual(['two']);
    expect(await of('tag=batch')).toEqual(['four', 'one', 'two']);
    expect(await of('tag=nobody')).toEqual([]);
    expect(await of('kind=api_key')).toEqual(['three']);
    expect(await of('tier=super')).toEqual(['three']);
    expect(await of('type=super')).toEqual(['three']);
    expect(await of('enabled=false')).toEqual(['two']);
    expect(await of('enabled=true&tag=batch')).toEqual(['four', 'one']);
    expect(await of('created=2026-02-03')).toEqual(['four']);
    expect(await of('search=example.com&enabled=true')).toEqual(['one']);
    expect(await of('search=hre')).toEqual(['three']);
    expect(await of('upstream=elsewhere')).toEqual([]);
  });

  it('is narrowed by the state that is shown', async () => {
    const stage = await filled(
      aRecord('well'),
      aRecord('off', { enabled: false }),
      aRecord('key', { kind: 'api_key' }),
    );
    const rest = { reason: 'rate_limited', failures: 1, since: 0, ownWord: true, probe: null, version: 1 } as const;
    const subject = { upstream: 'up', credentialId: 'crd_key', model: '*', secretDigest: 'digest of key' };
    await stage.poolStates.writeState({ ...subject, ...rest, until: stage.now.ms + DAY });
    const of = async (state: string) => names(await ask(stage, `/api/admin/credentials?state=${state}`));
    expect(await of('cooling')).toEqual(['key']);
    expect(await of('disabled')).toEqual(['off']);
    expect(await of('active')).toEqual(['well']);
    expect(await of('invalid')).toEqual([]);
  });

  it('refuses a search of one letter, and a day that is none', async () => {
    const stage = await filled();
    expect((await ask(stage, '/api/admin/credentials?search=x')).status).toBe(400);
    expect((await ask(stage, '/api/admin/credentials?created=2026-13-45')).status).toBe(400);
    expect((await ask(stage, '/api/admin/credentials?cursor=none&limit=0')).status).toBe(400);
  });
});

describe('an import of many', () => {
  const tokens = [
    '  token-number-one  ',
    'token-number-two',
    '',
    'token-number-one',
    'short',
    '   ',
    'token-number-two',
  ];

  it('tells each line, counts raw lines, and leaves what it makes disabled', async () => {
    const stage = await filled(aRecord('known', { tokenDigest: refreshTokenDigest('token-number-two') }));
    const body = { upstream: 'up', tag: 'first batch', refreshTokens: tokens };
    const { status, json, text } = await ask(stage, '/api/admin/credentials/import', body);
    expect(status).toBe(200);
    const { results, ...counts } = json.data;
    expect(counts).toEqual({ total_count: 7, success_count: 1, fail_count: 2 });
    expect(results.map(({ outcome }: { outcome: string }) => outcome)).toEqual([
      'created',
      'exists',
      'blank',
      'repeated',
      'failed',
      'blank',
      'repeated',
    ]);
    expect(text).not.toContain('token-number');
    const listed = await ask(stage, '/api/admin/credentials?tag=first');
    expect(listed.json.data).toMatchObject([
      { enabled: false, kind: 'oauth', tag: 'first batch', bizId: expect.stringMatching(/^[0-9a-f]{32}$/) },
    ]);
    // Sent again it changes nothing.
    const again = await ask(stage, '/api/admin/credentials/import', body);
    expect(again.json.data).toMatchObject({ success_count: 0, fail_count: 3 });
    const audited = JSON.stringify(stage.auditStore);
    expect(audited + stage.log.join()).not.toContain('token-number');
  });

  it('gives proxies and client ids at random from the lists, or those that are named', async () => {
    const stage = await filled();
    await ask(
      stage,
      '/api/admin/proxy-list',
      { proxies: ['http://proxy-7.example.com:1', 'socks5://u:p@proxy-8.example.com:2'] },
      'PUT',
    );
    await ask(stage, '/api/admin/upstreams/up/client-ids', { clientIds: ['client-1', 'client-2'] }, 'PUT');
    const refreshTokens = Array.from({ length: 40 }, (_, index) => `token-of-the-list-${index}`);
    await ask(stage, '/api/admin/credentials/import', { upstream: 'up', refreshTokens });
    const rows = [...stage.vault.rows.credentials.values()];
    expect(new Set(rows.map(({ proxyUrl }) => proxyUrl))).toEqual(
      new Set(['http://proxy-7.example.com:1', 'socks5://proxy-8.example.com:2']),
    );
    expect(new Set(rows.map(({ clientId }) => clientId))).toEqual(new Set(['client-1', 'client-2']));
    const named = { proxyUrl: null, clientId: 'chosen', refreshTokens: ['token-by-itself'] };
    await ask(stage, '/api/admin/credentials/import', { upstream: 'up', ...named });
    expect([...stage.vault.rows.credentials.values()].at(-1)).toMatchObject({ proxyUrl: null, clientId: 'chosen' });
  });

  it('takes keys as well, and refuses what fits nothing', async () => {
    const stage = await filled();
    const body = { upstream: 'up', secrets: ['key-number-one', 'key-number-two'] };
    expect((await ask(stage, '/api/admin/credentials/import', body)).json.data.success_count).toBe(2);
    expect((await ask(stage, '/api/admin/credentials?kind=api_key')).json.data).toHaveLength(2);
    const wrong: object[] = [
      { upstream: 'nowhere', secrets: ['key-number-one'] },
      { upstream: 'up' },
      { upstream: 'up', secrets: ['key-number-one'], refreshTokens: ['token-number-one'] },
      { upstream: 'up', refreshTokens: ['token-number-one'], proxyUrl: 'ftp://proxy-7.example.com' },
      { upstream: 'up', refreshTokens: ['token-number-one'], proxyUrl: 'http://10.0.0.1:1' },
      { upstream: 'up', secrets: ['key-number-one'], clientId: 'mine' },
    ];
    for (const one of wrong) expect((await ask(stage, '/api/admin/credentials/import', one)).status).toBe(400);
  });
});

describe('many at once', () => {
  const place = (id: string) => ({ upstream: 'up', id: `crd_${id}` });

  it('are switched and deleted with a result each, and it stands in their logs', async () => {
    const stage = await filled(aRecord('a'), aRecord('b', { enabled: false }), aRecord('c'));
    const items = [place('a'), place('b'), place('gone'), place('a')];
    const off = await ask(stage, '/api/admin/credentials/batch-disable', { items });
    expect(off.json.data).toMatchObject({ total_count: 4, success_count: 2, fail_count: 1 });
    expect(off.json.data.results).toMatchObject([
      { id: 'crd_a', name: 'a', success: true, message: 'It is disabled.' },
      { id: 'crd_b', success: true, message: 'It is disabled already.' },
      { id: 'crd_gone', name: null, success: false },
    ]);
    await ask(stage, '/api/admin/credentials/batch-enable', { items: [place('b')] });
    expect(names(await ask(stage, '/api/admin/credentials?enabled=true'))).toEqual(['c', 'b']);
    const gone = await ask(stage, '/api/admin/credentials/batch-delete', { items: [place('a'), place('a')] });
    expect(gone.json.data).toMatchObject({ success_count: 1, fail_count: 0 });
    expect(names(await ask(stage, '/api/admin/credentials'))).toEqual(['c', 'b']);
    const log = await ask(stage, '/api/admin/credentials/up/crd_a/history?limit=1');
    expect(log.json.data).toMatchObject([{ by: 'operator', from: 'disabled', to: 'deleted' }]);
    expect(log.json.pagination.has_more).toBe(true);
    const cursor = encodeURIComponent(log.json.pagination.next_cursor);
    const before = await ask(stage, `/api/admin/credentials/up/crd_a/history?limit=1&cursor=${cursor}`);
    expect(before.json.data).toMatchObject([{ by: 'operator', from: 'active', to: 'disabled' }]);
  });
});

describe('the proxy list', () => {
  const rows = (stage: Stage) => [...stage.vault.rows.credentials.values()];

  it('gives records a member at random, leaves members theirs, and takes all away when it is empty', async () => {
    const stage = await filled(
      aRecord('kept', { proxyUrl: 'http://proxy-1.example.com:1' }),
      aRecord('other', { proxyUrl: 'http://proxy-99.example.com:1' }),
      aRecord('none'),
      aRecord('key', { kind: 'api_key', proxyUrl: 'http://proxy-50.example.com:1' }),
    );
    const put = (proxies: unknown[]) => ask(stage, '/api/admin/proxy-list', { proxies }, 'PUT');
    const { json } = await put([
      'http://proxy-1.example.com:1',
      'http://user:word@proxy-2.example.com:1',
      'http://user:word@proxy-2.example.com:1',
    ]);
    expect(json.reassignment).toEqual({ done: true, looked_at: 3, changed: 2, next: null });
    expect(json.data.proxies).toMatchObject([
      { url: 'http://proxy-1.example.com:1', hasPassword: false },
      { url: 'http://********@proxy-2.example.com:1', hasPassword: true },
    ]);
    const byName = Object.fromEntries(rows(stage).map((row) => [row.name, row.proxyUrl]));
    expect(byName).toMatchObject({ kept: 'http://proxy-1.example.com:1', key: 'http://proxy-50.example.com:1' });
    for (const name of ['other', 'none'])
      expect(['http://proxy-1.example.com:1', 'http://proxy-2.example.com:1']).toContain(byName[name]);
    // As it was shown it changes nothing, passwords and records neither.
    const shown = (await ask(stage, '/api/admin/proxy-list')).json.data.proxies;
    expect((await put(shown)).json.reassignment.changed).toBe(0);
    expect(await stage.services.lists.listProxies()).toHaveLength(2);
    expect((await put(['http://********@proxy-77.example.com:1'])).status).toBe(400);
    expect((await put(['http://10.0.0.1:1'])).json.errors).toMatchObject([{ path: 'proxies[0]' }]);
    await put([]);
    const after = Object.fromEntries(rows(stage).map((row) => [row.name, row.proxyUrl]));
    expect(after).toEqual({ kept: null, other: null, none: null, key: 'http://proxy-50.example.com:1' });
    expect(JSON.stringify(stage.auditStore)).not.toContain('user:word');
  });

  it('is gone on with where there was no time for all', async () => {
    const stage = await filled(...Array.from({ length: 250 }, (_, index) => aRecord(`r${index}`)));
    const clock = stage.services.clock;
    // Each look at the clock takes eight seconds, so a call has time for four pages at most.
    stage.services.clock = () => (stage.now.ms += 8_000);
    const { json } = await ask(stage, '/api/admin/proxy-list', { proxies: ['http://proxy-1.example.com:1'] }, 'PUT');
    expect(json.reassignment).toMatchObject({ done: false, next: { proxies: true } });
    let next = json.reassignment.next;
    for (let round = 0; next !== null && round < 400; round += 1) {
      const report = await ask(stage, '/api/admin/credentials/reassign', next);
      next = report.json.data.next;
      if (next === null) expect(report.json.data.done).toBe(true);
    }
    stage.services.clock = clock;
    expect(rows(stage).every(({ proxyUrl }) => proxyUrl === 'http://proxy-1.example.com:1')).toBe(true);
  });

  it('and the list of client ids, of one upstream’s records', async () => {
    const stage = await filled(aRecord('kept', { clientId: 'one' }), aRecord('other', { clientId: 'old' }));
    const path = '/api/admin/upstreams/up/client-ids';
    const { json } = await ask(stage, path, { clientIds: [' one ', 'two', 'one', ''] }, 'PUT');
    expect(json.data.clientIds).toEqual(['one', 'two']);
    const byName = Object.fromEntries(rows(stage).map((row) => [row.name, row.clientId]));
    expect(byName['kept']).toBe('one');
    expect(['one', 'two']).toContain(byName['other']);
    expect((await ask(stage, path)).json.data).toEqual({ clientIds: ['one', 'two'] });
    await ask(stage, path, { clientIds: [] }, 'PUT');
    expect(rows(stage).map(({ clientId }) => clientId)).toEqual([null, null]);
    expect((await ask(stage, '/api/admin/upstreams/nowhere/client-ids')).status).toBe(404);
  });
});

describe('a duplicate', () => {
  it('is refused in a document, in the console and against what was rotated in', async () => {
    const stage = await filled(aRecord('known', { tokenDigest: refreshTokenDigest('a-token-that-is-known') }));
    const entry = { upstream: 'up', kind: 'oauth', refreshToken: 'a-token-that-is-known' };
    const twin = await ask(stage, '/api/admin/credentials', { ...entry, name: 'twin' });
    expect(twin.status).toBe(400);
    expect(twin.json.errors).toMatchObject([{ path: 'refreshToken' }]);
    const twins = [1, 2].map((index) => ({ ...entry, name: `twin ${index}`, refreshToken: 'given-twice-at-once' }));
    const document = await ask(stage, '/api/admin/import', { version: 1, credentials: twins });
    expect(document.json.errors).toMatchObject([{ path: 'credentials[1].refreshToken' }]);
    const key = { upstream: 'up', credentialId: 'crd_known' };
    await stage.tokens.noteMark(key, `oauth#${refreshTokenDigest('a-token-rotated-in')}`, 0);
    const rotated = await ask(stage, '/api/admin/credentials/import', {
      upstream: 'up',
      refreshTokens: ['a-token-rotated-in'],
    });
    expect(rotated.json.data.results).toMatchObject([{ outcome: 'exists', message: 'It is that of up/known.' }]);
  });
});
