import type { Logger } from '@sluice/kit/log/logger';
import type { Clock } from '@sluice/kit/time/clock';
import type { LedgerAccountStore } from '../metering/account-store.ts';
import { decodeHold } from '../metering/hold-text.ts';
import { countersOfHold, settledAmount } from '../metering/holds.ts';
import type { MeteredRequest } from '../metering/metering.ts';
import type { UsageClosing } from '../metering/store.ts';
import { consumption, groupOf } from '../sharing/pool-rules.ts';
import { accountOfCredential, remainingOf } from '../sharing/remaining.ts';
import type { PoolUse, QuotaPoolStore } from '../sharing/store.ts';
import type { Candidate } from './candidates.ts';
import type { Plan } from './route.ts';

export interface PoolUseDeps {
  pools: Pick<QuotaPoolStore, 'find' | 'ensure' | 'use'>;
  accounts: Pick<LedgerAccountStore, 'read'>;
  clock: Clock;
  logger: Logger;
  timeZoneOffsetMinutes: number;
}

interface Settled {
  candidate: Candidate;
  plan: Plan;
  metered: MeteredRequest;
  closing: UsageClosing;
}

const DAY_MS = 86_400_000;
const MOST_TRIES = 3;

/**
 * Logs that a credential of a user served a request, and deducts what a shared one gave. After settlement, when its
 * ledger account has the real figures. Once by request id, so it is tried again freely. Never throws.
 */
export async function logPoolUse(deps: PoolUseDeps, settled: Settled): Promise<void> {
  const { candidate, plan, metered } = settled;
  if (candidate.use === undefined || candidate.use === 'operators' || settled.closing.source === 'void') return;
  const { requestId, userId } = metered.event;
  let failure: unknown = null;
  for (let round = 1; round <= MOST_TRIES; round += 1) {
    try {
      const use = await describeUse(deps, settled);
      const outcome = await deps.pools.use(use, groupOf(plan.settings.sharedModelGroups, plan.model.name));
      if (outcome !== 'no-account') return;
      await deps.pools.ensure(userId, deps.clock());
    } catch (error) {
      failure = error;
    }
  }
  const reason = failure instanceof Error ? failure.message : String(failure);
  deps.logger.error('pool_use_unlogged', { request_id: requestId, user_id: userId, reason });
}

async function describeUse(deps: PoolUseDeps, { candidate, plan, metered, closing }: Settled): Promise<PoolUse> {
  const { requestId, userId, startedAt } = metered.event;
  const { before, after } = await fractionsOf(deps, { candidate, plan, metered, closing });
  return {
    userId,
    requestId,
    at: startedAt,
    model: plan.model.name,
    upstream: candidate.upstream,
    credentialId: candidate.credentialId,
    isShared: candidate.use === 'shared',
    quotaBefore: before,
    quotaAfter: after,
    consumed: consumption(before, after),
    expiresAt: deps.clock() + plan.settings.usageLogDays * DAY_MS,
  };
}

/** What remains now, and what would remain but for this request: others at the same time are not charged to it. */
async function fractionsOf(
  deps: PoolUseDeps,
  { candidate, plan, metered, closing }: Settled,
): Promise<{ before: number; after: number }> {
  const accountId = accountOfCredential(candidate.credentialId);
  const taken = metered.holds.get(accountId);
  const account = taken === undefined ? null : await deps.accounts.read(accountId, { consistent: true });
  const facts = {
    credential: { limits: candidate.limits },
    class: plan.model.class,
    // By the request's own windows: one that began anew meanwhile is another.
    nowMs: metered.event.startedAt,
    offsetMinutes: deps.timeZoneOffsetMinutes,
  };
  const after = remainingOf({ ...facts, account }).fraction;
  if (taken === undefined || account === null) return { before: after, after };
  const counters = { ...account.counters };
  const placed = { requestId: taken.requestId, hold: decodeHold(taken.text), createdAt: taken.createdAt };
  for (const { name, letter, held } of countersOfHold(placed)) {
    counters[name] = (counters[name] ?? 0) - settledAmount(letter, held, closing);
  }
  return { before: remainingOf({ ...facts, account: { ...account, counters } }).fraction, after };
}
