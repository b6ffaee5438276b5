import { microsToDollars } from '@sluice/contract/money';
import type { LogTailQuery, SystemStatsQuery } from '@sluice/contract/system-stats';
import type { UsageLogRow } from '@sluice/contract/usage';
import { displayState, type DisplayState } from '@sluice/core/credentials/display-state';
import { GRAIN_MS, type RollUpRow } from '@sluice/core/metering/roll-up';
import { TIME_SLICE_MS } from '@sluice/core/metering/store';
import { readLogPage, type LogPage, type TimeRange } from '@sluice/core/metering/usage-log';
import { groupRows, sumRows } from '@sluice/core/metering/usage-totals';
import { watchUpstreams } from '@sluice/core/monitoring/measure';
import { totalTokens } from '@sluice/llm/formats/usage-figures';
import { success, type Answer, type Call, type Caller } from '../route.ts';
import type { AdminServices } from '../services.ts';
import { readMediaSizes } from './media.ts';
import { viewEvents } from './usage-page.ts';
import { bucketsOf, dateOf, isoTime, readLifetime, readPeriod } from './usage-periods.ts';
import { mostFirst } from './view-sums.ts';

/** All users' sums by day, with who was there. */
export async function showSystemStats(
  services: AdminServices,
  { query }: Call<undefined, SystemStatsQuery, Caller>,
): Promise<Answer> {
  const now = services.clock();
  const [reading, joined] = await Promise.all([
    readPeriod(services, { dimension: 'user', member: null }, query.period),
    readJoined(services),
  ]);
  const { grid, rows, from } = reading;
  const stats = bucketsOf(reading, { grain: 'day', from, now }).map(({ start }) => {
    const end = start + GRAIN_MS.day;
    const ofDay = rows.filter(({ at }) => at >= start && at < end);
    const totalUsers = joined === null ? null : joined.filter((at) => at < end).length;
    return { date: dateOf(grid, start), total_users: totalUsers, ...viewUse(ofDay) };
  });
  const totals = { total_users: joined?.length ?? null, ...viewUse(rows) };
  return success({ period: query.period, stats, totals, up_to_date: reading.isComplete });
}

function viewUse(rows: readonly { row: RollUpRow }[]) {
  const sums = sumRows(rows);
  return {
    active_users: new Set(rows.filter(({ row }) => row.sums.requests > 0).map(({ row }) => row.member)).size,
    total_requests: sums.requests,
    failed_requests: sums.requests - sums.succeeded,
    total_tokens: totalTokens(sums.parts),
    total_cost: microsToDollars(sums.costMicros),
  };
}

const MOST_USERS = 5_000;

/** When each user was made; null where there are too many to read. */
async function readJoined(services: AdminServices): Promise<number[] | null> {
  const joined: number[] = [];
  let cursor: string | null = null;
  do {
    const page: Awaited<ReturnType<typeof services.identity.listUsers>> = await services.identity.listUsers({
      limit: 200,
      cursor,
    });
    joined.push(...page.items.map((user) => user.createdAt));
    cursor = page.nextCursor;
    if (joined.length > MOST_USERS) return null;
  } while (cursor !== null);
  return joined;
}

/** The figures of the older console's front page: credentials by state, requests by hour, day and model. */
export async function showRequestMetrics(services: AdminServices): Promise<Answer> {
  const all = { dimension: 'all', member: '' } as const;
  const now = services.clock();
  const [states, lifetime, hours, days, cache] = await Promise.all([
    readStates(services),
    readLifetime(services, all),
    readPeriod(services, all, '24h'),
    readPeriod(services, all, '14d'),
    readMediaSizes(services),
  ]);
  const counted = (...wanted: DisplayState[]): number => states.filter((state) => wanted.includes(state)).length;
  const weekAgo = days.grid.startOf('day', now) - 6 * GRAIN_MS.day;
  const ofWeek = groupRows(
    days.rows.filter(({ at }) => at >= weekAgo),
    ({ row }) => row.model,
  );
  const lastDay = sumRows(hours.rows);
  const split = ({ requests, succeeded }: { requests: number; succeeded: number }) => ({
    success: succeeded,
    failed: requests - succeeded,
  });
  return {
    json: {
      success: true,
      tokens: {
        total: states.length,
        active: counted('active', 'unknown'),
        cooling: counted('cooling', 'exhausted'),
        expired: counted('invalid'),
        disabled: counted('disabled'),
        chat_quota: null,
        image_quota: null,
        total_calls: sumRows(lifetime.rows).requests,
      },
      cache,
      request_stats: {
        summary: {
          total: lastDay.requests,
          ...split(lastDay),
          success_rate: lastDay.requests === 0 ? null : lastDay.succeeded / lastDay.requests,
        },
        hourly: bucketsOf(hours, { grain: 'hour', from: hours.from, now }).map(({ start, sums }) => ({
          hour: isoTime(start),
          ...split(sums),
        })),
        daily: bucketsOf(days, { grain: 'day', from: days.from, now }).map(({ start, sums }) => ({
          date: dateOf(days.grid, start),
          ...split(sums),
        })),
        models: mostFirst(ofWeek, 'requests')
          .slice(0, 8)
          .map(({ name, sums }) => ({ model: name, count: sums.requests })),
      },
    },
  };
}

async function readStates(services: AdminServices): Promise<DisplayState[]> {
  const now = services.clock();
  const watched = await watchUpstreams(services);
  return watched.flatMap(({ credentials, states }) =>
    credentials.map((credential) => {
      const own = states.filter(({ credentialId }) => credentialId === credential.id);
      return displayState(credential, own, now).state;
    }),
  );
}

/** One file a day, as far back as requests are kept. */
export async function listLogFiles(services: AdminServices): Promise<Answer> {
  const { usageLogDays } = await services.catalog.readSettings();
  const reading = await readPeriod(services, { dimension: 'all', member: '' }, `${usageLogDays}d`);
  const days = bucketsOf(reading, { grain: 'day', from: reading.from, now: services.clock() });
  const files = days
    .filter(({ sums }) => sums.requests > 0)
    .map(({ start, sums }) => ({ date: dateOf(reading.grid, start), lines: sums.requests }))
    .map((file) => ({ name: `${file.date}.log`, ...file }));
  return { json: { success: true, files: files.toReversed() } };
}

const ROWS_AT_ONCE = 500;

/** The last requests of all users, or of one day, as lines of text. */
export async function showLogTail(
  services: AdminServices,
  { query, caller }: Call<undefined, LogTailQuery, Caller>,
): Promise<Answer> {
  const { usageLogDays } = await services.catalog.readSettings();
  const now = services.clock();
  const kept: TimeRange = { from: now - (usageLogDays + 1) * GRAIN_MS.day, to: now + TIME_SLICE_MS };
  const date = query.file?.slice(0, 10) ?? null;
  const range = date === null ? kept : await dayOf(services, date, kept);
  const lines: string[] = [];
  let cursor: string | null = null;
  do {
    const page: LogPage = await readLogPage(
      { ...services.rollUps, ...services.usage },
      { kind: 'all' },
      { range, now },
      { limit: Math.min(ROWS_AT_ONCE, query.lines - lines.length), offset: 0, cursor },
    );
    lines.push(...(await viewEvents(services, page.events, caller)).map(lineOf));
    cursor = page.nextCursor;
  } while (cursor !== null && lines.length < query.lines);
  return { json: { success: true, file: date === null ? null : `${date}.log`, lines: lines.toReversed() } };
}

/** Within what is kept; empty where the calendar has no such day. */
async function dayOf(services: AdminServices, date: string, kept: TimeRange): Promise<TimeRange> {
  const { grid } = await readPeriod(services, { dimension: 'all', member: '' }, '1d');
  const noon = Date.parse(`${date}T12:00:00Z`);
  const start = [-1, 0, 1]
    .map((days) => grid.startOf('day', noon + days * GRAIN_MS.day))
    .find((candidate) => Number.isFinite(candidate) && dateOf(grid, candidate) === date);
  if (start === undefined) return { from: kept.to, to: kept.to };
  return { from: Math.max(kept.from, start), to: Math.min(kept.to, start + GRAIN_MS.day) };
}

/** Where a request came from is not kept with it. */
function lineOf(row: UsageLogRow): string {
  const key = row.key_name ?? row.key_id;
  return [row.created_at, row.status, row.model, '-', key, row.error ?? '-'].map(plain).join(' | ');
}

/** A name cannot make a line or a column of its own. */
function plain(value: string | number): string {
  return (
    String(value)
      .replaceAll(/[\p{Cc}|]+/gu, ' ')
      .trim() || '-'
  );
}
