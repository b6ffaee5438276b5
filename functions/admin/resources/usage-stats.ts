import { microsToDollars } from '@sluice/contract/money';
import type { UsageStats, UsageStatsQuery } from '@sluice/contract/usage';
import { roleHas } from '@sluice/core/identity/permissions';
import { readUsage } from '@sluice/core/metering/read-usage';
import { addSums, noSums, subtractSums, type UsageSums } from '@sluice/core/metering/roll-up';
import type { UsageScope } from '@sluice/core/metering/usage-log';
import { groupRows, sumRows, type UsageGroup } from '@sluice/core/metering/usage-totals';
import { GatewayError } from '@sluice/kit/errors/gateway-error';
import { inputTokens, outputTokens, totalTokens } from '@sluice/llm/formats/usage-figures';
import { success, type Answer, type Call, type Caller } from '../route.ts';
import type { AdminServices } from '../services.ts';
import { keysOf } from './ledger-accounts.ts';
import { nameMembers } from './usage-names.ts';
import { createUsageReader, type UsageReader, type UsageSelection } from './usage-reader.ts';
import { usageFilterOf, usageRangeOf, usageScopeOf, viewParts } from './usage-scope.ts';
import { mostFirst, viewSums } from './view-sums.ts';

const DAY_MS = 24 * 3600_000;
const HOURLY_SERIES_MS = 31 * DAY_MS;

/** Sums from roll-ups, and from events where they are too young to be rolled up or no roll-up knows what is asked. */
export async function showUsageStats(
  services: AdminServices,
  call: Call<undefined, UsageStatsQuery, Caller>,
): Promise<Answer> {
  const { query, caller } = call;
  const selection: UsageSelection = {
    scope: await usageScopeOf(services, caller.user, query),
    filter: usageFilterOf(query),
    range: usageRangeOf(query, services.clock()),
  };
  const reader = createUsageReader(services, selection);
  const whole = await reader.whole();
  const sums = sumRows(whole.rows);
  const by = query.group_by;
  const groups =
    by && (await viewGroups(services, { ...query, by }, await groupsOf(services, { reader, selection, caller, by })));
  return success({
    total_requests: sums.requests,
    success_requests: sums.succeeded,
    failed_requests: sums.requests - sums.succeeded,
    input_tokens: inputTokens(sums.parts),
    output_tokens: outputTokens(sums.parts),
    cached_tokens: sums.parts.cacheRead,
    total_tokens: totalTokens(sums.parts),
    cost_micros: sums.costMicros,
    total_cost: microsToDollars(sums.costMicros),
    total_quota_consumed: null,
    avg_duration_ms: sums.requests === 0 ? 0 : Math.round(sums.durationMs / sums.requests),
    parts: viewParts(sums.parts),
    by_model: mostFirst(
      groupRows(whole.rows, ({ row }) => row.model),
      'requests',
    ).map((group) => ({
      model: group.name,
      requests: group.sums.requests,
      total_tokens: totalTokens(group.sums.parts),
      cost_micros: group.sums.costMicros,
    })),
    ...(groups && { groups }),
    ...(groups &&
      by === 'config_type' && {
        by_config_type: groups.map(({ id, name: _name, ...one }) => ({ config_type: id, ...one })),
      }),
    ...(query.series && { series: await seriesOf(reader, query.series, selection) }),
    up_to_date: whole.isComplete,
  } satisfies UsageStats);
}

type GroupBy = NonNullable<UsageStatsQuery['group_by']>;

async function viewGroups(
  services: AdminServices,
  { by, sort, top }: Pick<UsageStatsQuery, 'sort' | 'top'> & { by: GroupBy },
  groups: UsageGroup[],
) {
  const sorted = mostFirst(groups, sort).slice(0, top);
  const names = await nameMembers(
    services,
    by,
    sorted.map((group) => group.name),
  );
  return sorted.map((group) => ({ id: group.name, name: names.get(group.name) ?? null, ...viewSums(group.sums) }));
}

const DIMENSIONS = {
  user: 'user',
  key: 'key',
  credential: 'credential',
  upstream: 'credential',
  client_app: 'app',
  config_type: 'format',
} as const;

async function groupsOf(
  services: AdminServices,
  { reader, selection, caller, by }: { reader: UsageReader; selection: UsageSelection; caller: Caller; by: GroupBy },
): Promise<UsageGroup[]> {
  const isOfPool = by === 'credential' || by === 'upstream';
  if ((isOfPool || by === 'user') && !roleHas(caller.user.role, 'usage:any')) {
    throw new GatewayError('forbidden', { message: `Sums by ${by} are of all usage, for administrators.` });
  }
  if (by === 'model') return groupRows((await reader.whole()).rows, ({ row }) => row.model);
  const { scope } = selection;
  if (by === 'key' && scope.kind === 'user' && reader.isSummed) {
    const whole = sumRows((await reader.whole()).rows);
    return withDeletedKeys(await groupsOfKeys(services, scope, selection), whole);
  }
  const { rows } = await reader.members(DIMENSIONS[by]);
  return groupRows(rows, ({ row }) => (by === 'upstream' ? (row.member.split('/', 1)[0] ?? '') : row.member));
}

async function groupsOfKeys(
  services: AdminServices,
  scope: Extract<UsageScope, { kind: 'user' }>,
  { range, filter }: UsageSelection,
): Promise<UsageGroup[]> {
  const groups = await Promise.all(
    (await keysOf(services, scope.userId)).map(async ({ id: member }) => {
      const reading = await readUsage(services, { dimension: 'key', member, range }, services.clock());
      const rows = reading.rows.filter(({ row }) => filter.model === undefined || row.model === filter.model);
      return { name: member, sums: sumRows(rows) };
    }),
  );
  return groups.filter(({ sums }) => sums.requests > 0);
}

/** Nobody keeps a list of deleted keys: what is missing of the whole is theirs, under no id. */
export function withDeletedKeys(groups: readonly UsageGroup[], whole: UsageSums): UsageGroup[] {
  const rest = noSums();
  addSums(rest, whole);
  for (const { sums } of groups) subtractSums(rest, sums);
  return rest.requests > 0 ? [...groups, { name: '', sums: rest }] : [...groups];
}

async function seriesOf(
  reader: UsageReader,
  grain: 'day' | 'hour',
  { range }: UsageSelection,
): Promise<UsageStats['series']> {
  const hours = { coarsest: 'hour', from: range.to - HOURLY_SERIES_MS } as const;
  const reading = await reader.whole(grain === 'hour' ? hours : {});
  return groupRows(reading.rows, ({ at }) => new Date(reading.grid.startOf(grain, at)).toISOString())
    .toSorted((left, right) => (left.name < right.name ? -1 : 1))
    .map((group) => ({ start: group.name, ...viewSums(group.sums) }));
}
