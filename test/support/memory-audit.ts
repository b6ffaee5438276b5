import type { AuditEntry } from '../../layers/core/audit/entry.ts';
import type { AuditCheckpoint, AuditHead, AuditStore } from '../../layers/core/audit/store.ts';

export interface MemoryAuditStore extends AuditStore {
  /** By key, as stored; tests edit them. */
  rows: Map<string, AuditEntry>;
  state: { head: AuditHead | null; checkpoint: AuditCheckpoint | null };
  entries(): AuditEntry[];
}

export const auditKey = (sequence: number): string => String(sequence).padStart(12, '0');

/** The audit log as the table keeps it, in memory. */
export function createMemoryAuditStore(): MemoryAuditStore {
  const rows = new Map<string, AuditEntry>();
  const state: MemoryAuditStore['state'] = { head: null, checkpoint: null };
  const sorted = (): [string, AuditEntry][] => [...rows].toSorted(([left], [right]) => (left < right ? -1 : 1));
  return {
    rows,
    state,
    entries: () => sorted().map(([, entry]) => structuredClone(entry)),
    readHead: async () => structuredClone(state.head),
    readCheckpoint: async () => structuredClone(state.checkpoint),
    findEntry: async (sequence) => structuredClone(rows.get(auditKey(sequence)) ?? null),
    async append({ entry, seen, next, prune }) {
      const isAsSeen = state.head?.sequence === seen?.sequence && state.head?.hash === seen?.hash;
      if (!isAsSeen || rows.has(auditKey(entry.sequence))) return false;
      rows.set(auditKey(entry.sequence), structuredClone(entry));
      state.head = structuredClone(next);
      if (prune) state.checkpoint = structuredClone(prune.checkpoint);
      for (const sequence of prune?.sequences ?? []) rows.delete(auditKey(sequence));
      return true;
    },
    readRows: async ({ after, limit }) =>
      sorted()
        .filter(([key]) => key > auditKey(after))
        .slice(0, limit)
        .map(([key, entry]) => ({
          key,
          keySequence: /^\d{12}$/.test(key) ? Number(key) : null,
          entry: structuredClone(entry),
        })),
    async list({ actor, action, target, outcomes, from = -Infinity, to = Infinity }, { limit, cursor }) {
      const fitting = sorted()
        .map(([, entry]) => entry)
        .toReversed()
        .filter((entry) => cursor === null || entry.sequence < Number(cursor))
        .filter((entry) => actor === undefined || entry.actorId === actor || entry.actorName === actor)
        .filter((entry) => action === undefined || entry.action.startsWith(action))
        .filter((entry) => target === undefined || entry.target === target)
        .filter((entry) => outcomes === undefined || outcomes.includes(entry.outcome))
        .filter(({ time }) => time >= from && time <= to);
      const entries = structuredClone(fitting.slice(0, limit));
      return { entries, nextCursor: fitting.length > limit ? String(entries.at(-1)?.sequence) : null };
    },
  };
}
