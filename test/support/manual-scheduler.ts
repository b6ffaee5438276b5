import type { Scheduler } from '../../layers/kit/time/scheduler.ts';

export interface ManualScheduler extends Scheduler {
  /** Moves the clock and rings what falls due, in order. */
  advance(ms: number): void;
  /** Timers that wait. */
  readonly waiting: number;
}

/** Time that passes only when a test says so. */
export function createManualScheduler(): ManualScheduler {
  let now = 0;
  const timers = new Set<{ due: number; callback: () => void }>();
  return {
    monotonicMs: () => now,
    after(delayMs, callback) {
      const timer = { due: now + delayMs, callback };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    advance(ms) {
      const end = now + ms;
      for (;;) {
        const [next] = [...timers].filter(({ due }) => due <= end).toSorted((left, right) => left.due - right.due);
        if (!next) break;
        timers.delete(next);
        now = Math.max(now, next.due);
        next.callback();
      }
      now = end;
    },
    get waiting() {
      return timers.size;
    },
  };
}
