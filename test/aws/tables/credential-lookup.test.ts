import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createSdkTableClient } from '../../../layers/aws/sdk-table-client.ts';
import { createVaultStore } from '../../../layers/aws/tables/vault.ts';
import type { Credential, SealedValue } from '../../../layers/core/credentials/store.ts';
import { startEmbeddedTables, type EmbeddedTables } from '../../support/embedded-tables.ts';

let embedded: EmbeddedTables;
let vault: ReturnType<typeof createVaultStore>;
let close: () => Promise<void>;
let number = 0;
beforeAll(async () => {
  embedded = await startEmbeddedTables();
  const client = createSdkTableClient({ aws: embedded.aws });
  vault = createVaultStore(client, embedded.tables.vault);
  close = () => client.close();
});
afterAll(async () => {
  await close();
  await embedded.close();
});

const sealed: SealedValue = { keyVersion: 'v1', encapsulatedSecret: 'e', ciphertext: 'c' };

function aCredential(change: Partial<Credential> = {}): Credential {
  number += 1;
  return {
    id: `crd_${number}`,
    upstream: 'up',
    name: `name-${number}`,
    kind: 'oauth',
    tier: 'basic',
    priority: 0,
    weight: 1,
    enabled: true,
    proxyUrl: null,
    limits: {},
    secret: null,
    secretDigest: `d-${number}`,
    createdAt: number,
    updatedAt: number,
    ...change,
  };
}

async function put(change: Partial<Credential>): Promise<Credential> {
  const credential = aCredential(change);
  await vault.putCredential(credential, { kind: 'give', refreshToken: sealed, now: 1 });
  return credential;
}

const idOf = (credential: Credential | null): string | null => credential && credential.id;

describe('credentials by what machines know of them', () => {
  it('are found by the biz id and the e-mail address, as long as they have them', async () => {
    const credential = await put({ bizId: 'biz-1', email: 'a@example.com' });
    expect(idOf(await vault.findByBizId('biz-1'))).toBe(credential.id);
    expect((await vault.listByEmail('a@example.com')).map(idOf)).toEqual([credential.id]);
    await vault.putCredential({ ...credential, bizId: 'biz-2', email: 'b@example.com' });
    expect(await vault.findByBizId('biz-1')).toBeNull();
    expect(await vault.listByEmail('a@example.com')).toEqual([]);
    expect(idOf(await vault.findByBizId('biz-2'))).toBe(credential.id);
    await vault.putCredential({ ...credential, bizId: null, email: null });
    expect([await vault.findByBizId('biz-2'), await vault.listByEmail('b@example.com')]).toEqual([null, []]);
    await vault.putCredential({ ...credential, bizId: 'biz-2', email: 'b@example.com' });
    await vault.deleteCredential('up', credential.id);
    expect([await vault.findByBizId('biz-2'), await vault.listByEmail('b@example.com')]).toEqual([null, []]);
  });

  it('are found by exactly the text', async () => {
    await put({ bizId: 'exact', email: 'exact@example.com' });
    for (const text of ['EXACT', 'exac', 'exact ', '%', '']) expect(await vault.findByBizId(text)).toBeNull();
    for (const text of ['EXACT@example.com', 'exact@example', '']) expect(await vault.listByEmail(text)).toEqual([]);
  });

  it('have a biz id that nobody else has, in any upstream, until it is given back', async () => {
    const first = await put({ bizId: 'only-one' });
    await expect(put({ bizId: 'only-one', upstream: 'another' })).rejects.toMatchObject({
      code: 'invalid_field',
      param: 'bizId',
      status: 400,
    });
    // The same credential may be saved again.
    await vault.putCredential({ ...first, weight: 7 });
    await vault.deleteCredential('up', first.id);
    const second = await put({ bizId: 'only-one', upstream: 'another' });
    expect(idOf(await vault.findByBizId('only-one'))).toBe(second.id);
  });

  it('may share an e-mail address; the oldest is named first', async () => {
    const all = [];
    for (let count = 0; count < 3; count += 1)
      all.push(await put({ email: 'shared@example.com', upstream: `u${count}` }));
    expect((await vault.listByEmail('shared@example.com')).map(idOf)).toEqual(all.map(idOf));
  });

  it('are found by one name at a time when many change it at once', async () => {
    const credential = await put({ bizId: 'raced' });
    const names = Array.from({ length: 6 }, (_, index) => `raced-${index}`);
    await Promise.allSettled(names.map((bizId) => vault.putCredential({ ...credential, bizId })));
    const found = await Promise.all(['raced', ...names].map((name) => vault.findByBizId(name)));
    expect(found.filter((one) => one !== null)).toHaveLength(1);
    const { bizId } = (await vault.findCredential('up', credential.id))!;
    expect(idOf(await vault.findByBizId(bizId!))).toBe(credential.id);
    // And whatever was lost in the race is free.
    const lost = names.find((name) => name !== bizId)!;
    await expect(put({ bizId: lost })).resolves.toMatchObject({ bizId: lost });
  });

  it('are not found when they are a user’s', async () => {
    await put({ id: 'crd_owned', name: 'own-crd_owned', bizId: 'users', email: 'user@example.com' });
    expect([await vault.findByBizId('users'), await vault.listByEmail('user@example.com')]).toEqual([null, []]);
  });

  it('are found by two reads, however many there are', async () => {
    await put({ bizId: 'counted', email: 'counted@example.com' });
    embedded.calls.length = 0;
    await vault.findByBizId('counted');
    await vault.listByEmail('counted@example.com');
    expect(embedded.calls.map(({ operation }) => operation)).toEqual(['GetItem', 'GetItem', 'Query', 'GetItem']);
  });
});
