import type { UsageStats, usageStatsQuery } from '@sluice/contract/usage';
import { roleHas } from '@sluice/core/identity/permissions';
import { readUsage, type UsageQuestion, type UsageReading } from '@sluice/core/metering/read-usage';
import type { UsageScope } from '@sluice/core/metering/usage-log';
import { groupRows, sumRows, type UsageGroup } from '@sluice/core/metering/usage-totals';
import { GatewayError } from '@sluice/kit/errors/gateway-error';
import { inputTokens, outputTokens, totalTokens } from '@sluice/llm/formats/usage-figures';
import type { z } from 'zod';
import { success, type Answer, type Call, type Caller } from '../route.ts';
import type { AdminServices } from '../services.ts';
import { memberOf, usageRangeOf, usageScopeOf, viewParts } from './usage-scope.ts';

type StatsQuery = z.infer<typeof usageStatsQuery>;

const DAY_MS = 24 * 3600_000;
const HOURLY_SERIES_MS = 31 * DAY_MS;
const KEYS_AT_ONCE = 100;

/** Sums from roll-ups, and from events where they are too young to be rolled up. */
export async function showUsageStats(
  services: AdminServices,
  call: Call<undefined, StatsQuery, Caller>,
): Promise<Answer> {
  const { query } = call;
  const scope = await usageScopeOf(services, call.caller.user, query);
  const ofModel = (reading: UsageReading): UsageReading['rows'] =>
    reading.rows.filter(({ row }) => query.model_name === undefined || row.model === query.model_name);
  const ask = async (question: Omit<UsageQuestion, 'range'>, from = 0) => {
    const range = usageRangeOf(query, services.clock());
    const reading = await readUsage(
      services,
      { ...question, range: { ...range, from: Math.max(range.from, from) } },
      services.clock(),
    );
    return { ...reading, rows: ofModel(reading) };
  };
  const whole = await ask(memberOf(scope));
  const sums = sumRows(whole.rows);
  return success({
    total_requests: sums.requests,
    success_requests: sums.succeeded,
    failed_requests: sums.requests - sums.succeeded,
    input_tokens: inputTokens(sums.parts),
    output_tokens: outputTokens(sums.parts),
    cached_tokens: sums.parts.cacheRead,
    total_tokens: totalTokens(sums.parts),
    cost_micros: sums.costMicros,
    avg_duration_ms: sums.requests === 0 ? 0 : Math.round(sums.durationMs / sums.requests),
    parts: viewParts(sums.parts),
    by_model: mostRequestsFirst(groupRows(whole.rows, ({ row }) => row.model)).map((group) => ({
      model: group.name,
      requests: group.sums.requests,
      total_tokens: totalTokens(group.sums.parts),
      cost_micros: group.sums.costMicros,
    })),
    ...(query.group_by && {
      groups: mostRequestsFirst(await groupsOf(services, { ask, scope, caller: call.caller, by: query.group_by })).map(
        (group) => ({ id: group.name, ...viewSums(group) }),
      ),
    }),
    ...(query.series && { series: await seriesOf(services, { ask, scope, query, whole }) }),
    up_to_date: whole.isComplete,
  } satisfies UsageStats);
}

type Ask = (question: Omit<UsageQuestion, 'range'>, from?: number) => Promise<UsageReading>;

async function groupsOf(
  services: AdminServices,
  { ask, scope, caller, by }: { ask: Ask; scope: UsageScope; caller: Caller; by: 'user' | 'key' | 'credential' },
): Promise<UsageGroup[]> {
  if (scope.kind === 'all') {
    const reading = await ask({ dimension: by, member: null });
    return groupRows(reading.rows, ({ row }) => row.member);
  }
  if (by === 'credential' || (by === 'user' && !roleHas(caller.user.role, 'usage:any'))) {
    throw new GatewayError('forbidden', { message: `Sums by ${by} are of all usage, for administrators.` });
  }
  const members =
    by === 'key' ? await keysOf(services, scope) : [scope.kind === 'user' ? scope.userId : caller.user.id];
  const groups = await Promise.all(
    members.map(async (member) => ({ name: member, sums: sumRows((await ask({ dimension: by, member })).rows) })),
  );
  return groups.filter(({ sums }) => sums.requests > 0);
}

async function keysOf(services: AdminServices, scope: Exclude<UsageScope, { kind: 'all' }>): Promise<string[]> {
  if (scope.kind === 'key') return [scope.keyId];
  const keyIds: string[] = [];
  let cursor: string | null = null;
  do {
    const page: Awaited<ReturnType<typeof services.identity.listKeysOfOwner>> = await services.identity.listKeysOfOwner(
      scope.userId,
      { limit: KEYS_AT_ONCE, cursor },
    );
    keyIds.push(...page.items.map((key) => key.id));
    cursor = page.nextCursor;
  } while (cursor !== null);
  return keyIds;
}

async function seriesOf(
  services: AdminServices,
  { ask, scope, query, whole }: { ask: Ask; scope: UsageScope; query: StatsQuery; whole: UsageReading },
): Promise<UsageStats['series']> {
  const { to } = usageRangeOf(query, services.clock());
  const grain = query.series === 'hour' ? 'hour' : 'day';
  const reading = grain === 'hour' ? await ask({ ...memberOf(scope), coarsest: 'hour' }, to - HOURLY_SERIES_MS) : whole;
  return groupRows(reading.rows, ({ at }) => new Date(reading.grid.startOf(grain, at)).toISOString())
    .toSorted((left, right) => (left.name < right.name ? -1 : 1))
    .map((group) => ({ start: group.name, ...viewSums(group) }));
}

function mostRequestsFirst(groups: UsageGroup[]): UsageGroup[] {
  return groups.toSorted((left, right) => right.sums.requests - left.sums.requests);
}

function viewSums({ sums }: UsageGroup) {
  return {
    requests: sums.requests,
    success_requests: sums.succeeded,
    total_tokens: totalTokens(sums.parts),
    cost_micros: sums.costMicros,
  };
}
