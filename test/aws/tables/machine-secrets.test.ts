import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createSdkTableClient } from '../../../layers/aws/sdk-table-client.ts';
import { createMachineSecretStore } from '../../../layers/aws/tables/machine-secrets.ts';
import { useName, type MachineSecret } from '../../../layers/core/credentials/vending/machine-secret.ts';
import { startEmbeddedTables, type EmbeddedTables } from '../../support/embedded-tables.ts';

let embedded: EmbeddedTables;
let store: ReturnType<typeof createMachineSecretStore>;
let close: () => Promise<void>;
beforeAll(async () => {
  embedded = await startEmbeddedTables();
  const client = createSdkTableClient({ aws: embedded.aws });
  store = createMachineSecretStore(client, embedded.tables.vault);
  close = () => client.close();
});
afterAll(async () => {
  await close();
  await embedded.close();
});

const value = (digest: string) => ({ digest, pepperVersion: 'v1', preview: 'sk-m…', createdAt: 1 });

function aSecret(name: string, change: Partial<MachineSecret> = {}): MachineSecret {
  const rest = { enabled: true, requestsPerMinute: 600, previous: null, revision: 1, createdAt: 1, updatedAt: 1 };
  return { name, current: value(`digest-of-${name}`), ...rest, ...change };
}

describe('machine secrets', () => {
  it('come back as they were put, with and without a value before', async () => {
    const plain = aSecret('plain');
    const rotated = aSecret('a name / with marks', { previous: { ...value('before'), validUntil: 9 } });
    expect([await store.put(plain), await store.put(rotated)]).toEqual([true, true]);
    expect([await store.find('plain'), await store.find('a name / with marks')]).toEqual([plain, rotated]);
    expect((await store.list()).map(({ name }) => name).toSorted()).toEqual(['a name / with marks', 'plain']);
    expect(await store.find('nobody')).toBeNull();
    expect([await store.delete('plain'), await store.delete('plain')]).toEqual([true, false]);
    expect(await store.find('plain')).toBeNull();
  });

  it('of one name are one, and of two changes of the same one only the first is made', async () => {
    expect(await store.put(aSecret('one'))).toBe(true);
    expect(await store.put(aSecret('one', { current: value('other') }))).toBe(false);
    const changes = ['x', 'y'].map((digest) => store.put(aSecret('one', { revision: 2, current: value(digest) })));
    expect((await Promise.all(changes)).toSorted()).toEqual([false, true]);
    expect(await store.put(aSecret('gone', { revision: 2 }))).toBe(false);
  });

  it('tell when each value was last presented', async () => {
    await store.noteUse('digest-that-is-longer-than-its-name-in-the-list', 5);
    await store.noteUse('digest-that-is-longer-than-its-name-in-the-list', 7);
    const uses = await store.listUses();
    expect(uses.get(useName('digest-that-is-longer-than-its-name-in-the-list'))).toBe(7);
  });
});
