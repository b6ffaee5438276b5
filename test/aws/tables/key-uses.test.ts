import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createSignedTableClient } from '../../../layers/aws/signed-table-client.ts';
import type { TableClient } from '../../../layers/aws/table-client.ts';
import { createIdentityStore } from '../../../layers/aws/tables/identity.ts';
import { createKeyUseStore } from '../../../layers/aws/tables/key-uses.ts';
import type { KeyUseStore } from '../../../layers/core/identity/key-uses.ts';
import { aKey } from '../../core/relay/rig.ts';
import { startEmbeddedTables, type EmbeddedTables } from '../../support/embedded-tables.ts';

const NOW = Date.UTC(2026, 10, 21, 12);

describe('last uses of keys', () => {
  let embedded: EmbeddedTables;
  let client: TableClient;
  let store: KeyUseStore;
  beforeAll(async () => {
    embedded = await startEmbeddedTables();
    client = createSignedTableClient({ aws: embedded.aws });
    store = createKeyUseStore(client, embedded.tables.identity);
  });
  afterAll(async () => {
    await client.close();
    await embedded.close();
  });

  it('are written once a minute, whichever process comes first, and never backwards', async () => {
    const usedAt = async () => (await store.lastUses(['key_a'])).get('key_a');
    await Promise.all([NOW, NOW + 5, NOW + 59_999].map((at) => store.noteUse('key_a', at)));
    const first = (await usedAt()) ?? 0;
    expect([NOW, NOW + 5, NOW + 59_999]).toContain(first);
    await store.noteUse('key_a', first + 59_999);
    expect(await usedAt()).toBe(first);
    await store.noteUse('key_a', first + 60_000);
    await store.noteUse('key_a', first);
    expect(await usedAt()).toBe(first + 60_000);
  });

  it('are read for many keys at once; those never used are left out', async () => {
    await store.noteUse('key_b', NOW);
    await store.noteUse('key_c', NOW + 1);
    const names = Array.from({ length: 150 }, (_, index) => `key_${index}`);
    const uses = await store.lastUses(['key_b', 'key_c', 'key_b', 'key_never', ...names]);
    expect([...uses].toSorted()).toEqual([
      ['key_b', NOW],
      ['key_c', NOW + 1],
    ]);
    expect(await store.lastUses([])).toEqual(new Map());
  });

  it('go with their key', async () => {
    const identity = createIdentityStore(client, embedded.tables.identity);
    const key = aKey({ id: 'key_gone' });
    await identity.createKey(key);
    await store.noteUse(key.id, NOW);
    await identity.deleteKey(key.id);
    expect(await store.lastUses([key.id])).toEqual(new Map());
  });
});
