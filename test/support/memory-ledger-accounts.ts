import type {
  AccountPass,
  AccountPassStore,
  LedgerAccount,
  LedgerAccountStore,
} from '../../layers/core/metering/account-store.ts';

export interface MemoryLedgerAccounts extends LedgerAccountStore, AccountPassStore {
  rows: Map<string, LedgerAccount>;
}

/** Ledger accounts in memory, with the outcomes of the table: each write is all or nothing. */
export function createMemoryLedgerAccounts(seed: LedgerAccount[] = []): MemoryLedgerAccounts {
  const rows = new Map(seed.map((account) => [account.id, structuredClone(account)]));
  let pass: AccountPass | null = null;
  const add = (account: LedgerAccount, additions: readonly { name: string; amount: number }[]): LedgerAccount => {
    const counters = { ...account.counters };
    for (const { name, amount } of additions) counters[name] = (counters[name] ?? 0) + amount;
    return { ...account, counters };
  };
  const keep = (account: LedgerAccount): LedgerAccount => {
    rows.set(account.id, account);
    return structuredClone(account);
  };
  return {
    rows,
    async admit({ accountId, requestId, hold, entitlement, counters, mostHolds }) {
      const account = rows.get(accountId);
      const isFit =
        account?.whole === true &&
        !(requestId in account.holds) &&
        Object.keys(account.holds).length < mostHolds &&
        account.entitlement === entitlement &&
        counters.every(({ name, room }) => account.counters[name] === undefined || account.counters[name] <= room);
      if (!isFit) return { outcome: 'refused', account: account ? structuredClone(account) : null };
      const held = { ...add(account, counters), holds: { ...account.holds, [requestId]: hold } };
      return { outcome: 'admitted', account: keep(held) };
    },
    async settle({ accountId, requestId, additions, removals }) {
      const account = rows.get(accountId);
      if (account?.holds[requestId] === undefined) return 'not-held';
      const { [requestId]: _gone, ...holds } = account.holds;
      const settled = add({ ...account, holds }, additions);
      const kept = Object.entries(settled.counters).filter(([name]) => !removals.includes(name));
      keep({ ...settled, counters: Object.fromEntries(kept) });
      return 'settled';
    },
    async read(accountId) {
      const account = rows.get(accountId);
      return account ? structuredClone(account) : null;
    },
    async ensure(id, createdAt) {
      const account = rows.get(id);
      if (account?.whole) return structuredClone(account);
      const fresh = { id, createdAt, entitlement: 0, plan: null, counters: {}, holds: {} };
      return keep({ ...fresh, ...account, createdAt: account?.createdAt || createdAt, whole: true });
    },
    async list({ limit, cursor }) {
      const ids = [...rows.keys()].toSorted().filter((id) => cursor === null || id > cursor);
      return { items: ids.slice(0, limit), nextCursor: ids.length > limit ? (ids[limit - 1] ?? null) : null };
    },
    readPass: async () => pass,
    async savePass(next) {
      pass = next;
    },
  };
}
