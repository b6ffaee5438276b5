import type { Scheduler } from '@sluice/kit/time/scheduler';

/** Waits for the end of some work, or as long as there is patience. */
export function atMost(
  { after }: Pick<Scheduler, 'after'>,
  patienceMs: number,
  work: Promise<void> | null,
): Promise<void> {
  if (work === null) return Promise.resolve();
  return new Promise((resolve) => {
    const stop = after(patienceMs, resolve);
    void work.finally(() => {
      stop();
      resolve();
    });
  });
}
