import type { UsageStats } from '@sluice/contract/usage';
import type { UsageRange } from '../period.ts';
import type { Measure } from '../usage-search.ts';

type Group = NonNullable<UsageStats['groups']>[number];
type Point = NonNullable<UsageStats['series']>[number];

/** A line or an area of the chart. */
interface ChartSeries {
  /** Of the points' field: names of members may hold dots, which the chart takes for paths. */
  name: string;
  /** Null: what is left beside the others. */
  id: string | null;
  color: string;
}

/** `time` and a figure for every series; null: nothing to tell. */
export type ChartRow = Record<string, string | number | null>;

export interface ChartData {
  rows: ChartRow[];
  series: ChartSeries[];
}

/** So many members have a colour of their own. */
const MOST_SERIES = 6;
const COLORS = ['water.6', 'orange.5', 'grape.5', 'green.6', 'pink.5', 'yellow.6'] as const;
const REST_COLOR = 'gray.5';
const HOUR_MS = 3_600_000;
const GRAIN_MS = { hour: HOUR_MS, day: 24 * HOUR_MS } as const;
const MICROS = 1_000_000;

/** What of a sum is drawn and compared: a count, or dollars. Of latency it is a mean, which does not add up. */
export function amountOf(sums: Omit<Point, 'start'>, measure: Measure): number {
  switch (measure) {
    case 'requests':
      return sums.requests;
    case 'tokens':
    case 'kinds':
      return sums.total_tokens;
    case 'cost':
      return sums.cost_micros / MICROS;
    case 'errors':
      return sums.failed_requests;
    case 'latency':
      return sums.avg_duration_ms;
  }
}

/** The beginnings of all hours or days of a range, on the gateway's grid, which its points show. */
export function startsOf(range: UsageRange, points: readonly { start: string }[], now: number): number[] {
  const size = GRAIN_MS[range.grain];
  const from = Date.parse(range.from);
  const to = range.to === undefined ? now : Math.min(now, Date.parse(range.to) - 1);
  const [first] = points;
  const phase = (first ? Date.parse(first.start) : from) % size;
  const starts: number[] = [];
  for (let at = Math.floor((from - phase) / size) * size + phase; at <= to; at += size) starts.push(at);
  return starts;
}

/** How a day or hour of the grid is called. Days are the gateway's: named by their date there. */
export function nameOfStart(start: number, grain: UsageRange['grain'], locale: string): string {
  if (grain === 'hour') {
    return new Intl.DateTimeFormat(locale, {
      month: 'short',
      day: 'numeric',
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
    }).format(start);
  }
  const named = { month: 'short', day: 'numeric', timeZone: 'UTC' } as const;
  return new Intl.DateTimeFormat(locale, named).format(start + eastOf(start));
}

/** No place on earth is further east of UTC. */
const FURTHEST_EAST_MS = 14 * HOUR_MS;

/** How far east of UTC a day begins at this instant. */
export function eastOf(dayStart: number): number {
  const size = GRAIN_MS.day;
  const east = (size - (((dayStart % size) + size) % size)) % size;
  return east > FURTHEST_EAST_MS ? east - size : east;
}

interface Question {
  range: UsageRange;
  measure: Measure;
  locale: string;
  now: number;
}

/** The members with most of the measure over time, and what is left of the whole. */
export function chartByGroup(stats: UsageStats, { range, measure, locale, now }: Question): ChartData {
  const whole = stats.series ?? [];
  const lines = new Map((stats.group_series ?? []).map(({ id, points }) => [id, byStart(points)]));
  const shown = mostFirst(stats.groups ?? [], measure)
    .filter(({ id }) => lines.has(id))
    .slice(0, MOST_SERIES);
  const all = byStart(whole);
  const rows = startsOf(range, whole, now).map((start) => {
    const row: ChartRow = { time: nameOfStart(start, range.grain, locale) };
    let left = amountAt(all, start, measure);
    for (const [index, { id }] of shown.entries()) {
      const point = lines.get(id)?.get(start);
      const amount = point ? amountOf(point, measure) : 0;
      left -= amount;
      row[`s${index}`] = measure === 'latency' && !point?.requests ? null : amount;
    }
    row['rest'] = Math.max(0, roundedMicros(left));
    return row;
  });
  const series: ChartSeries[] = shown.map(({ id }, index) => ({
    name: `s${index}`,
    id,
    color: COLORS[index] ?? REST_COLOR,
  }));
  const hasRest = measure !== 'latency' && rows.some(({ rest }) => typeof rest === 'number' && rest > 0);
  return { rows, series: hasRest ? [...series, { name: 'rest', id: null, color: REST_COLOR }] : series };
}

export const TOKEN_KINDS = ['fresh', 'cached', 'output'] as const;

/** Input that was read anew, input from a cache, and output over time. */
export function chartByKind(stats: UsageStats, { range, locale, now }: Omit<Question, 'measure'>): ChartRow[] {
  const whole = stats.series ?? [];
  const points = byStart(whole);
  return startsOf(range, whole, now).map((start) => {
    const point = points.get(start);
    return {
      time: nameOfStart(start, range.grain, locale),
      fresh: point ? point.input_tokens - point.cached_tokens : 0,
      cached: point?.cached_tokens ?? 0,
      output: point?.output_tokens ?? 0,
    };
  });
}

/** Groups by how much of the measure they have. */
export function mostFirst(groups: readonly Group[], measure: Measure): Group[] {
  return groups.toSorted((left, right) => amountOf(right, measure) - amountOf(left, measure));
}

function byStart(points: readonly Point[]): Map<number, Point> {
  return new Map(points.map((point) => [Date.parse(point.start), point]));
}

function amountAt(points: ReadonlyMap<number, Point>, start: number, measure: Measure): number {
  const point = points.get(start);
  return point ? amountOf(point, measure) : 0;
}

/** Differences of dollars have a tail of binary fractions. */
function roundedMicros(amount: number): number {
  return Math.round(amount * MICROS) / MICROS;
}
