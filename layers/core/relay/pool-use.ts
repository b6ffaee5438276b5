import type { Logger } from '@sluice/kit/log/logger';
import type { Clock } from '@sluice/kit/time/clock';
import type { LedgerAccount, LedgerAccountStore } from '../metering/account-store.ts';
import { decodeHold } from '../metering/hold-text.ts';
import { countersOfHold, settledAmount } from '../metering/holds.ts';
import type { MeteredRequest } from '../metering/metering.ts';
import type { UsageClosing } from '../metering/store.ts';
import { logUse } from '../sharing/log-use.ts';
import { consumption, groupOf } from '../sharing/pool-rules.ts';
import { accountOfCredential, remainingOf } from '../sharing/remaining.ts';
import type { OwedUse, QuotaPoolStore } from '../sharing/store.ts';
import type { Candidate } from './candidates.ts';
import type { Plan } from './route.ts';

/*
 * That a credential of a user served a request, and what a shared one gave. What is to be logged and deducted is written
 * with the figures that close the usage event, and logged after it: whoever dies in between leaves an event that tells
 * it, and sweep-holds logs it.
 */

export interface PoolUseDeps {
  pools: Pick<QuotaPoolStore, 'find' | 'ensure' | 'use'>;
  accounts: Pick<LedgerAccountStore, 'read'>;
  clock: Clock;
  logger: Logger;
  timeZoneOffsetMinutes: number;
}

interface Settled {
  candidate: Candidate | null;
  plan: Plan;
  metered: MeteredRequest;
  /** The figures that the request is about to be closed with. */
  closing: UsageClosing;
}

const DAY_MS = 86_400_000;
const MOST_TRIES = 3;

/** What is to be logged of a request; null where nothing is. Never throws. */
export async function describePoolUse(deps: PoolUseDeps, settled: Settled): Promise<OwedUse | null> {
  const { candidate, plan, metered, closing } = settled;
  if (candidate?.use === undefined || candidate.use === 'operators' || closing.source === 'void') return null;
  const use = candidate.use;
  return persistently(deps, metered, async () => {
    const { requestId, userId, startedAt } = metered.event;
    const { before, after } = await fractionsOf(deps, { candidate, plan, metered, closing });
    return {
      use: {
        userId,
        requestId,
        at: startedAt,
        model: plan.model.name,
        upstream: candidate.upstream,
        credentialId: candidate.credentialId,
        isShared: use === 'shared',
        quotaBefore: before,
        quotaAfter: after,
        consumed: consumption(before, after),
        expiresAt: deps.clock() + plan.settings.usageLogDays * DAY_MS,
      },
      models: groupOf(plan.settings.sharedModelGroups, plan.model.name),
    };
  });
}

/** Once by request id, so it is tried again freely. Never throws. */
export async function logPoolUse(deps: PoolUseDeps, metered: MeteredRequest, owed: OwedUse): Promise<void> {
  await persistently(deps, metered, () => logUse(deps, owed));
}

async function persistently<Value>(
  { logger }: PoolUseDeps,
  { event }: MeteredRequest,
  work: () => Promise<Value>,
): Promise<Value | null> {
  let failure: unknown = null;
  for (let round = 1; round <= MOST_TRIES; round += 1) {
    try {
      return await work();
    } catch (error) {
      failure = error;
    }
  }
  const reason = failure instanceof Error ? failure.message : String(failure);
  logger.error('pool_use_unlogged', { request_id: event.requestId, user_id: event.userId, reason });
  return null;
}

interface Facts extends Settled {
  candidate: Candidate;
}

/** What remained before this request, and what remains after it: others at the same time are not charged to it. */
async function fractionsOf(
  deps: PoolUseDeps,
  { candidate, plan, metered, closing }: Facts,
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
  const fractionOf = (counters: LedgerAccount['counters'] | null): number =>
    remainingOf({ ...facts, account: account && counters && { ...account, counters } }).fraction;
  if (taken === undefined || account === null) return { before: fractionOf(null), after: fractionOf(null) };
  const before = { ...account.counters };
  const after = { ...account.counters };
  const isStanding = account.holds[taken.requestId] !== undefined;
  const placed = { requestId: taken.requestId, hold: decodeHold(taken.text), createdAt: taken.createdAt };
  for (const { name, letter, held } of countersOfHold(placed)) {
    const settled = settledAmount(letter, held, closing);
    const others = (account.counters[name] ?? 0) - (isStanding ? held : settled);
    before[name] = others;
    after[name] = others + settled;
  }
  return { before: fractionOf(before), after: fractionOf(after) };
}
