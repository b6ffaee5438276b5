import type { LedgerAccountView } from '@sluice/contract/ledger-accounts';
import { QUOTA_CLASSES } from '@sluice/core/catalog/store';
import type { ApiKey, User } from '@sluice/core/identity/store';
import type { LedgerAccount } from '@sluice/core/metering/account-store';
import { decodeHold } from '@sluice/core/metering/hold-text';
import { limitsInForce, type Limit, type LimitedScope } from '@sluice/core/metering/limits';
import { ACCOUNT_SCOPE, keyScope } from '@sluice/core/metering/measures';
import { limitsOfUser } from '@sluice/core/metering/role-limits';
import { timeOfRequestId } from '@sluice/kit/ids/request-id';
import { notFound } from '../refusal.ts';
import { success, type Answer, type Call, type Caller } from '../route.ts';
import type { AdminServices } from '../services.ts';

/** A user's ledger account, or a credential's (`credential:<id>`). */
export async function showLedgerAccount(
  services: AdminServices,
  call: Call<undefined, Record<string, never>, Caller>,
): Promise<Answer> {
  const id = call.params['id'] ?? '';
  const [account, user] = await Promise.all([
    services.accounts.read(id, { consistent: true }),
    services.identity.findUserById(id),
  ]);
  if (!account && !user) throw notFound('user or ledger account of this id');
  return success(viewAccount(account, { id, limits: user ? await limitsBinding(services, user, account) : [] }));
}

export interface NamedLimit extends Limit {
  key: string | null;
}

function viewAccount(account: LedgerAccount | null, given: { id: string; limits: NamedLimit[] }): LedgerAccountView {
  const { counters = {}, holds = {}, plan = null } = account ?? {};
  return {
    id: given.id,
    createdAt: account?.createdAt ?? null,
    entitlement: account?.entitlement ?? 0,
    plan: plan && { ...plan, expiresAt: isoTime(plan.expiresAt) },
    counters,
    holds: Object.fromEntries(Object.entries(holds).map(([requestId, text]) => [requestId, viewHold(requestId, text)])),
    limits: given.limits.map(({ owner, key, label, counter, limit, resetAt }) => ({
      owner,
      key,
      label,
      counter,
      limit,
      used: counters[counter] ?? 0,
      resetsAt: resetAt === null ? null : isoTime(resetAt),
    })),
  };
}

function viewHold(requestId: string, text: string): LedgerAccountView['holds'][string] {
  const { keyScope: scope, amounts, planId } = decodeHold(text);
  return {
    startedAt: isoTime(timeOfRequestId(requestId) ?? 0),
    key: scope?.slice(2) ?? null,
    ...amounts,
    plan: planId,
  };
}

function isoTime(timeMs: number): string {
  return new Date(timeMs).toISOString();
}

/** What binds at this moment: the role's limits or the plan's, and those of each key. */
export async function limitsBinding(
  services: AdminServices,
  user: User,
  account: LedgerAccount | null,
): Promise<NamedLimit[]> {
  const settings = await services.catalog.readSettings();
  const ofUser: LimitedScope = { owner: 'user', scope: ACCOUNT_SCOPE, limits: limitsOfUser(settings, user) };
  const found = new Map<string, NamedLimit>();
  const note = (key: string | null, scopes: readonly LimitedScope[]): void => {
    for (const limit of limitsNow(services, account, scopes)) {
      if (!found.has(limit.counter)) found.set(limit.counter, { ...limit, key });
    }
  };
  note(null, [ofUser]);
  for (const key of await keysOf(services, user.id)) {
    note(key.name, [{ owner: 'key', scope: keyScope(key.id), limits: key.limits }]);
  }
  return [...found.values()];
}

function limitsNow(services: AdminServices, account: LedgerAccount | null, scopes: readonly LimitedScope[]): Limit[] {
  const timeMs = services.clock();
  const createdAt = account?.createdAt ?? Math.floor(timeMs / 1_000);
  const grid = { createdAt, offsetMinutes: services.timeZoneOffsetMinutes };
  return QUOTA_CLASSES.flatMap((quotaClass) =>
    limitsInForce({ scopes, class: quotaClass, timeMs, plan: account?.plan ?? null, grid }),
  );
}

export async function keysOf(services: AdminServices, ownerId: string): Promise<ApiKey[]> {
  const keys: ApiKey[] = [];
  let cursor: string | null = null;
  do {
    const page: Awaited<ReturnType<typeof services.identity.listKeysOfOwner>> = await services.identity.listKeysOfOwner(
      ownerId,
      { limit: 100, cursor },
    );
    keys.push(...page.items);
    cursor = page.nextCursor;
  } while (cursor !== null);
  return keys;
}
