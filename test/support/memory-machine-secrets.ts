import {
  useName,
  type MachineSecret,
  type MachineSecretStore,
  type MachineSecretUses,
} from '../../layers/core/credentials/vending/machine-secret.ts';

export interface MemoryMachineSecrets extends MachineSecretStore, MachineSecretUses {
  rows: Map<string, MachineSecret>;
  /** How often all were read. */
  lists: number;
  uses: Map<string, number>;
}

export function createMemoryMachineSecrets(seed: readonly MachineSecret[] = []): MemoryMachineSecrets {
  const rows = new Map(seed.map((secret) => [secret.name, structuredClone(secret)]));
  const store: MemoryMachineSecrets = {
    rows,
    lists: 0,
    uses: new Map(),
    async list() {
      store.lists += 1;
      return structuredClone([...rows.values()]);
    },
    find: async (name) => structuredClone(rows.get(name) ?? null),
    async put(secret) {
      if ((rows.get(secret.name)?.revision ?? 0) !== secret.revision - 1) return false;
      rows.set(secret.name, structuredClone(secret));
      return true;
    },
    delete: async (name) => rows.delete(name),
    listUses: async () => new Map(store.uses),
    noteUse: async (digest, at) => void store.uses.set(useName(digest), at),
  };
  return store;
}
