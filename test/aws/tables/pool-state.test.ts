import { createSignedTableClient } from '../../../layers/aws/signed-table-client.ts';
import { createPoolStateStore } from '../../../layers/aws/tables/pool-state.ts';
import type { PoolState, PoolStateStore } from '../../../layers/core/credentials/pool-state.ts';
import { startEmbeddedTables, type EmbeddedTables } from '../../support/embedded-tables.ts';

const NOW = Date.UTC(2026, 10, 21, 12);

function aState(change: Partial<PoolState> = {}): PoolState {
  return {
    upstream: 'openai',
    credentialId: 'crd_a',
    model: 'gpt',
    reason: 'rate_limited',
    failures: 1,
    since: NOW,
    until: NOW + 30_000,
    ownWord: true,
    secretDigest: 'digest',
    probe: null,
    version: 1,
    ...change,
  };
}

describe('the pool’s states in the vault table', () => {
  let embedded: EmbeddedTables;
  let store: PoolStateStore;
  beforeAll(async () => {
    embedded = await startEmbeddedTables();
    store = createPoolStateStore(createSignedTableClient({ aws: embedded.aws }), embedded.tables.vault);
  });
  afterAll(() => embedded.close());

  it('of 20 writers of one version exactly one succeeds, and the others are given what it wrote', async () => {
    await store.writeState(aState());
    const claims = Array.from({ length: 20 }, (_, index) =>
      store.writeState(aState({ version: 2, probe: { holder: `request-${index}`, until: NOW + 60_000 } })),
    );
    const outcomes = await Promise.all(claims);
    const winners = outcomes.flatMap(({ written }, index) => (written ? [index] : []));
    expect(winners).toHaveLength(1);
    const [stored] = await store.listStates('openai');
    expect(stored?.probe?.holder).toBe(`request-${winners[0]}`);
    for (const outcome of outcomes) {
      if (!outcome.written) expect(outcome.current).toEqual(stored);
    }
  });

  it('refuses a later version where nothing stands, and a first one where something does', async () => {
    const other = { credentialId: 'crd_b' };
    expect(await store.writeState(aState({ ...other, version: 7 }))).toEqual({ written: false, current: null });
    await store.writeState(aState(other));
    expect(await store.writeState(aState(other))).toMatchObject({ written: false, current: aState(other) });
  });

  it('lists an upstream’s states and no other’s, all models of all credentials', async () => {
    const mine = [aState({ upstream: 'xai' }), aState({ upstream: 'xai', credentialId: 'crd_c', model: '*' })];
    for (const state of [...mine, aState({ upstream: 'xai-2' })]) await store.writeState(state);
    expect(await store.listStates('xai')).toEqual(mine);
    expect(await store.listStates('nowhere')).toEqual([]);
  });

  it('lists changes of one credential, newest first', async () => {
    const change = { upstream: 'openai', credentialId: 'crd_a', model: 'gpt', who: 'r', reason: 'overloaded' };
    for (let index = 0; index < 3; index += 1) {
      await store.appendChange({ ...change, at: NOW + index, from: 'active', to: 'resting', until: NOW + 1_000 });
    }
    await store.appendChange({
      ...change,
      credentialId: 'crd_ab',
      at: NOW,
      from: 'active',
      to: 'resting',
      until: null,
    });
    const page = { limit: 2, cursor: null, nowMs: NOW + 10 };
    const first = await store.listChanges('openai', 'crd_a', page);
    expect(first.changes.map(({ at }) => at)).toEqual([NOW + 2, NOW + 1]);
    const second = await store.listChanges('openai', 'crd_a', { ...page, cursor: first.nextCursor });
    expect(second.changes.map(({ at }) => at)).toEqual([NOW]);
    expect(second.nextCursor).toBeNull();
    // What is past its days is not listed, whether or not it is collected by then.
    const later = { ...page, nowMs: NOW + 30 * 86_400_000 + 1 };
    expect((await store.listChanges('openai', 'crd_a', later)).changes.map(({ at }) => at)).toEqual([NOW + 2, NOW + 1]);
  });

  it('keeps to partitions that the relay may write to; changes have a time to live', async () => {
    const client = createSignedTableClient({ aws: embedded.aws });
    const page = await client.scan({ table: embedded.tables.vault });
    expect(page.items.length).toBeGreaterThan(5);
    for (const item of page.items) expect(item['pk']).toMatch(/^pool(Log)?#/);
    const changes = page.items.filter((item) => item['t'] === 'poolChange');
    expect(changes.map(({ ttl }) => ttl)).toEqual(changes.map(() => expect.any(Number)));
    await client.close();
  });
});
