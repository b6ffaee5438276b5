import type { HedgeDay, HedgeStore } from '../../layers/core/relay/hedge-store.ts';

/** Sums of days in memory, with the table's rule: never over the cap. */
export function createMemoryHedges(): HedgeStore & { days: Map<string, HedgeDay> } {
  const days = new Map<string, HedgeDay>();
  const dayOf = (day: string): HedgeDay => days.get(day) ?? { day, spentMicros: 0, races: 0, won: 0 };
  return {
    days,
    async take(day, { micros, cap }) {
      const before = dayOf(day);
      if (before.spentMicros > cap - micros) return false;
      days.set(day, { ...before, spentMicros: before.spentMicros + micros });
      return true;
    },
    async settle(day, { differenceMicros, races, won }) {
      const before = dayOf(day);
      const spentMicros = before.spentMicros + differenceMicros;
      days.set(day, { day, spentMicros, races: before.races + races, won: before.won + won });
    },
    read: async (wanted) => wanted.flatMap((day) => days.get(day) ?? []),
  };
}
