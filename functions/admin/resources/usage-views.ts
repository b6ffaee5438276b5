import type { UsageQuotas, UsageViewQuery, WhoseQuery, TotalsQuery } from '@sluice/contract/usage-views';
import { microsToDollars } from '@sluice/contract/money';
import { roleHas } from '@sluice/core/identity/permissions';
import type { User } from '@sluice/core/identity/store';
import { GRAIN_MS, type RollUpRow } from '@sluice/core/metering/roll-up';
import { groupRows, sumRows } from '@sluice/core/metering/usage-totals';
import { totalTokens } from '@sluice/llm/formats/usage-figures';
import { success, type Answer, type Call, type Caller } from '../route.ts';
import type { AdminServices } from '../services.ts';
import { keysOf, limitsBinding, type NamedLimit } from './ledger-accounts.ts';
import { viewUserPlan } from './plans.ts';
import { nameMembers } from './usage-names.ts';
import { bucketsOf, dateOf, isoTime, readLifetime, readPeriod, type SumsOf } from './usage-periods.ts';
import { memberOf, usageScopeOf } from './usage-scope.ts';
import { withDeletedKeys } from './usage-stats.ts';
import { mostFirst, viewSums } from './view-sums.ts';

const TOP_MODELS = 10;
const TOP_MEMBERS = 50;

type Rows = { at: number; row: RollUpRow }[];

/** What was used today, lately and ever. */
export async function showSummary(
  services: AdminServices,
  { query, caller }: Call<undefined, WhoseQuery, Caller>,
): Promise<Answer> {
  return success(await summaryOf(services, await whoseSums(services, caller, query)));
}

export async function summaryOf(services: AdminServices, whose: SumsOf) {
  const { rows, grid, isComplete } = await readLifetime(services, whose);
  const today = grid.startOf('day', services.clock());
  const since = (days: number): Rows => rows.filter(({ at }) => at >= today - (days - 1) * GRAIN_MS.day);
  return {
    today: viewSums(sumRows(since(1))),
    last_7_days: viewSums(sumRows(since(7))),
    last_30_days: viewSums(sumRows(since(30))),
    lifetime: viewSums(sumRows(rows)),
    top_models: mostFirst(byModel(since(30)), 'cost')
      .slice(0, TOP_MODELS)
      .map(viewOfModel),
    up_to_date: isComplete,
  };
}

/** What limits the caller, or a user, at this moment. */
export async function showQuotas(
  services: AdminServices,
  { query, caller }: Call<undefined, WhoseQuery, Caller>,
): Promise<Answer> {
  const scope = await usageScopeOf(services, caller.user, query);
  const userId = scope.kind === 'user' ? scope.userId : caller.user.id;
  const user = userId === caller.user.id ? caller.user : await services.identity.findUserById(userId);
  return success(await quotasOf(services, userId, user));
}

/** @param user null when there is none any more */
export async function quotasOf(services: AdminServices, userId: string, user: User | null): Promise<UsageQuotas> {
  const account = await services.accounts.read(userId, { consistent: true });
  const bound = user ? await limitsBinding(services, user, account) : [];
  const limits = bound.map((limit) => viewLimit(limit, account?.counters[limit.counter] ?? 0));
  const ofTokens = bound.findIndex(({ letter }) => letter === 'p' || letter === 'T');
  const tokens = limits[ofTokens];
  return {
    quota: tokens
      ? {
          source: tokens.owner === 'plan' ? 'plan' : 'role',
          limit: tokens.limit,
          used: tokens.used,
          remaining: tokens.remaining,
          resets_at: tokens.resets_at,
        }
      : null,
    plan: viewUserPlan(account, services.clock()),
    limits,
  };
}

function viewLimit({ owner, key, label, limit, resetAt }: NamedLimit, used: number): UsageQuotas['limits'][number] {
  const remaining = Math.max(0, limit - used);
  return { owner, key, label, limit, used, remaining, resets_at: resetAt === null ? null : isoTime(resetAt) };
}

/** What was used over a time, by day, model and key. */
export async function showConsumption(
  services: AdminServices,
  { query, caller }: Call<undefined, UsageViewQuery, Caller>,
): Promise<Answer> {
  const whose = await whoseSums(services, caller, query);
  const reading = await readPeriod(services, whose, query.timeRange);
  const buckets = bucketsOf(reading, { grain: 'day', from: reading.from, now: services.clock() });
  return success({
    period: query.timeRange,
    total: viewSums(sumRows(reading.rows)),
    by_day: buckets.map(({ start, sums }) => ({
      date: dateOf(reading.grid, start),
      start: isoTime(start),
      ...viewSums(sums),
    })),
    by_model: mostFirst(byModel(reading.rows), 'cost').map(viewOfModel),
    by_key: await byKey(services, whose, { rows: reading.rows, period: query.timeRange }),
    up_to_date: reading.isComplete,
  });
}

/** What each upstream account was used for: everybody's, so for administrators; others have none of their own here. */
export async function showAccounts(
  services: AdminServices,
  { query, caller }: Call<undefined, UsageViewQuery, Caller>,
): Promise<Answer> {
  const { timeRange: period } = query;
  await whoseSums(services, caller, query);
  if (!roleHas(caller.user.role, 'usage:any')) return success({ period, accounts: [] });
  const { rows } = await readPeriod(services, { dimension: 'credential', member: null }, period);
  const groups = mostFirst(
    groupRows(rows, ({ row }) => row.member),
    'cost',
  );
  return success({
    period,
    accounts: groups.map(({ name, sums }) => ({ id: name, name: null, ...viewSums(sums) })),
  });
}

/** Sums of all time, and what they are made of. */
export async function showTotals(
  services: AdminServices,
  { query, caller }: Call<undefined, TotalsQuery, Caller>,
): Promise<Answer> {
  const seesAll = roleHas(caller.user.role, 'usage:any');
  // An administrator's dashboard is everybody's unless it asks for one user.
  const scope = seesAll && query.user === undefined ? ('all' as const) : query.scope;
  const whose = await whoseSums(services, caller, { ...query, scope });
  const [lifetime, reading] = await Promise.all([
    readLifetime(services, whose),
    readPeriod(services, whose, query.timeRange),
  ]);
  const sums = sumRows(lifetime.rows);
  const buckets = bucketsOf(reading, { grain: 'day', from: reading.from, now: services.clock() });
  return success({
    requests: sums.requests,
    tokens: totalTokens(sums.parts),
    errors: sums.requests - sums.succeeded,
    cost: microsToDollars(sums.costMicros),
    period: query.timeRange,
    by_key: await byKey(services, whose, { rows: reading.rows, period: query.timeRange }),
    by_model: mostFirst(byModel(reading.rows), 'requests').map(viewOfModel),
    by_day: buckets.map((one) => ({
      date: dateOf(reading.grid, one.start),
      start: isoTime(one.start),
      ...viewSums(one.sums),
    })),
    accounts: seesAll ? await countCredentials(services) : null,
    workers: null,
  });
}

async function countCredentials(services: AdminServices): Promise<{ total: number; enabled: number }> {
  const upstreams = await services.vault.listUpstreams();
  const lists = await Promise.all(upstreams.map(({ name }) => services.vault.listCredentials(name)));
  const all = lists.flat();
  return { total: all.length, enabled: all.filter(({ enabled }) => enabled).length };
}

async function whoseSums(services: AdminServices, caller: Caller, query: WhoseQuery): Promise<SumsOf> {
  return memberOf(await usageScopeOf(services, caller.user, query));
}

/** @param rows what the keys' sums add up to */
async function byKey(services: AdminServices, whose: SumsOf, { rows, period }: { rows: Rows; period: string }) {
  const groups =
    whose.dimension === 'user' && whose.member !== null
      ? withDeletedKeys(await sumsOfKeys(services, whose.member, period), sumRows(rows))
      : groupRows(
          (await readPeriod(services, { dimension: 'key', member: null }, period)).rows,
          ({ row }) => row.member,
        );
  const sorted = mostFirst(groups, 'cost').slice(0, TOP_MEMBERS);
  const names = await nameMembers(
    services,
    'key',
    sorted.map(({ name }) => name),
  );
  return sorted.map(({ name, sums }) => ({ id: name, name: names.get(name) ?? null, ...viewSums(sums) }));
}

async function sumsOfKeys(services: AdminServices, userId: string, period: string) {
  const keys = await keysOf(services, userId);
  const groups = await Promise.all(
    keys.map(async ({ id }) => ({
      name: id,
      sums: sumRows((await readPeriod(services, { dimension: 'key', member: id }, period)).rows),
    })),
  );
  return groups.filter(({ sums }) => sums.requests > 0);
}

export function byModel(rows: Rows) {
  return groupRows(rows, ({ row }) => row.model);
}

function viewOfModel({ name, sums }: ReturnType<typeof byModel>[number]) {
  return { model: name, ...viewSums(sums) };
}
