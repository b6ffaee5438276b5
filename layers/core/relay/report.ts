import type { Pool } from '../credentials/pool.ts';
import type { CandidateUse } from './queue.ts';
import type { AttemptResult } from './served.ts';

/** Tells the pool what became of one call; its writes are collected, to be waited for before the answer ends. */
export interface Report {
  /** Content is coming: who was on probation is back at once, not only when a long stream has ended. */
  began(): void;
  ended(result: AttemptResult): void;
}

export function createReport(pool: Pool, writes: Promise<void>[], { use }: CandidateUse): Report {
  let isProven = use.mode === 'ready';
  const collect = (write: Promise<void> | null): void => {
    if (write !== null) writes.push(write);
  };
  return {
    began() {
      if (isProven) return;
      isProven = true;
      collect(pool.succeeded(use));
    },
    ended(result) {
      const current = isProven ? { ...use, mode: 'ready' as const, probed: null } : use;
      if (result.kind === 'gone') return collect(pool.released(current));
      const { failure } = result;
      if (failure !== null) return collect(pool.failed(current, failure));
      // Refused by nobody's fault, or told by us: no verdict on the upstream.
      collect(result.kind === 'served' ? pool.succeeded(current) : pool.released(current));
    },
  };
}
