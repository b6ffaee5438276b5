import { hourOf } from '../../layers/core/sharing/pool-rules.ts';
import type {
  OwnedCredential,
  OwnedCredentialStore,
  PoolAccount,
  PoolChange,
  PoolUse,
  QuotaPoolStore,
} from '../../layers/core/sharing/store.ts';

/** Owned credentials and pool accounts in memory, with the outcomes of the tables: all of a write or nothing. */
export function createMemorySharing(): { owned: OwnedCredentialStore; pools: QuotaPoolStore } {
  const rows = new Map<string, OwnedCredential>();
  const accounts = new Map<string, PoolAccount>();
  const uses = new Map<string, PoolUse>();
  const keyOf = (upstream: string, id: string): string => `${upstream}\n${id}`;
  const apply = (change: PoolChange): boolean => {
    const account = accounts.get(change.userId);
    if (account?.revision !== change.revision) return false;
    const quotas = { ...account.quotas };
    for (const [model, amount] of Object.entries(change.quotas)) quotas[model] = (quotas[model] ?? 0) + amount;
    const shared = { ...account.shared, ...change.shared };
    const { recoveredHour, owed = account.owed } = change;
    accounts.set(change.userId, { ...account, quotas, shared, owed, recoveredHour, revision: account.revision + 1 });
    return true;
  };
  const listed = (fits: (owned: OwnedCredential) => boolean): OwnedCredential[] =>
    structuredClone([...rows.values()].filter(fits));
  const owned: OwnedCredentialStore = {
    find: async (upstream, id) => structuredClone(rows.get(keyOf(upstream, id)) ?? null),
    findMany: async (places) =>
      structuredClone(places.flatMap(({ upstream, credentialId }) => rows.get(keyOf(upstream, credentialId)) ?? [])),
    listOfOwner: async (ownerId) => listed((one) => one.ownerId === ownerId),
    listOfUpstream: async (upstream) => listed((one) => one.upstream === upstream),
    async create(given) {
      const key = keyOf(given.upstream, given.credentialId);
      if (rows.has(key)) return 'exists';
      rows.set(key, structuredClone(given));
      return 'created';
    },
    async move(given, change) {
      const key = keyOf(given.upstream, given.credentialId);
      if (rows.get(key)?.revision !== given.revision - 1) return 'credential-moved';
      if (change !== null && !apply(change)) return 'pool-moved';
      rows.set(key, structuredClone(given));
      return 'moved';
    },
    async delete({ upstream, credentialId, revision }) {
      const stored = rows.get(keyOf(upstream, credentialId));
      if (stored?.revision !== revision || stored.counted.length > 0) return false;
      return rows.delete(keyOf(upstream, credentialId));
    },
  };
  const pools: QuotaPoolStore = {
    find: async (userId) => structuredClone(accounts.get(userId) ?? null),
    async ensure(userId, nowMs) {
      const made: PoolAccount = {
        userId,
        preferShared: false,
        quotas: {},
        shared: {},
        owed: {},
        recoveredHour: hourOf(nowMs),
        revision: 0,
        uses: { sharedRequests: 0, sharedConsumed: 0, privateRequests: 0, privateConsumed: 0 },
        createdAt: nowMs,
      };
      if (!accounts.has(userId)) accounts.set(userId, made);
      return structuredClone(accounts.get(userId) ?? made);
    },
    async prefer(userId, preferShared) {
      const account = accounts.get(userId);
      if (!account) return null;
      accounts.set(userId, { ...account, preferShared });
      return { ...account, preferShared };
    },
    change: async (change) => apply(change),
    async use(use, models) {
      const account = accounts.get(use.userId);
      if (uses.has(use.requestId)) return 'known';
      if (!account) return 'no-account';
      uses.set(use.requestId, structuredClone(use));
      const quotas = { ...account.quotas };
      const kind = use.isShared ? 'shared' : 'private';
      if (use.isShared) for (const model of new Set(models)) quotas[model] = (quotas[model] ?? 0) - use.consumed;
      const totals = { ...account.uses };
      totals[`${kind}Requests`] += 1;
      totals[`${kind}Consumed`] += use.consumed;
      accounts.set(use.userId, { ...account, quotas, uses: totals });
      return 'logged';
    },
    hasUse: async (_userId, requestId) => uses.has(requestId),
    async listUses(userId, { limit, cursor, from, until, nowMs }) {
      const found = [...uses.values()]
        .filter((use) => use.userId === userId && use.expiresAt > nowMs)
        .filter(({ at }) => at >= (from ?? 0) && at < (until ?? Infinity))
        .toSorted((left, right) => (left.requestId < right.requestId ? 1 : -1));
      const start = cursor === null ? 0 : found.findIndex(({ requestId }) => requestId === cursor) + 1;
      const page = found.slice(start, start + limit);
      return { uses: page, nextCursor: found.length > start + limit ? (page.at(-1)?.requestId ?? null) : null };
    },
  };
  return { owned, pools };
}
