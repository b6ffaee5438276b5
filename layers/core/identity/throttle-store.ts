/** How often something may be tried, counted over all processes. `layers/aws/tables/throttles.ts` implements it. */

export interface Throttle {
  /** What is counted: a purpose and whose it is, such as `forgot-password address someone@example.com`. */
  name: string;
  /** So many in one window. */
  limit: number;
  /** Windows begin at whole multiples of this, since the epoch. */
  windowSeconds: number;
}

export interface ThrottleVerdict {
  allowed: boolean;
  /** Whole seconds until the window ends; 0 when allowed. */
  retryAfterSeconds: number;
}

export interface ThrottleStore {
  /**
   * Counts one try, unless the window is full: one write, exact under concurrency. A refused try is not counted.
   * @param throttle.now milliseconds since the epoch
   */
  take(throttle: Throttle & { now: number }): Promise<ThrottleVerdict>;
  /** Takes back one try of the window, if there is one. */
  giveBack(throttle: Throttle & { now: number }): Promise<void>;
  /** Takes back all tries of the window. */
  clear(throttle: Throttle & { now: number }): Promise<void>;
  /** @param until milliseconds since the epoch */
  remember(name: string, until: number): Promise<void>;
  remembers(name: string, now: number): Promise<boolean>;
}

/** @returns the first second of the window and the first after it */
export function throttleWindow(throttle: { windowSeconds: number; now: number }): { start: number; end: number } {
  const start = Math.floor(throttle.now / 1_000 / throttle.windowSeconds) * throttle.windowSeconds;
  return { start, end: start + throttle.windowSeconds };
}

/** Refused until the window's end. */
export function refusedUntil(end: number, now: number): ThrottleVerdict {
  return { allowed: false, retryAfterSeconds: Math.max(1, Math.ceil(end - now / 1_000)) };
}
