import type { PoolChange, PoolState, PoolStateStore } from '../../layers/core/credentials/pool-state.ts';

export interface MemoryPoolStates extends PoolStateStore {
  rows: Map<string, PoolState>;
  changes: PoolChange[];
  /** Calls of each operation. */
  readonly counts: { reads: number; writes: number };
}

/** The pool's states in memory, under the same rule as in the table: a version is written once. */
export function createMemoryPoolStates(): MemoryPoolStates {
  const rows = new Map<string, PoolState>();
  const changes: PoolChange[] = [];
  const counts = { reads: 0, writes: 0 };
  const keyOf = ({ upstream, credentialId, model }: PoolState): string => `${upstream}\n${credentialId}\n${model}`;
  return {
    rows,
    changes,
    counts,
    async listStates(upstream) {
      counts.reads += 1;
      return structuredClone([...rows.values()].filter((state) => state.upstream === upstream));
    },
    async writeState(state) {
      const current = rows.get(keyOf(state)) ?? null;
      if ((current?.version ?? 0) !== state.version - 1) return { written: false, current: structuredClone(current) };
      counts.writes += 1;
      rows.set(keyOf(state), structuredClone(state));
      return { written: true };
    },
    async appendChange(change) {
      changes.push(structuredClone(change));
    },
    listChanges: async (upstream, credentialId, limit) =>
      structuredClone(
        changes
          .filter((change) => change.upstream === upstream && change.credentialId === credentialId)
          .toReversed()
          .slice(0, limit),
      ),
  };
}
