import { microsToDollars } from '@sluice/contract/money';
import type { UserUsage, UsageViewQuery } from '@sluice/contract/usage-views';
import { GRAIN_MS, type UsageSums } from '@sluice/core/metering/roll-up';
import { TIME_SLICE_MS } from '@sluice/core/metering/store';
import { readLogPage, type TimeRange } from '@sluice/core/metering/usage-log';
import { sumRows } from '@sluice/core/metering/usage-totals';
import { totalTokens } from '@sluice/llm/formats/usage-figures';
import { success, type Answer, type Call, type Caller } from '../route.ts';
import type { AdminServices } from '../services.ts';
import { keysOf } from './ledger-accounts.ts';
import { viewEvents } from './usage-page.ts';
import { bucketsOf, dateOf, isoTime, readPeriod, type SumsOf } from './usage-periods.ts';
import { usageScopeOf } from './usage-scope.ts';
import { byModel, quotasOf, summaryOf } from './usage-views.ts';
import { mostFirst } from './view-sums.ts';
import { viewUser } from './view-user.ts';

const TOP_MODELS = 10;
const MOST_HISTORY = 100;
const MOST_RECENT = 10;
/** The running hour and those before it. */
const HOURS = '24h';

/** The usage page of the caller, or of a user for an administrator. */
export async function showUserUsage(
  services: AdminServices,
  call: Call<undefined, UsageViewQuery, Caller>,
): Promise<Answer> {
  const { query, caller } = call;
  const scope = await usageScopeOf(services, caller.user, { ...query, scope: 'own' });
  const userId = scope.kind === 'user' ? scope.userId : caller.user.id;
  const user = userId === caller.user.id ? caller.user : await services.identity.findUserById(userId);
  const { usage, range } = await usageOf(services, userId, query.timeRange);
  const { quota, limits, plan } = await quotasOf(services, userId, user);
  const history = await recentRows(services, caller, { userId, range, limit: MOST_HISTORY });
  const data: UserUsage = { usage, quota, limits, plan, history };
  // Older readers look for the members beside `success`.
  return success(data, data);
}

export async function showDashboard(
  services: AdminServices,
  { caller }: Call<undefined, Record<string, never>, Caller>,
): Promise<Answer> {
  const { user } = caller;
  const range = { from: 0, to: services.clock() + TIME_SLICE_MS };
  const keys = await keysOf(services, user.id);
  return success({
    user: viewUser(user),
    usage: await summaryOf(services, { dimension: 'user', member: user.id }),
    ...(await quotasOf(services, user.id, user)),
    keys: { total: keys.length, enabled: keys.filter((key) => key.enabled).length },
    recent: await recentRows(services, caller, { userId: user.id, range, limit: MOST_RECENT }),
  });
}

async function usageOf(
  services: AdminServices,
  userId: string,
  period: string,
): Promise<{ usage: UserUsage['usage']; range: TimeRange }> {
  const whose: SumsOf = { dimension: 'user', member: userId };
  const now = services.clock();
  const [reading, lastDay] = await Promise.all([
    readPeriod(services, whose, period),
    readPeriod(services, whose, HOURS),
  ]);
  const sums = sumRows(reading.rows);
  const days = bucketsOf(reading, { grain: 'day', from: reading.from, now });
  const hours = bucketsOf(lastDay, { grain: 'hour', from: lastDay.from, now });
  const { requests, succeeded } = sums;
  return {
    range: { from: reading.from, to: now + TIME_SLICE_MS },
    usage: {
      period,
      totalRequests: requests,
      totalTokens: totalTokens(sums.parts),
      totalCost: microsToDollars(sums.costMicros),
      successfulRequests: succeeded,
      failedRequests: requests - succeeded,
      averageResponseTime: requests === 0 ? null : Math.round(sums.durationMs / requests),
      successRate: requests === 0 ? null : succeeded / requests,
      topModels: mostFirst(byModel(reading.rows), 'cost')
        .slice(0, TOP_MODELS)
        .map((group) => ({ model: group.name, ...pointOf(group.sums) })),
      dailyUsage: days.map((day) => ({ date: dateOf(reading.grid, day.start), ...pointOf(day.sums) })),
      hourlyUsage: hours.map((hour) => ({ hour: isoTime(hour.start), ...pointOf(hour.sums) })),
    },
  };
}

function pointOf(sums: UsageSums): { requests: number; tokens: number; cost: number } {
  return { requests: sums.requests, tokens: totalTokens(sums.parts), cost: microsToDollars(sums.costMicros) };
}

async function recentRows(
  services: AdminServices,
  caller: Caller,
  { userId, range, limit }: { userId: string; range: TimeRange; limit: number },
) {
  const now = services.clock();
  const { usageLogDays } = await services.catalog.readSettings();
  const kept = { ...range, from: Math.max(range.from, now - (usageLogDays + 1) * GRAIN_MS.day) };
  const lists = { ...services.rollUps, ...services.usage };
  const page = await readLogPage(
    lists,
    { kind: 'user', userId },
    { range: kept, now },
    { limit, offset: 0, cursor: null },
  );
  return viewEvents(services, page.events, caller);
}
