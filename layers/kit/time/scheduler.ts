/** The port for durations and delays: they keep their pace when the wall clock is moved. */
export interface Scheduler {
  /** Milliseconds from an arbitrary point, with fractions; never jumps. */
  monotonicMs(): number;
  /** Calls back once after `delayMs`; the returned function cancels. */
  after(delayMs: number, callback: () => void): () => void;
}

export const systemScheduler: Scheduler = {
  monotonicMs: () => performance.now(),
  after: (delayMs, callback) => {
    const timer = setTimeout(callback, delayMs);
    return () => clearTimeout(timer);
  },
};
