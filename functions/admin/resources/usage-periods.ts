import { readUsage, type UsageReading } from '@sluice/core/metering/read-usage';
import { createGrid, GRAIN_MS, type Dimension, type Grid, type UsageSums } from '@sluice/core/metering/roll-up';
import { TIME_SLICE_MS } from '@sluice/core/metering/store';
import { sumRows } from '@sluice/core/metering/usage-totals';
import type { AdminServices } from '../services.ts';

/** Whose sums: a user's, or everybody's. */
export interface SumsOf {
  dimension: Dimension;
  member: string | null;
}

type Reading = Pick<UsageReading, 'rows' | 'grid' | 'isComplete'>;

/** All that a member ever used: days, and what is younger. One list, however long the time. */
export function readLifetime(services: AdminServices, whose: SumsOf): Promise<Reading> {
  const now = services.clock();
  return readUsage(services, { ...whose, range: { from: 0, to: now + TIME_SLICE_MS } }, now);
}

/** `7d` is today and the six days before it, `24h` this hour and those before it. */
function beginOf(period: string, grid: Grid, now: number): number {
  const count = Number.parseInt(period, 10) - 1;
  const grain = period.endsWith('h') ? 'hour' : 'day';
  return grid.startOf(grain, now) - count * GRAIN_MS[grain];
}

async function readGrid(services: AdminServices): Promise<Grid> {
  return createGrid((await services.rollUps.readState())?.offsetMinutes ?? 0);
}

export async function readPeriod(
  services: AdminServices,
  whose: SumsOf,
  period: string,
): Promise<Reading & { from: number }> {
  const now = services.clock();
  const from = beginOf(period, await readGrid(services), now);
  const coarsest = period.endsWith('h') ? 'hour' : undefined;
  const reading = await readUsage(services, { ...whose, range: { from, to: now + TIME_SLICE_MS }, coarsest }, now);
  return { ...reading, from };
}

export interface Bucket {
  start: number;
  sums: UsageSums;
}

/** Every hour or day from `from` until now, also those in which nothing was used, oldest first. */
export function bucketsOf(
  { rows, grid }: Reading,
  { grain, from, now }: { grain: 'hour' | 'day'; from: number; now: number },
): Bucket[] {
  const byStart = Map.groupBy(rows, ({ at }) => grid.startOf(grain, at));
  const buckets: Bucket[] = [];
  for (let start = grid.startOf(grain, from); start <= now; start += GRAIN_MS[grain]) {
    buckets.push({ start, sums: sumRows(byStart.get(start) ?? []) });
  }
  return buckets;
}

const DAY_MS = GRAIN_MS.day;
/** No place on earth is further east of UTC; what is more is west of it. */
const FURTHEST_EAST_MS = 14 * GRAIN_MS.hour;

/** The date that a day of the grid is called by. */
export function dateOf(grid: Grid, dayStart: number): string {
  const east = (DAY_MS - (((grid.startOf('day', 0) % DAY_MS) + DAY_MS) % DAY_MS) + DAY_MS) % DAY_MS;
  return isoTime(dayStart + (east > FURTHEST_EAST_MS ? east - DAY_MS : east)).slice(0, 10);
}

export function isoTime(timeMs: number): string {
  return new Date(timeMs).toISOString();
}
