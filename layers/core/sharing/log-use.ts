import type { Clock } from '@sluice/kit/time/clock';
import type { OwedUse, QuotaPoolStore } from './store.ts';

export interface LogUseDeps {
  pools: Pick<QuotaPoolStore, 'ensure' | 'use'>;
  clock: Clock;
}

/**
 * Writes a use into its user's log and deducts it; once by request id, so it is repeated freely.
 * @returns whether this call did it
 * @throws when the store does not answer, or has no account in spite of all
 */
export async function logUse({ pools, clock }: LogUseDeps, { use, models }: OwedUse): Promise<boolean> {
  for (let round = 1; round <= 2; round += 1) {
    const outcome = await pools.use(use, models);
    if (outcome !== 'no-account') return outcome === 'logged';
    await pools.ensure(use.userId, clock());
  }
  throw new Error(`The pool account of ${use.userId} can be neither found nor made.`);
}

/** A use that may be in the log already, as most are: it is looked for first, which costs less than a refused write. */
export async function logOwedUse(
  deps: LogUseDeps & { pools: Pick<QuotaPoolStore, 'hasUse'> },
  owed: OwedUse,
): Promise<boolean> {
  const { userId, requestId } = owed.use;
  return !(await deps.pools.hasUse(userId, requestId)) && logUse(deps, owed);
}
