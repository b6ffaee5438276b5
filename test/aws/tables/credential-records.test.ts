import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { migrateData } from '../../../layers/aws/migrate.ts';
import { createSdkTableClient } from '../../../layers/aws/sdk-table-client.ts';
import type { TableClient } from '../../../layers/aws/table-client.ts';
import { createCredentialLists } from '../../../layers/aws/tables/credential-lists.ts';
import { createCredentialRecords } from '../../../layers/aws/tables/credential-records.ts';
import { createServingList } from '../../../layers/aws/tables/serving.ts';
import { createTokenStore } from '../../../layers/aws/tables/tokens.ts';
import { CREDENTIAL_ITEM } from '../../../layers/aws/tables/vault-items.ts';
import { createVaultStore } from '../../../layers/aws/tables/vault.ts';
import { refreshTokenDigest, secretMark } from '../../../layers/core/credentials/duplicates.ts';
import { foldText, type CredentialRecords, type RecordFacets } from '../../../layers/core/credentials/records/store.ts';
import type { ServingList } from '../../../layers/core/credentials/serving.ts';
import type { Credential, SealedValue, VaultStore } from '../../../layers/core/credentials/store.ts';
import { startEmbeddedTables, testAws, type EmbeddedTables } from '../../support/embedded-tables.ts';
import { startFaultFront, type FaultFront } from '../../support/fault-front.ts';

const DAY = 86_400_000;
const T0 = Date.parse('2026-03-01T00:00:00Z');

let embedded: EmbeddedTables;
let front: FaultFront;
let client: TableClient;
let vault: VaultStore;
let records: CredentialRecords;
let serving: ServingList;
beforeAll(async () => {
  embedded = await startEmbeddedTables();
  front = await startFaultFront(embedded.url);
  client = createSdkTableClient({
    aws: testAws({ dynamodb: front.url }),
    retries: { sleep: async () => undefined },
  });
  vault = createVaultStore(client, embedded.tables.vault);
  records = createCredentialRecords(client, embedded.tables.vault);
  serving = createServingList(client, embedded.tables.vault);
});
afterAll(async () => {
  await client.close();
  await front.close();
  await embedded.close();
});

const SEALED: SealedValue = { keyVersion: 'v1', encapsulatedSecret: 'AA==', ciphertext: 'BB==' };

let made = 0;
function aRecord(change: Partial<Credential> = {}): Credential {
  made += 1;
  const id = change.id ?? `crd_${String(made).padStart(16, 'a')}`;
  return {
    id,
    upstream: 'up',
    name: id,
    kind: 'oauth',
    tier: 'basic',
    priority: 0,
    weight: 1,
    enabled: false,
    proxyUrl: null,
    limits: {},
    secret: null,
    secretDigest: `digest of ${id}`,
    tokenDigest: refreshTokenDigest(`token of ${id}`),
    createdAt: T0 + made,
    updatedAt: T0 + made,
    ...change,
  };
}

async function everyPage(facets: RecordFacets, limit: number): Promise<string[]> {
  const names: string[] = [];
  let cursor: string | null = null;
  do {
    const page = await records.list(facets, { limit, cursor });
    expect(page.credentials.length).toBeLessThanOrEqual(limit);
    names.push(...page.credentials.map(({ name }) => name));
    cursor = page.nextCursor;
  } while (cursor !== null);
  return names;
}

async function found(text: string): Promise<string[]> {
  return (await records.search(foldText(text), { limit: 50, cursor: null })).credentials.map(({ name }) => name);
}

describe('lists', () => {
  it('go newest first over all pages, each record once, whatever the page and the facet', async () => {
    const upstream = 'lists';
    for (let index = 0; index < 9; index += 1) {
      const kind = index % 3 === 0 ? 'api_key' : 'oauth';
      const tag = index % 2 === 0 ? 'Even' : null;
      await vault.putCredential(
        aRecord({ upstream, name: `l${index}`, kind, tag, enabled: index > 4, createdAt: T0 + index * DAY }),
      );
    }
    const all = ['l8', 'l7', 'l6', 'l5', 'l4', 'l3', 'l2', 'l1', 'l0'];
    for (const limit of [1, 2, 4, 9, 50]) expect(await everyPage({ upstream }, limit)).toEqual(all);
    expect(await everyPage({ upstream, enabled: true }, 3)).toEqual(['l8', 'l7', 'l6', 'l5']);
    expect(await everyPage({ upstream, enabled: false }, 2)).toEqual(['l4', 'l3', 'l2', 'l1', 'l0']);
    expect(await everyPage({ kind: 'api_key' }, 2)).toEqual(['l6', 'l3', 'l0']);
    expect(await everyPage({ tags: ['even'] }, 2)).toEqual(['l8', 'l6', 'l4', 'l2', 'l0']);
    const days = { createdFrom: T0 + 2 * DAY, createdTo: T0 + 4 * DAY };
    expect(await everyPage({ upstream, ...days }, 1)).toEqual(['l3', 'l2']);
    expect(await everyPage({ upstream: 'nowhere' }, 5)).toEqual([]);
    expect(await records.findTags('eve', 5)).toEqual(['even']);
  });

  it('follow what is changed, and forget what is deleted', async () => {
    const record = aRecord({ upstream: 'moves', name: 'moved', tag: 'old', enabled: false });
    await vault.putCredential(record);
    await vault.putCredential({ ...record, tag: 'new', enabled: true, email: 'Moved@Example.com' });
    expect(await everyPage({ tags: ['old'] }, 5)).toEqual([]);
    expect(await everyPage({ tags: ['new'] }, 5)).toEqual(['moved']);
    expect(await everyPage({ upstream: 'moves', enabled: false }, 5)).toEqual([]);
    expect(await everyPage({ upstream: 'moves', enabled: true }, 5)).toEqual(['moved']);
    expect(await found('moved@exa')).toEqual(['moved']);
    await vault.deleteCredential('moves', record.id);
    expect(await everyPage({ upstream: 'moves' }, 5)).toEqual([]);
    expect(await found('moved@exa')).toEqual([]);
    const left = await client.scan({ table: embedded.tables.vault });
    const own = left.items.filter((item) => JSON.stringify(item).includes(record.id));
    expect(own).toEqual([]);
  });

  it('refuse a cursor that is none', async () => {
    const page = { limit: 5, cursor: 'bm9uZQ' };
    await expect(records.list({}, page)).rejects.toMatchObject({ code: 'invalid_field', param: 'cursor' });
    await expect(records.search('text', page)).rejects.toMatchObject({ code: 'invalid_field', param: 'cursor' });
  });
});

describe('search', () => {
  it('finds any part of name, e-mail address and biz id in either case, and what nobody made up by its beginning', async () => {
    const bizId = '0f'.repeat(16);
    await vault.putCredential(aRecord({ name: 'Team Blue', email: 'Ann.Lee@Example.org', bizId: 'Customer-77' }));
    await vault.putCredential(aRecord({ name: bizId, bizId }));
    for (const part of ['team', 'M BLU', 'ann', 'lee@ex', '.ORG', 'mer-7'])
      expect(await found(part)).toEqual(['Team Blue']);
    expect(await found('0f0f0f')).toEqual([bizId]);
    expect(await found('nothing like it')).toEqual([]);
  });

  it('goes on by cursor, and looks at whole texts where they are longer than what is indexed', async () => {
    const long = 'x'.repeat(60);
    for (const end of ['one', 'two', 'three']) await vault.putCredential(aRecord({ name: `${long}${end}` }));
    const names: string[] = [];
    let cursor: string | null = null;
    do {
      const page = await records.search(`${'x'.repeat(45)}t`, { limit: 1, cursor });
      names.push(...page.credentials.map(({ name }) => name));
      cursor = page.nextCursor;
    } while (cursor !== null);
    expect([...new Set(names)].toSorted()).toEqual([`${long}three`, `${long}two`]);
  });
});

describe('a secret', () => {
  it('is one credential’s: of refresh tokens anywhere, of keys in their upstream', async () => {
    const tokenDigest = refreshTokenDigest('the same token');
    await vault.putCredential(aRecord({ upstream: 'one', name: 'first', tokenDigest }));
    await expect(vault.putCredential(aRecord({ upstream: 'two', tokenDigest }))).rejects.toMatchObject({
      code: 'conflict',
      param: 'refreshToken',
    });
    const key = { kind: 'api_key', secret: SEALED, secretDigest: 'the same key' } as const;
    await vault.putCredential(aRecord({ ...key, upstream: 'one' }));
    await vault.putCredential(aRecord({ ...key, upstream: 'two' }));
    await expect(vault.putCredential(aRecord({ ...key, upstream: 'two' }))).rejects.toMatchObject({ param: 'secret' });
    expect(await vault.findCredentialBySecret(`oauth#${tokenDigest}`)).toMatchObject({ name: 'first' });
  });

  it('given eight times at once is taken once', async () => {
    const tokenDigest = refreshTokenDigest('a race');
    const outcomes = await Promise.allSettled(
      Array.from({ length: 8 }, () => vault.putCredential(aRecord({ upstream: 'race', tokenDigest }))),
    );
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await everyPage({ upstream: 'race' }, 50)).toHaveLength(1);
  });

  it('is free again when its credential has another one or is gone, also where a crash left its mark', async () => {
    const record = aRecord({ upstream: 'free' });
    const mark = secretMark(record);
    await vault.putCredential(record);
    await vault.putCredential({ ...record, tokenDigest: refreshTokenDigest('another') });
    const next = aRecord({ upstream: 'free', tokenDigest: record.tokenDigest });
    await vault.putCredential(next);
    // As if the process had died before it took the mark away.
    front.arm('DeleteItem', ['refused-before', 'refused-before', 'refused-before', 'refused-before', 'refused-before']);
    await vault.deleteCredential('free', next.id).catch(() => undefined);
    await vault.putCredential(aRecord({ upstream: 'free', name: 'third', tokenDigest: record.tokenDigest }));
    expect(await vault.findCredentialBySecret(mark ?? '')).toMatchObject({ name: 'third' });
  });

  it('that came by rotation is known as its credential’s', async () => {
    const record = aRecord({ upstream: 'rotated', name: 'rotated' });
    await vault.putCredential(record, { kind: 'give', refreshToken: SEALED, now: T0 });
    const mark = `oauth#${refreshTokenDigest('a later token')}`;
    const key = { upstream: 'rotated', credentialId: record.id };
    await createTokenStore(client, embedded.tables.vault).noteMark(key, mark, T0);
    expect(await vault.findCredentialBySecret(mark)).toMatchObject({ name: 'rotated' });
    expect(await vault.findCredentialBySecret('oauth#unknown')).toBeNull();
  });
});

describe('proxies and client ids', () => {
  it('are written over what was read, and over nothing newer', async () => {
    const record = aRecord({ upstream: 'proxied', name: 'proxied', enabled: true, tag: 'kept' });
    await vault.putCredential(record);
    const proxy = { proxyUrl: 'http://one:1', proxyAuth: SEALED, proxyAuthDigest: 'd', proxyMember: 'prx_1' };
    expect(await records.reassign(record, { proxy, clientId: 'client-1' }, T0 + 5)).toBe(true);
    expect(await records.reassign(record, { proxy: { ...proxy, proxyUrl: 'http://two:2' } }, T0 + 6)).toBe(false);
    const stored = await vault.findCredential('proxied', record.id);
    expect(stored).toMatchObject({ ...proxy, clientId: 'client-1', tag: 'kept', updatedAt: T0 + 5 });
    // A whole row that was read before is written over it with what it says, and loses no entry.
    await vault.putCredential({ ...record, memo: 'noted' });
    expect(await everyPage({ upstream: 'proxied', enabled: true }, 5)).toEqual(['proxied']);
  });

  it('stand in lists that are replaced as a whole', async () => {
    const lists = createCredentialLists(client, embedded.tables.vault);
    const member = (id: string) => ({ id, url: `http://${id}:1`, auth: null, authDigest: null });
    await lists.putProxies([member('b'), member('a')]);
    expect((await lists.listProxies()).map(({ id }) => id)).toEqual(['b', 'a']);
    await lists.putProxies([member('a'), { ...member('c'), auth: SEALED, authDigest: 'd' }]);
    expect(await lists.listProxies()).toEqual([member('a'), { ...member('c'), auth: SEALED, authDigest: 'd' }]);
    await lists.putClientIds('up', ['one', 'two']);
    expect(await lists.readClientIds('up')).toEqual(['one', 'two']);
    await lists.putClientIds('up', []);
    expect(await lists.readClientIds('up')).toEqual([]);
  });
});

describe('serving', () => {
  it('lists the enabled ones by class, all parts of a ring together everybody', async () => {
    const upstream = 'ring';
    const ids: string[] = [];
    for (let index = 0; index < 20; index += 1) {
      const record = aRecord({ upstream, enabled: index % 4 !== 0 });
      if (record.enabled) ids.push(record.id);
      await vault.putCredential(record);
    }
    const first = aRecord({ upstream, enabled: true, priority: 0, tier: 'super' });
    await vault.putCredential(first);
    const head = await serving.head(upstream, 100);
    expect(head.isWhole).toBe(true);
    expect(head.entries.map(({ credentialId }) => credentialId).toSorted()).toEqual([...ids, first.id].toSorted());
    expect(head.entries.at(-1)).toMatchObject({ credentialId: first.id, servingClass: 'o10000' });
    expect((await serving.head(upstream, 10)).isWhole).toBe(false);
    const seen = new Set<string>();
    for (let slot = 0; slot < 16; slot += 1) {
      const part = await serving.around(upstream, 'o00000', { position: (slot * 2 ** 32) / 16, limit: 8 });
      expect(new Set(part.map(({ credentialId }) => credentialId)).size).toBe(8);
      for (const { credentialId } of part) seen.add(credentialId);
    }
    expect(seen.size).toBe(15);
    expect(await serving.has(upstream, 'u')).toBe(false);
    expect(await serving.has(upstream, 'o10000')).toBe(true);
  });
});

describe('credentials of older versions', () => {
  it('serve before the data is migrated, and are found by everything after it', async () => {
    const record = aRecord({ upstream: 'older', name: 'older one', enabled: true, tag: 'aged', bizId: 'biz-older' });
    const key = { pk: 'upstream#older', sk: `credential#${record.id}` };
    const name = { pk: 'upstream#older', sk: 'credentialName#older one', t: 'credentialName', v: 1 };
    await client.put({ table: embedded.tables.vault, item: { ...key, ...CREDENTIAL_ITEM.write(record) } });
    await client.put({ table: embedded.tables.vault, item: { ...name, credentialId: record.id } });
    expect((await serving.head('older', 10)).entries).toMatchObject([{ credentialId: record.id }]);
    const deps = { client, tables: embedded.tables, mayGoOn: () => true };
    expect((await migrateData(deps)).tables.vault).toMatchObject({ indexed: 1 });
    expect((await migrateData(deps)).tables.vault?.indexed).toBeUndefined();
    expect(await everyPage({ upstream: 'older' }, 5)).toEqual(['older one']);
    expect(await everyPage({ tags: ['aged'] }, 5)).toEqual(['older one']);
    expect(await found('biz-old')).toEqual(['older one']);
    expect((await serving.head('older', 10)).entries).toMatchObject([{ credentialId: record.id }]);
    expect(await vault.findCredentialBySecret(secretMark(record) ?? '')).toMatchObject({ name: 'older one' });
    await vault.putCredential({ ...record, tag: null });
    expect(await everyPage({ tags: ['aged'] }, 5)).toEqual([]);
  });
});
