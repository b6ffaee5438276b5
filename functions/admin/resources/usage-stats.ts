import { microsToDollars } from '@sluice/contract/money';
import type { UsageStats, UsageStatsQuery } from '@sluice/contract/usage';
import { roleHas } from '@sluice/core/identity/permissions';
import { readUsage, type UsageReading } from '@sluice/core/metering/read-usage';
import { addSums, noSums, subtractSums, type RollUpRow, type UsageSums } from '@sluice/core/metering/roll-up';
import type { TimeRange, UsageScope } from '@sluice/core/metering/usage-log';
import { groupRows, sumRows, type UsageGroup } from '@sluice/core/metering/usage-totals';
import { GatewayError } from '@sluice/kit/errors/gateway-error';
import { inputTokens, outputTokens, totalTokens } from '@sluice/llm/formats/usage-figures';
import { success, type Answer, type Call, type Caller } from '../route.ts';
import type { AdminServices } from '../services.ts';
import { keysOf } from './ledger-accounts.ts';
import { nameMembers } from './usage-names.ts';
import { createUsageReader, type UsageReader, type UsageSelection, type WholeOptions } from './usage-reader.ts';
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
  const fineness = query.series ? finenessOf(query.series, selection.range) : {};
  // Where a series is of the whole range, its rows are those of the sums too.
  const wholly = fineness.from === undefined ? fineness : {};
  const whole = await reader.whole(wholly);
  const sums = sumRows(whole.rows);
  const by = query.group_by;
  if (by !== undefined) refuseForeignGroups(caller, by);
  const grouping = by && { reader, selection, by, wholly };
  const groups = grouping && (await viewGroups(services, { ...query, by }, await groupsOf(services, grouping)));
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
    ...(query.series &&
      grouping &&
      groups && {
        group_series: await groupSeriesOf(services, {
          ...grouping,
          grain: query.series,
          ids: groups.slice(0, GROUPS_WITH_SERIES).map(({ id }) => id),
        }),
      }),
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

interface Grouping {
  reader: UsageReader;
  selection: UsageSelection;
  by: GroupBy;
  /** How finely the whole range is read. */
  wholly: Fineness;
}

type Fineness = Pick<WholeOptions, 'coarsest' | 'from'>;

function refuseForeignGroups(caller: Caller, by: GroupBy): void {
  const isOfPool = by === 'credential' || by === 'upstream';
  if ((isOfPool || by === 'user') && !roleHas(caller.user.role, 'usage:any')) {
    throw new GatewayError('forbidden', { message: `Sums by ${by} are of all usage, for administrators.` });
  }
}

async function groupsOf(services: AdminServices, { reader, selection, by, wholly }: Grouping): Promise<UsageGroup[]> {
  const { scope } = selection;
  if (by === 'key' && scope.kind === 'user' && reader.isSummed) {
    const whole = sumRows((await reader.whole(wholly)).rows);
    return withDeletedKeys(await groupsOfKeys(services, scope, selection), whole);
  }
  const { rows } = by === 'model' ? await reader.whole(wholly) : await reader.members(DIMENSIONS[by], wholly);
  return groupRows(rows, ({ row }) => groupName(row, by));
}

function groupName({ model, member }: RollUpRow, by: GroupBy): string {
  if (by === 'model') return model;
  return by === 'upstream' ? (member.split('/', 1)[0] ?? '') : member;
}

async function groupsOfKeys(
  services: AdminServices,
  scope: Extract<UsageScope, { kind: 'user' }>,
  selection: UsageSelection,
): Promise<UsageGroup[]> {
  const groups = await Promise.all(
    (await keysOf(services, scope.userId)).map(async ({ id }) => ({
      name: id,
      sums: sumRows((await readKey(services, id, { selection })).rows),
    })),
  );
  return groups.filter(({ sums }) => sums.requests > 0);
}

/** One key's rows. @param selection of which the model holds: for others there are no sums */
async function readKey(
  services: AdminServices,
  member: string,
  { selection, fineness = {} }: { selection: UsageSelection; fineness?: Fineness },
): Promise<Pick<UsageReading, 'rows' | 'grid'>> {
  const { filter } = selection;
  const range = { ...selection.range, from: Math.max(selection.range.from, fineness.from ?? 0) };
  const question = { dimension: 'key', member, range, coarsest: fineness.coarsest } as const;
  const { rows, grid } = await readUsage(services, question, services.clock());
  return { grid, rows: rows.filter(({ row }) => filter.model === undefined || row.model === filter.model) };
}

/** Nobody keeps a list of deleted keys: what is missing of the whole is theirs, under no id. */
export function withDeletedKeys(groups: readonly UsageGroup[], whole: UsageSums): UsageGroup[] {
  const rest = noSums();
  addSums(rest, whole);
  for (const { sums } of groups) subtractSums(rest, sums);
  return rest.requests > 0 ? [...groups, { name: '', sums: rest }] : [...groups];
}

type SeriesPoints = NonNullable<UsageStats['series']>;

/** So many lines are what a chart can show. */
const GROUPS_WITH_SERIES = 10;

async function seriesOf(reader: UsageReader, grain: 'day' | 'hour', { range }: UsageSelection): Promise<SeriesPoints> {
  return pointsOf(await reader.whole(finenessOf(grain, range)), grain);
}

/** How each of some groups went over time. Deleted keys, which have no rows of their own, are left out. */
async function groupSeriesOf(
  services: AdminServices,
  { reader, selection, by, grain, ids }: Grouping & { grain: 'day' | 'hour'; ids: readonly string[] },
): Promise<UsageStats['group_series']> {
  const { scope, range } = selection;
  const fineness = finenessOf(grain, range);
  if (by === 'key' && scope.kind === 'user' && reader.isSummed) {
    const keys = ids.filter((id) => id !== '');
    return Promise.all(
      keys.map(async (id) => ({ id, points: pointsOf(await readKey(services, id, { selection, fineness }), grain) })),
    );
  }
  const reading = by === 'model' ? await reader.whole(fineness) : await reader.members(DIMENSIONS[by], fineness);
  const byName = Map.groupBy(reading.rows, ({ row }) => groupName(row, by));
  return ids.map((id) => ({ id, points: pointsOf({ rows: byName.get(id) ?? [], grid: reading.grid }, grain) }));
}

/** Days are found in whatever is read; hours have to be asked for. */
function finenessOf(grain: 'day' | 'hour', range: TimeRange): Fineness {
  if (grain === 'day') return {};
  const from = range.to - HOURLY_SERIES_MS;
  return { coarsest: 'hour', ...(from > range.from && { from }) };
}

function pointsOf({ rows, grid }: Pick<UsageReading, 'rows' | 'grid'>, grain: 'day' | 'hour'): SeriesPoints {
  return groupRows(rows, ({ at }) => new Date(grid.startOf(grain, at)).toISOString())
    .toSorted((left, right) => (left.name < right.name ? -1 : 1))
    .map((group) => ({ start: group.name, ...viewSums(group.sums) }));
}
