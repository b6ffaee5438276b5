import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createSdkTableClient } from '../../../layers/aws/sdk-table-client.ts';
import { createCatalogStore } from '../../../layers/aws/tables/catalog.ts';
import { createVaultStore } from '../../../layers/aws/tables/vault.ts';
import { DEFAULT_SETTINGS, type CatalogStore, type Model, type Price } from '../../../layers/core/catalog/store.ts';
import type { Credential, Upstream, VaultStore } from '../../../layers/core/credentials/store.ts';
import { startEmbeddedTables, testAws, type EmbeddedTables } from '../../support/embedded-tables.ts';
import { startFaultFront, type FaultFront } from '../../support/fault-front.ts';

let embedded: EmbeddedTables;
let front: FaultFront;
let vault: VaultStore;
let catalog: CatalogStore;
let close: () => Promise<void>;
beforeAll(async () => {
  embedded = await startEmbeddedTables();
  front = await startFaultFront(embedded.url);
  const client = createSdkTableClient({
    aws: testAws({ dynamodb: front.url }),
    retries: { sleep: async () => undefined },
  });
  vault = createVaultStore(client, embedded.tables.vault);
  catalog = createCatalogStore(client, embedded.tables.catalog);
  close = () => client.close();
});
afterAll(async () => {
  await close();
  await front.close();
  await embedded.close();
});

const UPSTREAM: Upstream = {
  name: 'openai',
  format: 'openai-chat',
  vendor: 'openai',
  baseUrl: 'https://api.openai.com/v1',
  createdAt: 1,
  updatedAt: 2,
};

function aCredential(change: Partial<Credential> = {}): Credential {
  return {
    id: 'crd_1',
    upstream: 'openai',
    name: 'team-a',
    kind: 'api_key',
    tier: 'basic',
    priority: 0,
    weight: 1,
    enabled: true,
    proxyUrl: null,
    limits: {},
    secret: { keyVersion: 'v1', encapsulatedSecret: 'AA==', ciphertext: 'BB==' },
    secretDigest: `digest of ${change.id ?? 'crd_1'}`,
    createdAt: 1,
    updatedAt: 2,
    ...change,
  };
}

describe('upstreams', () => {
  it('are put, found, listed by name and deleted', async () => {
    const other = { ...UPSTREAM, name: 'anthropic' };
    await vault.putUpstream(UPSTREAM);
    await vault.putUpstream(other);
    expect(await vault.findUpstream('openai')).toEqual(UPSTREAM);
    expect(await vault.listUpstreams()).toEqual([other, UPSTREAM]);
    expect(await vault.deleteUpstream('anthropic')).toBe(true);
    expect(await vault.deleteUpstream('anthropic')).toBe(false);
    expect(await vault.findUpstream('anthropic')).toBeNull();
  });

  it('a deletion whose answer is lost is still a deletion', async () => {
    await vault.putUpstream({ ...UPSTREAM, name: 'lost' });
    front.arm('DeleteItem', ['answer-lost']);
    expect(await vault.deleteUpstream('lost')).toBe(true);
  });
});

describe('credentials', () => {
  it('of one upstream are listed by priority, then name', async () => {
    await vault.putCredential(aCredential({ id: 'crd_1', name: 'b', priority: 1 }));
    await vault.putCredential(aCredential({ id: 'crd_2', name: 'c' }));
    await vault.putCredential(aCredential({ id: 'crd_3', name: 'a', priority: 1 }));
    await vault.putCredential(aCredential({ id: 'crd_4', name: 'a', upstream: 'openai-2' }));
    const listed = await vault.listCredentials('openai');
    expect(listed.map((credential) => credential.name)).toEqual(['c', 'a', 'b']);
    expect(await vault.findCredential('openai', 'crd_4')).toBeNull();
    expect(await vault.findCredential('openai-2', 'crd_4')).toMatchObject({ name: 'a' });
  });

  it('have a name of their own within their upstream, given back by a rename and by a deletion', async () => {
    await expect(vault.putCredential(aCredential({ id: 'crd_9', name: 'a' }))).rejects.toMatchObject({
      code: 'conflict',
      param: 'name',
    });
    expect(await vault.findCredential('openai', 'crd_9')).toBeNull();
    await vault.putCredential(aCredential({ id: 'crd_3', name: 'renamed' }));
    await vault.putCredential(aCredential({ id: 'crd_9', name: 'a' }));
    expect(await vault.deleteCredential('openai', 'crd_9')).toBe(true);
    expect(await vault.deleteCredential('openai', 'crd_9')).toBe(false);
    await vault.putCredential(aCredential({ id: 'crd_10', name: 'a' }));
    expect(await vault.findCredential('openai', 'crd_10')).toMatchObject({ name: 'a' });
  });

  it('one of twenty parallel creations under one name wins', async () => {
    const outcomes = await Promise.allSettled(
      Array.from({ length: 20 }, (_, index) => vault.putCredential(aCredential({ id: `crd_r${index}`, name: 'race' }))),
    );
    expect(outcomes.filter((outcome) => outcome.status === 'fulfilled')).toHaveLength(1);
    const listed = await vault.listCredentials('openai');
    expect(listed.filter((credential) => credential.name === 'race')).toHaveLength(1);
  });

  it.each(['answer-lost', 'refused-before'] as const)('saving survives a lost answer: %s', async (fault) => {
    front.arm('TransactWriteItems', [fault]);
    await vault.putCredential(aCredential({ id: `crd_${fault}`, name: fault }));
    expect(await vault.findCredential('openai', `crd_${fault}`)).toMatchObject({ name: fault });
    front.arm('TransactWriteItems', [fault]);
    expect(await vault.deleteCredential('openai', `crd_${fault}`)).toBe(true);
  });
});

const PRICE: Price = {
  version: 1,
  inputMicros: 1_250_000,
  outputMicros: 10_000_000,
  cacheReadMicros: 125_000,
  cacheWrite5mMicros: 0,
  cacheWrite1hMicros: 0,
  reasoningMicros: null,
  audioMicros: null,
  imageMicros: null,
};
const MODEL: Model = {
  name: 'gpt-5',
  class: 'chat',
  routes: [{ upstream: 'openai', model: 'gpt-5.1', priority: 0, weight: 1 }],
  price: PRICE,
  maxOutputTokens: 128_000,
  createdAt: 1,
  updatedAt: 1,
};

describe('models and prices', () => {
  it('a model is put with the price of its version; older versions stay', async () => {
    await catalog.putModel(MODEL);
    const dearer = { ...MODEL, price: { ...PRICE, version: 2, inputMicros: 2 } };
    await catalog.putModel(dearer);
    await catalog.putModel({ ...dearer, maxOutputTokens: null });
    expect(await catalog.findModel('gpt-5')).toEqual({ ...dearer, maxOutputTokens: null });
    expect(await catalog.findPrice('gpt-5', 1)).toEqual(PRICE);
    expect(await catalog.findPrice('gpt-5', 2)).toEqual(dearer.price);
    expect(await catalog.findPrice('gpt-5', 3)).toBeNull();
  });

  it('the figures of a version never change, and the model neither when they would', async () => {
    const changed = { ...MODEL, maxOutputTokens: 5, price: { ...PRICE, outputMicros: 1 } };
    await expect(catalog.putModel(changed)).rejects.toMatchObject({ code: 'conflict', param: 'price' });
    expect(await catalog.findPrice('gpt-5', 1)).toEqual(PRICE);
    expect(await catalog.findModel('gpt-5')).toMatchObject({ maxOutputTokens: null });
  });

  it('routes have prices of their own, each a version beside the model’s, written with it', async () => {
    const tiers = [{ aboveInputTokens: 200_000, inputMicros: 2, reasoningMicros: 3 }];
    const own: Price = { ...PRICE, version: 7, audioInputMicros: 1, requestMicros: 5_000, tiers };
    const [route] = MODEL.routes;
    const routes = [route!, { ...route!, upstream: 'other', price: own }, { ...route!, upstream: 'third', price: own }];
    const model: Model = { ...MODEL, name: 'two-ways', routes };
    await catalog.putModel(model);
    expect(await catalog.findModel('two-ways')).toEqual(model);
    const dated = [PRICE, own].map((price) => ({ ...price, createdAt: MODEL.updatedAt }));
    expect(await catalog.listPrices('two-ways')).toEqual(dated);
    expect(await catalog.findPrice('two-ways', 7)).toEqual(own);
    // Both versions stand already.
    await catalog.putModel({ ...model, maxOutputTokens: 9 });
    // One stands, one is new.
    const dearer = { ...own, version: 8, requestMicros: 6_000 };
    await catalog.putModel({ ...model, routes: [route!, { ...route!, upstream: 'other', price: dearer }] });
    expect((await catalog.listPrices('two-ways')).map(({ version }) => version)).toEqual([1, 7, 8]);
    const changed = { ...model, maxOutputTokens: 5, routes: [{ ...route!, price: { ...own, requestMicros: 1 } }] };
    await expect(catalog.putModel(changed)).rejects.toMatchObject({ code: 'conflict' });
    expect(await catalog.findModel('two-ways')).toMatchObject({ maxOutputTokens: 128_000 });
    expect(await catalog.listPrices('nobody')).toEqual([]);
    expect(await catalog.deleteModel('two-ways')).toBe(true);
  });

  it('a price outlives its model', async () => {
    expect(await catalog.deleteModel('gpt-5')).toBe(true);
    expect(await catalog.deleteModel('gpt-5')).toBe(false);
    expect(await catalog.findModel('gpt-5')).toBeNull();
    expect(await catalog.findPrice('gpt-5', 1)).toEqual(PRICE);
  });

  it('models are listed by name, more than a page of them', async () => {
    const wide = Array.from({ length: 40 }, (_, index) => ({
      ...MODEL.routes[0]!,
      model: 'm'.repeat(2_000),
      weight: index,
    }));
    for (let index = 0; index < 20; index += 1) {
      await catalog.putModel({ ...MODEL, name: `wide-${index}`, routes: wide, price: null });
    }
    expect(await catalog.listModels()).toHaveLength(20);
  });

  it.each(['', 'x'.repeat(513), '😀'.repeat(200)])(
    'a name that cannot be stored is not found, and not put',
    async (name) => {
      expect(await catalog.findModel(name)).toBeNull();
      expect(await catalog.findPrice(name, 1)).toBeNull();
      expect(await catalog.deleteModel(name)).toBe(false);
      await expect(catalog.putModel({ ...MODEL, name })).rejects.toMatchObject({
        code: 'invalid_field',
        param: 'name',
      });
    },
  );
});

describe('settings and public keys', () => {
  it('settings have their defaults until they are set, and changes are merged, parallel ones too', async () => {
    expect(await catalog.readVersionedSettings()).toEqual({ settings: DEFAULT_SETTINGS, version: 0 });
    const upstreamTimeouts = { chat: { firstByteMs: 5000 }, image: { idleMs: 60_000, firstContentMs: 1 } };
    await Promise.all([
      catalog.changeSettings({ apiDocs: true }),
      catalog.changeSettings({ browserOrigins: ['https://example.com'] }),
      catalog.changeSettings({ upstreamTimeouts }),
    ]);
    expect(await catalog.changeSettings({})).toMatchObject({
      settings: { apiDocs: true, browserOrigins: ['https://example.com'], upstreamTimeouts, usageLogDays: 90 },
      version: 3,
    });
  });

  it('a change of a version that is no more changes nothing', async () => {
    const { settings, version } = await catalog.readVersionedSettings();
    const changed = await catalog.changeSettings({ usageLogDays: 30 }, version);
    expect(changed).toEqual({ settings: { ...settings, usageLogDays: 30 }, version: version + 1 });
    expect(await catalog.changeSettings({ usageLogDays: 40 }, version)).toBe('conflict');
    expect(await catalog.readSettings()).toMatchObject({ usageLogDays: 30 });
  });

  it.each(['answer-lost', 'refused-before'] as const)('a change survives a lost answer once: %s', async (fault) => {
    const { version } = await catalog.readVersionedSettings();
    front.arm('UpdateItem', [fault]);
    const days = fault === 'answer-lost' ? 50 : 60;
    const changed = await catalog.changeSettings({ usageLogDays: days }, version);
    expect(changed).toMatchObject({ settings: { usageLogDays: days }, version: version + 1 });
  });

  it('a public key is found by name and version, and publishing it again changes nothing', async () => {
    const key = { name: 'vault', version: 'v1', publicKey: 'AAA=' } as const;
    await catalog.publishPublicKey(key);
    await catalog.publishPublicKey(key);
    expect(await catalog.findPublicKey('vault', 'v1')).toEqual(key);
    expect(await catalog.findPublicKey('vault', 'v2')).toBeNull();
    expect(await catalog.findPublicKey('signing', 'v1')).toBeNull();
  });
});
