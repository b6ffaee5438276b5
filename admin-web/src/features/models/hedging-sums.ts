import type { HedgingReport } from './api/hedging.ts';

/** What second calls of a period came to. */
export interface HedgingSums {
  races: number;
  won: number;
  spentMicros: number;
  /** On the average race that the second call won; null where none did. */
  microsPerWin: number | null;
}

export function sumHedging(days: HedgingReport['days']): HedgingSums {
  const sums = days.reduce(
    (sum, day) => ({
      races: sum.races + day.races,
      won: sum.won + day.won,
      spentMicros: sum.spentMicros + day.spent_micros,
    }),
    { races: 0, won: 0, spentMicros: 0 },
  );
  return { ...sums, microsPerWin: sums.won === 0 ? null : Math.round(sums.spentMicros / sums.won) };
}

/** Days as bars, oldest first: races that the second call won, and those that the first one did. */
export function hedgingPoints(days: HedgingReport['days'], locale: string) {
  const format = new Intl.DateTimeFormat(locale, { month: 'short', day: 'numeric', timeZone: 'UTC' });
  return days.toReversed().map(({ day, races, won, spent_micros: spent }) => ({
    day: format.format(new Date(`${day}T00:00:00Z`)),
    won,
    lost: races - won,
    spent: spent / 1_000_000,
  }));
}
