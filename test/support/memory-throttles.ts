import { refusedUntil, throttleWindow, type ThrottleStore } from '../../layers/core/identity/throttle-store.ts';

export interface MemoryThrottles extends ThrottleStore {
  /** Tries by name and window. */
  rows: Map<string, number>;
  /** Names of every try, refused ones included, in order. */
  asked: string[];
}

export function createMemoryThrottles(): MemoryThrottles {
  const rows = new Map<string, number>();
  const asked: string[] = [];
  return {
    rows,
    asked,
    async take(throttle) {
      const { start, end } = throttleWindow(throttle);
      const row = `${throttle.name} ${throttle.windowSeconds} ${start}`;
      const tries = rows.get(row) ?? 0;
      asked.push(throttle.name);
      if (tries >= throttle.limit) return refusedUntil(end, throttle.now);
      rows.set(row, tries + 1);
      return { allowed: true, retryAfterSeconds: 0 };
    },
  };
}
