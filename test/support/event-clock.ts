import { setImmediate as immediately } from 'node:timers/promises';
import type { Scheduler } from '../../layers/kit/time/scheduler.ts';

export interface EventClock extends Scheduler {
  now: () => number;
  /** Lets time pass until nobody waits for it any more. */
  run(): Promise<void>;
}

/** Time that passes only when everybody waits for it: what rings next rings at once, however far away it is. */
export function createEventClock(start: number): EventClock {
  let now = start;
  let number = 0;
  const timers: { due: number; order: number; callback: () => void }[] = [];
  const before = (left: number, right: number): boolean => {
    const [a, b] = [timers[left]!, timers[right]!];
    return a.due < b.due || (a.due === b.due && a.order < b.order);
  };
  const swap = (left: number, right: number): void => {
    [timers[left], timers[right]] = [timers[right]!, timers[left]!];
  };
  /** A binary heap: tens of thousands of timers are usual. */
  const rise = (index: number): void => {
    for (let at = index; at > 0;) {
      const parent = (at - 1) >> 1;
      if (!before(at, parent)) return;
      swap(at, parent);
      at = parent;
    }
  };
  const sink = (): void => {
    for (let at = 0; ;) {
      const [left, right] = [2 * at + 1, 2 * at + 2];
      let least = at;
      if (left < timers.length && before(left, least)) least = left;
      if (right < timers.length && before(right, least)) least = right;
      if (least === at) return;
      swap(at, least);
      at = least;
    }
  };
  const takeNext = (): (typeof timers)[number] | undefined => {
    const first = timers[0];
    const last = timers.pop();
    if (last !== undefined && timers.length > 0) {
      timers[0] = last;
      sink();
    }
    return first;
  };
  return {
    now: () => now,
    monotonicMs: () => now - start,
    after(delayMs, callback) {
      const timer = { due: now + delayMs, order: (number += 1), callback };
      timers.push(timer);
      rise(timers.length - 1);
      return () => {
        timer.callback = () => undefined;
      };
    },
    async run() {
      await immediately();
      for (let next = takeNext(); next !== undefined; next = takeNext()) {
        now = Math.max(now, next.due);
        next.callback();
        // Everything that follows from it happens before the next moment.
        await immediately();
      }
    },
  };
}
