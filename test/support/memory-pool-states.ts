import type { PoolChange, PoolState, PoolStateStore, PoolSubject } from '../../layers/core/credentials/pool-state.ts';

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
  const keyOf = ({ upstream, credentialId, model }: PoolSubject): string => `${upstream}\n${credentialId}\n${model}`;
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
    async listStatesOf(upstream, credentialId) {
      counts.reads += 1;
      const own = [...rows.values()].filter((state) => state.upstream === upstream);
      return structuredClone(own.filter((state) => state.credentialId === credentialId));
    },
    async findStates(subjects) {
      counts.reads += 1;
      const names = new Set(subjects.map((subject) => keyOf(subject)));
      return structuredClone([...rows.values()].filter((state) => names.has(keyOf(state))));
    },
    async listChanges(upstream, credentialId, { limit, cursor }) {
      const own = changes
        .filter((change) => change.upstream === upstream && change.credentialId === credentialId)
        .toReversed();
      const start = Number(cursor ?? 0);
      const nextCursor = own.length > start + limit ? String(start + limit) : null;
      return { changes: structuredClone(own.slice(start, start + limit)), nextCursor };
    },
  };
}
