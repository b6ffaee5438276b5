import { mapLimited } from '@sluice/kit/async/map-limited';
import type { Settings } from '../catalog/store.ts';
import type { Credential } from '../credentials/store.ts';
import type { IdentityStore } from '../identity/store.ts';
import type { LedgerAccountStore } from '../metering/account-store.ts';
import { ACCOUNT_SCOPE, counterName, keyScope } from '../metering/measures.ts';
import { limitsOfUser } from '../metering/role-limits.ts';
import type { RollUpRow } from '../metering/roll-up.ts';
import { windowAt } from '../metering/windows.ts';

/*
 * How much of their monthly budgets is used: of every credential that has one, and of the users and keys that asked for
 * something lately, since nobody else's use has grown.
 */

export interface BudgetDeps {
  accounts: Pick<LedgerAccountStore, 'read'>;
  identity: Pick<IdentityStore, 'findUserById' | 'findKeyById'>;
  readSettings: () => Promise<Settings>;
  /** Minutes east of UTC that months follow. */
  timeZoneOffsetMinutes: number;
}

export interface BudgetInUse {
  /** `credential <upstream>/<name>`, `user <name>`, `key <name> (<id>)`. */
  name: string;
  usedPercent: number;
}

interface Budget {
  name: string;
  accountId: string;
  scope: string;
  limitMicros: number;
}

/** Of the users and of the keys, those that cost most. */
const MOST_MEMBERS = 25;
const AT_ONCE = 8;

export async function budgetsInUse(
  deps: BudgetDeps,
  given: { credentials: readonly Credential[]; rows: readonly RollUpRow[]; now: number },
): Promise<BudgetInUse[]> {
  const budgets = [
    ...given.credentials.flatMap(budgetOfCredential),
    ...(await budgetsOfUsers(deps, given.rows)),
    ...(await budgetsOfKeys(deps, given.rows)),
  ];
  const measured = await mapLimited(budgets, AT_ONCE, (budget) => useOf(deps, budget, given.now));
  return measured.filter((one) => one !== null);
}

async function useOf(deps: BudgetDeps, budget: Budget, now: number): Promise<BudgetInUse | null> {
  const account = await deps.accounts.read(budget.accountId, { consistent: false });
  if (!account) return null;
  const month = windowAt('month', now, {
    createdAt: account.createdAt ?? 0,
    offsetMinutes: deps.timeZoneOffsetMinutes,
  });
  const used = account.counters[counterName('m', budget.scope, month.name)] ?? 0;
  return { name: budget.name, usedPercent: (100 * used) / budget.limitMicros };
}

function budgetOfCredential({ id, upstream, name, limits }: Credential): Budget[] {
  return budgetOf(`credential ${upstream}/${name}`, `credential:${id}`, ACCOUNT_SCOPE, limits.budgetMicrosPerMonth);
}

async function budgetsOfUsers(deps: BudgetDeps, rows: readonly RollUpRow[]): Promise<Budget[]> {
  const members = dearest(rows, 'user');
  if (members.length === 0) return [];
  const settings = await deps.readSettings();
  const budgets = await mapLimited(members, AT_ONCE, async (userId) => {
    const user = await deps.identity.findUserById(userId);
    if (!user) return [];
    return budgetOf(`user ${user.username}`, userId, ACCOUNT_SCOPE, limitsOfUser(settings, user).budgetMicrosPerMonth);
  });
  return budgets.flat();
}

async function budgetsOfKeys(deps: BudgetDeps, rows: readonly RollUpRow[]): Promise<Budget[]> {
  const budgets = await mapLimited(dearest(rows, 'key'), AT_ONCE, async (keyId) => {
    const key = await deps.identity.findKeyById(keyId);
    if (!key) return [];
    return budgetOf(`key ${key.name} (${key.id})`, key.ownerId, keyScope(key.id), key.limits.budgetMicrosPerMonth);
  });
  return budgets.flat();
}

function budgetOf(name: string, accountId: string, scope: string, limit: number | null | undefined): Budget[] {
  // 0 blocks and -1 is no limit: neither comes near an end.
  return limit === null || limit === undefined || limit <= 0 ? [] : [{ name, accountId, scope, limitMicros: limit }];
}

function dearest(rows: readonly RollUpRow[], dimension: 'user' | 'key'): string[] {
  const costs = new Map<string, number>();
  for (const row of rows) {
    if (row.dimension === dimension) costs.set(row.member, (costs.get(row.member) ?? 0) + row.sums.costMicros);
  }
  return [...costs]
    .toSorted(([, left], [, right]) => right - left)
    .slice(0, MOST_MEMBERS)
    .map(([member]) => member);
}
