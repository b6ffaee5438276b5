import { jsonAnswer } from '../../../functions/vault/answers.ts';
import { createVault, type VaultPorts } from '../../../functions/vault/app.ts';
import { createKeyPublisher } from '../../../functions/vault/key-publisher.ts';
import { createOpener, createSealer } from '../../../layers/core/credentials/sealing.ts';
import type { PlainRequest } from '../../../layers/kit/http/exchange.ts';
import { systemScheduler } from '../../../layers/kit/time/scheduler.ts';
import { createMemoryCatalogStore } from '../../support/memory-stores.ts';

const SEEDS = { v1: 'vault-seed-0123456789abcdefghijklmnop' };

function stage(change: Partial<VaultPorts> & { catalog?: ReturnType<typeof createMemoryCatalogStore> } = {}) {
  const catalog = change.catalog ?? createMemoryCatalogStore();
  const ignore = (): void => undefined;
  const log = { info: ignore, warn: ignore, error: ignore };
  const publishKey = createKeyPublisher({ catalog, readSeed: async () => SEEDS, log });
  const { publicApiPrefix = '/public-api' } = change;
  const vault = createVault({
    publishKey,
    rows: [
      {
        method: 'GET',
        path: `${publicApiPrefix}/health`,
        run: async () => jsonAnswer(200, { published: await publishKey() }),
      },
    ],
    refresher: { refresh: async () => ({ outcome: 'refreshed', text: 'It is refreshed.' }) },
    publicApiPrefix,
    clock: () => 1_700_000_000_000,
    scheduler: systemScheduler,
    log,
    buildId: 'test-build',
    ...change,
  });
  const call = async (path: string, method = 'GET') => {
    const request: PlainRequest = { method, path, query: '', headers: {}, body: Buffer.alloc(0), clientAddress: '' };
    const answer = await vault.handle(request);
    return { status: answer.status, headers: answer.headers, json: JSON.parse(String(answer.body)) as unknown };
  };
  return { catalog, vault, call };
}

describe('the vault', () => {
  it('publishes a key on invocation, to which admin seals and which its seed opens', async () => {
    const { catalog, vault } = stage();
    const report = await vault.invoke({ action: 'publish-public-key' });
    const published = await catalog.findPublicKey('vault', 'v1');
    expect(report).toEqual({ published: true, ...published });
    const sealed = await createSealer({ version: 'v1', publicKey: published?.publicKey ?? '' }).seal('secret', 'row');
    expect(await createOpener({ seeds: SEEDS }).open(sealed, 'row')).toBe('secret');
  });

  it('publishes once, however often it is asked', async () => {
    const { catalog, call, vault } = stage();
    let writes = 0;
    const publish = catalog.publishPublicKey;
    catalog.publishPublicKey = (key) => {
      writes += 1;
      return publish(key);
    };
    await Promise.all([
      call('/public-api/health'),
      call('/public-api/health'),
      vault.invoke({ action: 'publish-public-key' }),
    ]);
    expect(writes).toBe(1);
  });

  it('writes nothing where its key stands already', async () => {
    const first = stage();
    await first.call('/public-api/health');
    const catalog = { ...first.catalog, publishPublicKey: () => Promise.reject(new Error('written again')) };
    expect((await stage({ catalog }).call('/public-api/health')).status).toBe(200);
  });

  it('tries again after a publication that failed', async () => {
    let fail = true;
    const catalog = createMemoryCatalogStore();
    const read = catalog.findPublicKey;
    catalog.findPublicKey = (name, version) => (fail ? Promise.reject(new Error('down')) : read(name, version));
    const { call } = stage({ catalog });
    expect((await call('/public-api/health')).status).toBe(500);
    fail = false;
    expect((await call('/public-api/health')).status).toBe(200);
  });

  it('refuses any other invocation', async () => {
    await expect(stage().vault.invoke({ action: 'open' })).rejects.toThrow(/does not know/);
    await expect(stage().vault.invoke(null)).rejects.toThrow();
  });

  it('answers unknown paths in the envelope of their place', async () => {
    const { call } = stage();
    const inside = await call('/public-api/nothing', 'POST');
    const outside = await call('/api/vault/credentials');
    expect([inside.status, inside.json]).toEqual([
      404,
      { success: false, msg: 'There is no /public-api/nothing here.' },
    ]);
    expect(outside.json).toMatchObject({ success: false, error_code: 'NOT_FOUND' });
  });

  it('says which methods a path takes', async () => {
    const answer = await stage({ publicApiPrefix: '/tokens/api' }).call('/tokens/api/health', 'POST');
    expect([answer.status, answer.headers['allow']]).toEqual([405, 'GET, HEAD']);
    expect(answer.json).toMatchObject({ success: false, msg: expect.any(String) });
  });
});
