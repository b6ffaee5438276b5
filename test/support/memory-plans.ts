import {
  stateOfCode,
  type PlanDefinition,
  type PlanDefinitionStore,
  type PlanEntitlement,
  type PlanGrantStore,
  type RedemptionCode,
  type RedemptionCodeStore,
} from '../../layers/core/plans/store.ts';
import type { MemoryLedgerAccounts } from './memory-ledger-accounts.ts';

/** Codes in memory, with the outcomes of the table: code and account change together or not at all. */
export function createMemoryRedemptionCodes(
  accounts: MemoryLedgerAccounts,
): RedemptionCodeStore & { rows: Map<string, RedemptionCode> } {
  const rows = new Map<string, RedemptionCode>();
  const grants = createMemoryPlanGrants(accounts);
  return {
    rows,
    async create(codes) {
      if (codes.some(({ code }) => rows.has(code))) return 'taken';
      for (const code of codes) rows.set(code.code, structuredClone(code));
      return 'created';
    },
    find: async (text) => structuredClone(rows.get(text) ?? null),
    async redeem({ code: { code: text }, redemption, entitlement }) {
      const code = rows.get(text) ?? null;
      if (code === null || stateOfCode(code, redemption.at) !== 'unused') {
        return { outcome: 'code-gone', code: structuredClone(code) };
      }
      const given = { entitlement, plan: redemption.plan };
      if ((await grants.replacePlan(redemption.userId, given)) !== 'replaced') return { outcome: 'entitlement-moved' };
      rows.set(text, { ...code, redemption: structuredClone(redemption) });
      return { outcome: 'redeemed' };
    },
    delete: async (text) => rows.delete(text),
    async list({ state, type, prefix, nowMs, limit, cursor }) {
      const isByPrefix = prefix !== null && prefix !== '';
      const place = ({ createdAt, code }: RedemptionCode): string => `${String(createdAt).padStart(15, '0')}#${code}`;
      const fitting = [...rows.values()].filter(
        (code) =>
          (state === null || stateOfCode(code, nowMs) === state) &&
          (type === null || code.type === type) &&
          code.code.startsWith(prefix ?? ''),
      );
      const sorted = isByPrefix
        ? fitting.toSorted((left, right) => (left.code < right.code ? -1 : 1))
        : fitting.toSorted((left, right) => (place(left) < place(right) ? 1 : -1));
      const start = cursor === null ? 0 : sorted.findIndex(({ code }) => code === cursor) + 1;
      const codes = structuredClone(sorted.slice(start, start + limit));
      return { codes, nextCursor: sorted.length > start + limit ? (codes.at(-1)?.code ?? null) : null };
    },
    async count({ type, nowMs }) {
      const counts = { total: 0, unused: 0, used: 0, expired: 0 };
      for (const code of rows.values()) {
        if (type !== null && code.type !== type) continue;
        counts.total += 1;
        counts[stateOfCode(code, nowMs)] += 1;
      }
      return counts;
    },
  };
}

export function createMemoryPlanGrants({ rows }: MemoryLedgerAccounts): PlanGrantStore {
  return {
    async replacePlan(accountId, { entitlement, plan }: { entitlement: number; plan: PlanEntitlement | null }) {
      const account = rows.get(accountId);
      if (account?.entitlement !== entitlement) return 'entitlement-moved';
      rows.set(accountId, { ...account, plan: structuredClone(plan), entitlement: entitlement + 1 });
      return 'replaced';
    },
  };
}

export function createMemoryPlanDefinitions(): PlanDefinitionStore {
  const rows = new Map<string, PlanDefinition>();
  const keyOf = (name: string): string => name.normalize('NFKC').toLowerCase();
  return {
    list: async () =>
      structuredClone([...rows].toSorted(([left], [right]) => (left < right ? -1 : 1)).map(([, plan]) => plan)),
    find: async (name) => structuredClone(rows.get(keyOf(name)) ?? null),
    async create(definition) {
      if (rows.has(keyOf(definition.name))) return 'taken';
      rows.set(keyOf(definition.name), structuredClone(definition));
      return 'created';
    },
    async put(definition) {
      rows.set(keyOf(definition.name), structuredClone(definition));
    },
    delete: async (name) => rows.delete(keyOf(name)),
  };
}
