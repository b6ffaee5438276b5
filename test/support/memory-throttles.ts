import {
  refusedUntil,
  throttleWindow,
  type Throttle,
  type ThrottleStore,
} from '../../layers/core/identity/throttle-store.ts';

export interface MemoryThrottles extends ThrottleStore {
  /** Tries by name and window. */
  rows: Map<string, number>;
  /** Names of every try, refused ones included, in order. */
  asked: string[];
}

export function createMemoryThrottles(): MemoryThrottles {
  const rows = new Map<string, number>();
  const asked: string[] = [];
  const known = new Map<string, number>();
  const rowOf = (throttle: Throttle & { now: number }): string =>
    `${throttle.name} ${throttle.windowSeconds} ${throttleWindow(throttle).start}`;
  return {
    rows,
    asked,
    async take(throttle) {
      const { end } = throttleWindow(throttle);
      const row = rowOf(throttle);
      const tries = rows.get(row) ?? 0;
      asked.push(throttle.name);
      if (tries >= throttle.limit) return refusedUntil(end, throttle.now);
      rows.set(row, tries + 1);
      return { allowed: true, retryAfterSeconds: 0 };
    },
    async giveBack(throttle) {
      const tries = rows.get(rowOf(throttle)) ?? 0;
      if (tries > 0) rows.set(rowOf(throttle), tries - 1);
    },
    clear: async (throttle) => void rows.delete(rowOf(throttle)),
    remember: async (name, until) => void known.set(name, until),
    remembers: async (name, now) => (known.get(name) ?? 0) > now,
  };
}
