import type { UsageSearch } from './usage-search.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Of more days than these, hours would be too many to tell apart. */
const MOST_DAYS_BY_HOUR = 2;

export interface UsageRange {
  /** ISO 8601 instants; `to` is exclusive, and absent where it is now. */
  from: string;
  to?: string | undefined;
  grain: 'hour' | 'day';
}

type PeriodSearch = Pick<UsageSearch, 'period' | 'from' | 'to'>;

/** What a chart covers. Days are the reader's; the running hour or day is included. */
export function rangeOf({ period = '24h', from, to }: PeriodSearch, now: number): UsageRange {
  switch (period) {
    case '24h':
      return { from: isoTime(startOfHour(now) - 23 * HOUR_MS), grain: 'hour' };
    case '7d':
      return { from: isoTime(daysBefore(now, 6)), grain: 'day' };
    case '30d':
      return { from: isoTime(daysBefore(now, 29)), grain: 'day' };
    case 'custom': {
      const first = from === undefined ? daysBefore(now, 6) : startOfDay(from);
      const end = to === undefined ? undefined : startOfDay(to, 1);
      const days = ((end ?? now) - first) / DAY_MS;
      return {
        from: isoTime(first),
        ...(end === undefined ? {} : { to: isoTime(end) }),
        grain: days <= MOST_DAYS_BY_HOUR ? 'hour' : 'day',
      };
    }
  }
}

/** What the log covers: all that is kept where nothing was chosen. */
export function logRangeOf(search: PeriodSearch, now: number): { from?: string; to?: string | undefined } {
  if (search.period === undefined) return {};
  if (search.period === 'custom') {
    return {
      ...(search.from === undefined ? {} : { from: isoTime(startOfDay(search.from)) }),
      ...(search.to === undefined ? {} : { to: isoTime(startOfDay(search.to, 1)) }),
    };
  }
  return { from: rangeOf(search, now).from };
}

function startOfHour(now: number): number {
  return now - (now % HOUR_MS);
}

/** The reader's midnight so many days ago. */
function daysBefore(now: number, days: number): number {
  const at = new Date(now);
  return new Date(at.getFullYear(), at.getMonth(), at.getDate() - days).getTime();
}

/** The reader's midnight at which a day begins, or so many days later. */
function startOfDay(day: string, later = 0): number {
  const [year = 0, month = 1, date = 1] = day.split('-').map(Number);
  return new Date(year, month - 1, date + later).getTime();
}

function isoTime(timeMs: number): string {
  return new Date(timeMs).toISOString();
}
