export const PERIODS = ['24h', '7d', '30d', 'all'] as const;
export type Period = (typeof PERIODS)[number];

const HOUR_MS = 3_600_000;
const HOURS: Record<Exclude<Period, 'all'>, number> = { '24h': 24, '7d': 7 * 24, '30d': 30 * 24 };

/**
 * The instant at which a period that ends now began, or undefined for all time. Rounded down to five minutes, so that
 * asking again soon is the same question.
 */
export function startOfPeriod(period: Period, now: number): string | undefined {
  if (period === 'all') return undefined;
  const start = now - HOURS[period] * HOUR_MS;
  return new Date(start - (start % 300_000)).toISOString();
}
