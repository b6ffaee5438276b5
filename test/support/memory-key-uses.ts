import { KEY_USE_EVERY_MS, type KeyUseStore } from '../../layers/core/identity/key-uses.ts';

export interface MemoryKeyUses extends KeyUseStore {
  /** Milliseconds since the epoch by key id. */
  rows: Map<string, number>;
}

export function createMemoryKeyUses(): MemoryKeyUses {
  const rows = new Map<string, number>();
  return {
    rows,
    async noteUse(keyId, atMs) {
      if (atMs - (rows.get(keyId) ?? -Infinity) >= KEY_USE_EVERY_MS) rows.set(keyId, atMs);
    },
    lastUses: async (keyIds) => new Map([...rows].filter(([keyId]) => keyIds.includes(keyId))),
  };
}
