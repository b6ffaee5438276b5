import { beforeEach, describe, expect, it } from '@jest/globals';
import { jsonAnswer } from '../../../functions/vault/answers.ts';
import { createKeyPublisher } from '../../../functions/vault/key-publisher.ts';
import { createOpener, createSealer } from '../../../layers/core/credentials/sealing.ts';
import { createMemoryCatalogStore } from '../../support/memory-stores.ts';
import { createVaultStage, SEEDS, type VaultStage } from './support/vault-stage.ts';

let stage: VaultStage;
beforeEach(async () => {
  stage = await createVaultStage();
});

describe('the vault', () => {
  it('publishes a key on invocation, to which admin seals and which its seed opens', async () => {
    const report = await stage.vault.invoke({ action: 'publish-public-key' });
    const published = await stage.catalog.findPublicKey('vault', 'v1');
    expect(report).toEqual({ published: true, ...published });
    const sealed = await createSealer({ version: 'v1', publicKey: published?.publicKey ?? '' }).seal('secret', 'row');
    expect(await createOpener({ seeds: SEEDS }).open(sealed, 'row')).toBe('secret');
  });

  it('refuses any other invocation', async () => {
    await expect(stage.vault.invoke({ action: 'open' })).rejects.toThrow(/does not know/);
    await expect(stage.vault.invoke(null)).rejects.toThrow();
  });

  it('refreshes many by one invocation, each with a result of its own', async () => {
    stage.refresh.run = async ({ credentialId }) =>
      credentialId === 'b' ? { outcome: 'failed', text: 'No.' } : { outcome: 'refreshed', text: 'Yes.' };
    const keys = ['a', 'b', 'c'].map((credentialId) => ({ upstream: 'up', credentialId }));
    const results = await stage.vault.invoke({ action: 'refresh-many', since: 5, keys });
    expect(results).toEqual([
      { outcome: 'refreshed', text: 'Yes.' },
      { outcome: 'failed', text: 'No.' },
      { outcome: 'refreshed', text: 'Yes.' },
    ]);
    expect(stage.causes).toEqual(keys.map(() => ({ kind: 'manual', since: 5, onceMore: false })));
  });

  it('answers unknown paths in the envelope of their place', async () => {
    const inside = await stage.call('/public-api/nothing', { method: 'POST' });
    const outside = await stage.call('/api/vault/credentials');
    expect([inside.status, inside.json]).toEqual([
      404,
      { success: false, msg: 'There is no /public-api/nothing here.' },
    ]);
    expect(outside.json).toMatchObject({ success: false, error_code: 'NOT_FOUND' });
  });

  it('says which methods a path takes, under any prefix', async () => {
    const path = '/tokens/api/health';
    const rows = [{ method: 'GET' as const, path, run: async () => jsonAnswer(200, {}) }];
    const other = await createVaultStage({ publicApiPrefix: '/tokens/api', rows });
    const answer = await other.call(path, { method: 'POST' });
    expect([answer.status, answer.headers['allow']]).toEqual([405, 'GET, HEAD']);
    expect(answer.json).toMatchObject({ success: false, msg: expect.any(String) });
  });
});

describe('the key of the vault', () => {
  const log = { info: () => undefined };
  const readSeed = async () => SEEDS;

  it('is published once, however often that is asked for', async () => {
    const catalog = createMemoryCatalogStore();
    let writes = 0;
    const publish = catalog.publishPublicKey;
    catalog.publishPublicKey = (key) => {
      writes += 1;
      return publish(key);
    };
    const publishKey = createKeyPublisher({ catalog, readSeed, log });
    await Promise.all([publishKey(), publishKey()]);
    await publishKey();
    expect(writes).toBe(1);
  });

  it('is not written where it stands already', async () => {
    const catalog = createMemoryCatalogStore();
    await createKeyPublisher({ catalog, readSeed, log })();
    const again = { ...catalog, publishPublicKey: () => Promise.reject(new Error('written again')) };
    expect(await createKeyPublisher({ catalog: again, readSeed, log })()).toMatchObject({ version: 'v1' });
  });

  it('is published at the next try where one failed', async () => {
    let fail = true;
    const catalog = createMemoryCatalogStore();
    const read = catalog.findPublicKey;
    catalog.findPublicKey = (name, version) => (fail ? Promise.reject(new Error('down')) : read(name, version));
    const publishKey = createKeyPublisher({ catalog, readSeed, log });
    await expect(publishKey()).rejects.toThrow('down');
    fail = false;
    expect(await publishKey()).toMatchObject({ name: 'vault' });
  });
});
