import { StartError } from './start-error.ts';

/** When a schedule runs next. */
export interface ScheduleExpression {
  /** The first instant after `afterMs` (epoch milliseconds), or undefined when there is none within two years. */
  next(afterMs: number): number | undefined;
}

const UNIT_MS: Readonly<Record<string, number>> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };
const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
const WEEKDAYS = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];
const DAYS_AHEAD = 732;

/**
 * `rate(5 minutes)` counts from the start; `cron(minutes hours day-of-month month day-of-week year)` follows the wall
 * clock of its time zone. https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
 * @throws StartError for anything else, the letters L, W and # of cron included.
 */
export function parseScheduleExpression(text: string, timeZone = 'UTC'): ScheduleExpression {
  const rate = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(text);
  if (rate !== null) {
    const everyMs = Number(rate[1]) * (UNIT_MS[rate[2] ?? ''] ?? Number.NaN);
    return { next: (afterMs) => afterMs + everyMs };
  }
  const fields = /^cron\((.+)\)$/.exec(text)?.[1]?.split(/\s+/);
  if (fields?.length !== 6) throw new StartError(`The schedule expression "${text}" is not supported locally.`);
  return parseCron(fields, text, timeZone);
}

function parseCron(fields: readonly string[], text: string, timeZone: string): ScheduleExpression {
  const [minute = '', hour = '', dayOfMonth = '', month = '', dayOfWeek = '', year = ''] = fields;
  const minutes = parseField(minute, 0, 59, text);
  const hours = parseField(hour, 0, 23, text);
  const daysOfMonth = parseField(dayOfMonth, 1, 31, text);
  const months = parseField(month, 1, 12, text, MONTHS, 1);
  const daysOfWeek = parseField(dayOfWeek, 1, 7, text, WEEKDAYS, 1);
  const years = parseField(year, 1970, 2199, text);
  const isDay = (date: Date): boolean =>
    daysOfMonth.has(date.getUTCDate()) &&
    months.has(date.getUTCMonth() + 1) &&
    daysOfWeek.has(date.getUTCDay() + 1) &&
    years.has(date.getUTCFullYear());
  return {
    next: (afterMs) => {
      const localAfter = afterMs + zoneOffsetMs(afterMs, timeZone);
      const firstDay = Math.floor(localAfter / UNIT_MS['day']!) * UNIT_MS['day']!;
      for (let day = 0; day < DAYS_AHEAD; day += 1) {
        const midnight = firstDay + day * UNIT_MS['day']!;
        if (!isDay(new Date(midnight))) continue;
        for (const hourOfDay of hours) {
          for (const minuteOfHour of minutes) {
            const local = midnight + hourOfDay * UNIT_MS['hour']! + minuteOfHour * UNIT_MS['minute']!;
            const instant = local - zoneOffsetMs(local - zoneOffsetMs(local, timeZone), timeZone);
            if (instant > afterMs) return instant;
          }
        }
      }
      return undefined;
    },
  };
}

/** `*`, `?`, numbers, names, lists, ranges and steps; the values in rising order. */
function parseField(
  field: string,
  lowest: number,
  highest: number,
  text: string,
  names: readonly string[] = [],
  base = 0,
): Set<number> {
  const numberOf = (token: string): number => {
    const name = names.indexOf(token.toUpperCase());
    const value = name === -1 ? Number(token) : name + base;
    if (Number.isInteger(value) && value >= lowest && value <= highest) return value;
    throw new StartError(`The schedule expression "${text}" has "${token}", which is not supported locally.`);
  };
  const values: number[] = [];
  for (const part of field.split(',')) {
    const [range = '', step] = part.split('/');
    const [from = '', to] = range.split('-');
    const isAny = range === '*' || range === '?';
    const first = isAny ? lowest : numberOf(from);
    const last = isAny || (to === undefined && step !== undefined) ? highest : numberOf(to ?? from);
    for (let value = first; value <= last; value += Math.max(1, Number(step ?? 1))) values.push(value);
  }
  return new Set(values.toSorted((left, right) => left - right));
}

/** What a zone's wall clock shows ahead of UTC at an instant. */
function zoneOffsetMs(instantMs: number, timeZone: string): number {
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  }).formatToParts(instantMs);
  const of = (type: string): number => Number(parts.find((part) => part.type === type)?.value);
  const local = Date.UTC(of('year'), of('month') - 1, of('day'), of('hour'), of('minute'), of('second'));
  return local - Math.floor(instantMs / 1000) * 1000;
}
