/** How long a key is valid; `date`: until an instant of one's own choosing. */
export const LIFETIMES = ['unlimited', '30d', '90d', '365d', 'date'] as const;
export type Lifetime = (typeof LIFETIMES)[number];

const DAYS = { '30d': 30, '90d': 90, '365d': 365 } as const;
const DAY_MS = 86_400_000;

/**
 * The instant a key expires at, as the API takes it; null = never.
 * @param date the text of a `datetime-local` field, in the reader's zone; undefined is given back where it is none
 */
export function expiryOf(lifetime: Lifetime, now: number, date = ''): string | null | undefined {
  if (lifetime === 'unlimited') return null;
  if (lifetime !== 'date') return new Date(now + DAYS[lifetime] * DAY_MS).toISOString();
  const time = Date.parse(date);
  return Number.isNaN(time) ? undefined : new Date(time).toISOString();
}

/** An instant as a `datetime-local` field has it: the reader's time, to the minute. */
export function localMinute(instant: string): string {
  const time = new Date(instant);
  return new Date(time.getTime() - time.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}
