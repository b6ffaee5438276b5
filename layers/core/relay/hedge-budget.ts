import type { Logger } from '@sluice/kit/log/logger';
import type { Clock } from '@sluice/kit/time/clock';
import type { HedgeStore } from './hedge-store.ts';

export interface HedgeBudgetDeps {
  hedges: Pick<HedgeStore, 'take' | 'settle'>;
  clock: Clock;
  logger: Pick<Logger, 'warn'>;
  /** Minutes east of UTC that days follow. */
  timeZoneOffsetMinutes: number;
}

/** A race that may be run, and is accounted for when it is over. */
export interface HedgeTicket {
  /**
   * @param costMicros of the answer that nobody got
   * @param end `unrun`: there was nobody to run against. Never rejects.
   */
  settle(costMicros: number, end: 'won' | 'lost' | 'unrun'): Promise<void>;
}

/**
 * The day's sum for second calls, shared by all processes through the store: what a race may cost at most is taken
 * before it begins, and what it did not cost is given back. Who dies in between has spent what was taken.
 */
export interface HedgeBudget {
  /** Null: the day's sum is spent, or the store does not answer. Never rejects. */
  take(micros: number, cap: number): Promise<HedgeTicket | null>;
}

export function createHedgeBudget(deps: HedgeBudgetDeps): HedgeBudget {
  const { hedges, clock, logger, timeZoneOffsetMinutes } = deps;
  /** A day whose sum was spent, and under which cap: not asked for again. */
  let spent: { day: string; cap: number } | null = null;
  const settle = async (day: string, differenceMicros: number, end: 'won' | 'lost' | 'unrun'): Promise<void> => {
    if (differenceMicros < 0) spent = null;
    try {
      await hedges.settle(day, { differenceMicros, races: end === 'unrun' ? 0 : 1, won: end === 'won' ? 1 : 0 });
    } catch (error) {
      logger.warn('hedge_unsettled', { day, difference_micros: differenceMicros, error: String(error) });
    }
  };
  return {
    async take(micros, cap) {
      const day = dayOf(clock(), timeZoneOffsetMinutes);
      if (micros > cap || (spent !== null && spent.day === day && spent.cap >= cap)) return null;
      try {
        if (!(await hedges.take(day, { micros, cap }))) {
          spent = { day, cap };
          return null;
        }
      } catch (error) {
        logger.warn('hedge_untaken', { day, error: String(error) });
        return null;
      }
      return { settle: (costMicros, end) => settle(day, costMicros - micros, end) };
    },
  };
}

function dayOf(timeMs: number, offsetMinutes: number): string {
  return new Date(timeMs + offsetMinutes * 60_000).toISOString().slice(0, 10);
}
