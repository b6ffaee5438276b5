import { timeOfRequestId } from '@sluice/kit/ids/request-id';
import type { Logger } from '@sluice/kit/log/logger';
import type { Clock } from '@sluice/kit/time/clock';
import type { Price } from '../catalog/store.ts';
import type { LedgerAccount, LedgerAccountStore } from './account-store.ts';
import { outdatedCounters, type TakenHold } from './admission.ts';
import { costMicros } from './price.ts';
import { closeForGood, settleHold, voidClosing } from './settlement.ts';
import { NO_USAGE, type OpenUsageEvent, type UsageClosing, type UsageEvent, type UsageStore } from './store.ts';

/*
 * Repair of what a dead process left: open events and holds. Both are found on their own, by the sweep, by the pass
 * over accounts, and by an admission that sees an old hold; several may repair the same one at once. Each step is
 * conditional, so whoever comes second changes nothing.
 */

export interface RepairDeps {
  usage: Pick<UsageStore, 'openEvent' | 'closeEvent' | 'findEvent'>;
  accounts: Pick<LedgerAccountStore, 'read' | 'settle'>;
  /** The price of a model by version; null when there is none. */
  findPrice(model: string, version: number): Promise<Price | null>;
  clock: Clock;
  logger: Logger;
}

export type RepairedEvent =
  { outcome: 'closed'; closing: UsageClosing; withoutPrice: boolean } | { outcome: 'closed-by-others' };

/**
 * Closes an event that nobody closed, and settles its hold. An event with its hold may have been sent, so it is
 * charged its input estimate; one that lacks the hold that belongs to it was never let in and costs nothing.
 */
export async function repairEvent(deps: RepairDeps, event: UsageEvent): Promise<RepairedEvent> {
  const account = event.isHeld ? await deps.accounts.read(event.userId, { consistent: true }) : null;
  const text = account?.holds[event.requestId];
  const wasLetIn = !event.isHeld || text !== undefined;
  const { closing, withoutPrice } = wasLetIn
    ? await abandonedClosing(deps, event)
    : { closing: voidClosing(deps.clock()), withoutPrice: false };
  const closed = await closeForGood(deps.usage, event, closing);
  if (account && text !== undefined) {
    await settleHold(deps, placedIn(deps, account, event.requestId, text), closed.closing);
  }
  return closed.isOurs ? { outcome: 'closed', closing, withoutPrice } : { outcome: 'closed-by-others' };
}

/**
 * Settles a hold that nobody settled: with the figures of its event, where that is closed.
 * @returns false when somebody else did
 */
export async function repairHold(deps: RepairDeps, account: LedgerAccount, requestId: string): Promise<boolean> {
  const text = account.holds[requestId];
  if (text === undefined) return false;
  const event = await deps.usage.findEvent(requestId);
  const closing = event === null ? await leaveVoid(deps, account.id, requestId) : await closingOf(deps, event);
  const figures = isListed(account.id, event, closing) ? closing : voidClosing(deps.clock());
  const outcome = await settleHold(deps, placedIn(deps, account, requestId, text), figures);
  if (outcome === 'settled') {
    deps.logger.warn('hold_repaired', { request_id: requestId, account_id: account.id, source: figures.source });
  }
  return outcome === 'settled';
}

/** Repairs the account's holds that are older than this. @returns how many this call settled */
export async function repairAccount(deps: RepairDeps, account: LedgerAccount, olderThanMs: number): Promise<number> {
  const before = deps.clock() - olderThanMs;
  let repaired = 0;
  for (const requestId of Object.keys(account.holds)) {
    const madeAt = timeOfRequestId(requestId);
    if (madeAt !== null && madeAt <= before && (await repairHold(deps, account, requestId))) repaired += 1;
  }
  return repaired;
}

function placedIn(deps: RepairDeps, account: LedgerAccount, requestId: string, text: string): TakenHold {
  const outdated = outdatedCounters(account, deps.clock());
  return { accountId: account.id, requestId, text, createdAt: account.createdAt, outdated };
}

/** The upstream was never called: both writes are answered before that. The event left here keeps a late put out. */
async function leaveVoid(deps: RepairDeps, accountId: string, requestId: string): Promise<UsageClosing> {
  const now = deps.clock();
  const event: OpenUsageEvent = {
    requestId,
    userId: accountId,
    keyId: '',
    model: '',
    format: '',
    stream: false,
    startedAt: timeOfRequestId(requestId) ?? now,
    inputEstimate: 0,
    priceVersion: null,
    clientRequestId: null,
    clientApp: null,
    isHeld: true,
  };
  return (await closeForGood(deps.usage, event, voidClosing(now))).closing;
}

async function closingOf(deps: RepairDeps, event: UsageEvent): Promise<UsageClosing> {
  if (event.closing !== null) return event.closing;
  const { closing } = await abandonedClosing(deps, event);
  return (await closeForGood(deps.usage, event, closing)).closing;
}

/** A credential's account is charged only by the event that names it: the request may have gone on to another one. */
function isListed(accountId: string, event: UsageEvent | null, closing: UsageClosing): boolean {
  if (event === null || accountId === event.userId || closing.source === 'abandoned') return true;
  return closing.furtherAccounts?.includes(accountId) ?? false;
}

async function abandonedClosing(
  deps: RepairDeps,
  event: UsageEvent,
): Promise<{ closing: UsageClosing; withoutPrice: boolean }> {
  const price = event.priceVersion === null ? null : await deps.findPrice(event.model, event.priceVersion);
  const withoutPrice = price === null && event.priceVersion !== null;
  if (withoutPrice) {
    deps.logger.error('abandoned_without_price', {
      request_id: event.requestId,
      model: event.model,
      price_version: event.priceVersion,
    });
  }
  const parts = { ...NO_USAGE, input: event.inputEstimate };
  const closing: UsageClosing = {
    ...voidClosing(deps.clock()),
    source: 'abandoned',
    parts,
    costMicros: costMicros(parts, price),
    status: 500,
    error: 'internal_error',
  };
  return { closing, withoutPrice };
}
