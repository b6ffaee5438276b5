import type { Logger } from '@sluice/kit/log/logger';
import type { Clock } from '@sluice/kit/time/clock';
import type { Scheduler } from '@sluice/kit/time/scheduler';
import type { LedgerAccountStore } from './account-store.ts';
import type { AccountViews } from './account-views.ts';
import type { TakenHold } from './admission.ts';
import { decodeHold } from './hold-text.ts';
import { settlementAdditions } from './holds.ts';
import { NO_USAGE, type OpenUsageEvent, type UsageClosing, type UsageStore } from './store.ts';

/*
 * Settlement in two steps, each repeated freely: first the usage event is closed, then every ledger account gives up
 * its hold and takes the figures that the event is closed with, whoever closed it. A crash between the two leaves a
 * hold whose event tells the figures, and repair does the second step.
 */

export interface SettlementDeps {
  usage: Pick<UsageStore, 'openEvent' | 'closeEvent' | 'noteLate'>;
  accounts: Pick<LedgerAccountStore, 'settle'>;
  views: Pick<AccountViews, 'settled'>;
  clock: Clock;
  scheduler: Scheduler;
  logger: Logger;
}

export interface Settlement {
  /** Tries again for a while and never throws; what cannot be written is left to repair, and logged. */
  settle(event: OpenUsageEvent, closing: UsageClosing, holds: Iterable<TakenHold>): Promise<void>;
  /** Gives one hold back whole, while its request goes on elsewhere. Never throws. */
  giveBack(hold: TakenHold): Promise<void>;
}

const PAUSES_MS = [50, 200, 800];

export function createSettlement(deps: SettlementDeps): Settlement {
  const settleOne = async (hold: TakenHold, closing: UsageClosing): Promise<void> => {
    try {
      const outcome = await persistently(deps.scheduler, () => settleHold(deps, hold, closing));
      if (outcome === 'settled') deps.views.settled(hold.accountId, additionsOf(deps, hold, closing));
    } catch (error) {
      logUnsettled(deps.logger, hold, error);
    }
  };
  return {
    async settle(event, closing, holds) {
      let closed: { isOurs: boolean; closing: UsageClosing };
      try {
        closed = await persistently(deps.scheduler, () => closeForGood(deps.usage, event, closing));
        if (!closed.isOurs) await noteLateFigures(deps, event, closing, closed.closing);
      } catch (error) {
        logLostClosing(deps.logger, event, closing, error);
        return;
      }
      await Promise.all([...holds].map((hold) => settleOne(hold, closed.closing)));
    },
    giveBack: (hold) => settleOne(hold, voidClosing(deps.clock())),
  };
}

/** Step two for one account. A hold that is gone was settled before, with the same figures. */
export function settleHold(
  deps: Pick<SettlementDeps, 'accounts' | 'clock'>,
  hold: TakenHold,
  closing: UsageClosing,
): Promise<'settled' | 'not-held'> {
  const additions = additionsOf(deps, hold, closing);
  const added = new Set(additions.map(({ name }) => name));
  const removals = hold.outdated.filter((name) => !added.has(name));
  return deps.accounts.settle({ accountId: hold.accountId, requestId: hold.requestId, additions, removals });
}

function additionsOf(
  { clock }: Pick<SettlementDeps, 'clock'>,
  { requestId, text, createdAt }: TakenHold,
  closing: UsageClosing,
): { name: string; amount: number }[] {
  return settlementAdditions({ requestId, hold: decodeHold(text), createdAt }, closing, clock());
}

const MOST_ROUNDS = 4;

/**
 * Step one. Where no event was opened, one is left behind all the same: should a put whose answer was lost land later,
 * it finds the closed one and does nothing (docs/decisions/0015).
 */
export async function closeForGood(
  usage: Pick<UsageStore, 'openEvent' | 'closeEvent'>,
  event: OpenUsageEvent,
  closing: UsageClosing,
): Promise<{ isOurs: boolean; closing: UsageClosing }> {
  const owner = { userId: event.userId, keyId: event.keyId };
  for (let round = 1; round <= MOST_ROUNDS; round += 1) {
    const outcome = await usage.closeEvent(event.requestId, closing, owner);
    if (outcome.outcome === 'closed') return { isOurs: true, closing };
    if (outcome.outcome === 'already-closed') return { isOurs: false, closing: outcome.event.closing ?? closing };
    // Estimated at nothing: should we die before it is closed, the sweep must not charge what was never sent.
    await usage.openEvent({ ...event, inputEstimate: 0 });
  }
  throw new Error('The usage event could be neither found nor made');
}

/** The figures of a request that nothing was made for. */
export function voidClosing(nowMs: number): UsageClosing {
  return {
    source: 'void',
    servedModel: null,
    upstream: null,
    credential: null,
    parts: NO_USAGE,
    costMicros: 0,
    status: 503,
    error: 'store_unavailable',
    firstByteMs: null,
    durationMs: 0,
    attempts: [],
    warnings: [],
    closedAt: nowMs,
  };
}

/** The request was taken for dead and came back with figures. They change no counter, and somebody should look at them. */
async function noteLateFigures(
  { usage, logger, scheduler }: SettlementDeps,
  event: OpenUsageEvent,
  { source, parts, costMicros }: UsageClosing,
  stored: UsageClosing,
): Promise<void> {
  if (source === 'void' || (stored.source !== 'abandoned' && stored.source !== 'void')) return;
  logger.error('late_figures', {
    request_id: event.requestId,
    user_id: event.userId,
    source,
    cost_micros: costMicros,
    parts: JSON.stringify(parts),
  });
  await persistently(scheduler, () => usage.noteLate(event.requestId, { source, parts, costMicros })).catch(
    (error: unknown) =>
      logger.error('late_figures_not_noted', { request_id: event.requestId, reason: reasonOf(error) }),
  );
}

async function persistently<Value>(scheduler: Scheduler, work: () => Promise<Value>): Promise<Value> {
  for (const pauseMs of PAUSES_MS) {
    try {
      return await work();
    } catch {
      await pause(scheduler, pauseMs);
    }
  }
  return work();
}

function pause(scheduler: Scheduler, delayMs: number): Promise<void> {
  return new Promise((resolve) => {
    scheduler.after(delayMs, resolve);
  });
}

/** The figures are in the log, so that a person can still settle what the sweep will only estimate. */
function logLostClosing(logger: Logger, event: OpenUsageEvent, closing: UsageClosing, error: unknown): void {
  logger.error('usage_not_closed', {
    request_id: event.requestId,
    user_id: event.userId,
    source: closing.source,
    cost_micros: closing.costMicros,
    parts: JSON.stringify(closing.parts),
    reason: reasonOf(error),
  });
}

/** The event is closed, so repair has the figures. */
function logUnsettled(logger: Logger, hold: TakenHold, error: unknown): void {
  logger.warn('hold_not_settled', {
    request_id: hold.requestId,
    account_id: hold.accountId,
    reason: reasonOf(error),
  });
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
