import { GatewayError } from '@sluice/kit/errors/gateway-error';
import { createRequestId } from '@sluice/kit/ids/request-id';
import type { Clock } from '@sluice/kit/time/clock';
import type { LedgerAccount, LedgerAccountStore } from '../metering/account-store.ts';
import { isCodeText, normaliseCode } from './code-text.ts';
import { planAfterRedemption } from './plan-terms.ts';
import { stateOfCode, type Redemption, type RedemptionCode, type RedemptionCodeStore } from './store.ts';

/*
 * Redemption (architecture.md §4, docs/decisions/0027): the code is used up and the account's entitlement rises in one
 * transaction, so there is nothing to heal. Should its answer be lost, the code itself tells who used it.
 */

export interface RedemptionDeps {
  codes: Pick<RedemptionCodeStore, 'find' | 'redeem'>;
  accounts: Pick<LedgerAccountStore, 'read' | 'ensure'>;
  clock: Clock;
  /** Minutes east of UTC that days and months follow. */
  offsetMinutes: number;
}

export interface RedemptionRequest {
  /** As it was typed. */
  text: string;
  user: { id: string; username: string };
  /** The same for every repetition of one call, different for all others. */
  attempt: string;
}

export type RedemptionResult =
  | { outcome: 'redeemed'; redemption: Redemption }
  /** `yours`: this user redeemed it before; `lost-race`: somebody else did, a moment ago. */
  | { outcome: 'refused'; reason: 'unknown' | 'expired' | 'used' | 'lost-race' }
  | { outcome: 'refused'; reason: 'yours'; redemption: Redemption };

const MOST_ROUNDS = 5;

/** @throws GatewayError `store_unavailable`; what the store did then is told by redeeming again */
export async function redeemCode(deps: RedemptionDeps, request: RedemptionRequest): Promise<RedemptionResult> {
  const { clock, codes } = deps;
  const text = normaliseCode(request.text);
  const code = isCodeText(text) ? await codes.find(text) : null;
  const settled = judge(request, code, clock());
  if (settled !== null || code === null) return settled ?? { outcome: 'refused', reason: 'unknown' };
  for (let round = 1; round <= MOST_ROUNDS; round += 1) {
    const account = await accountOf(deps, request.user.id);
    const redemption = redemptionOf(deps, request, { code, account });
    const write = { code, redemption, entitlement: account.entitlement };
    const outcome = await codes.redeem(write).catch((cause: unknown) => ({ outcome: 'lost' as const, cause }));
    if (outcome.outcome === 'redeemed') return { outcome: 'redeemed', redemption };
    if (outcome.outcome === 'lost') return decideByRead(deps, request, { text, cause: outcome.cause });
    if (outcome.outcome === 'code-gone') return raced(request, outcome.code, redemption.at);
  }
  throw new GatewayError('store_unavailable', {
    message: 'Your plan kept changing while the code was redeemed. Please try again.',
    retryAfterSeconds: 1,
  });
}

/** What there is to say without a write; null: it can be redeemed. */
function judge(
  { user, attempt }: RedemptionRequest,
  code: RedemptionCode | null,
  nowMs: number,
): RedemptionResult | null {
  if (code === null) return { outcome: 'refused', reason: 'unknown' };
  const { redemption } = code;
  if (redemption !== null) {
    if (redemption.userId !== user.id) return { outcome: 'refused', reason: 'used' };
    if (redemption.attempt === attempt) return { outcome: 'redeemed', redemption };
    return { outcome: 'refused', reason: 'yours', redemption };
  }
  return stateOfCode(code, nowMs) === 'expired' ? { outcome: 'refused', reason: 'expired' } : null;
}

/** It could be redeemed a moment ago. Where our own hand was quicker, an earlier sending lost its answer. */
function raced(request: RedemptionRequest, code: RedemptionCode | null, nowMs: number): RedemptionResult {
  const now = judge(request, code, nowMs);
  const isUsed = code !== null && code.redemption !== null;
  if (now === null || (now.outcome === 'refused' && isUsed)) return { outcome: 'refused', reason: 'lost-race' };
  return now;
}

async function accountOf({ accounts, clock }: RedemptionDeps, userId: string): Promise<LedgerAccount> {
  const stored = await accounts.read(userId, { consistent: true });
  return stored?.whole ? stored : accounts.ensure(userId, Math.floor(clock() / 1_000));
}

function redemptionOf(
  { clock, offsetMinutes }: RedemptionDeps,
  { user, attempt }: RedemptionRequest,
  { code, account }: { code: RedemptionCode; account: LedgerAccount },
): Redemption {
  const nowMs = clock();
  const given = { current: account.plan, offered: code, newId: createRequestId(nowMs), nowMs, offsetMinutes };
  return { at: nowMs, userId: user.id, userName: user.username, attempt, ...planAfterRedemption(given) };
}

/** The answer was lost. A code that is still unused may become used yet, for this user and nobody else in its place. */
async function decideByRead(
  { codes, clock }: RedemptionDeps,
  request: RedemptionRequest,
  { text, cause }: { text: string; cause: unknown },
): Promise<RedemptionResult> {
  const code = await codes.find(text);
  const isUsed = code !== null && code.redemption !== null;
  if (isUsed) return raced(request, code, clock());
  throw new GatewayError('store_unavailable', {
    message: 'The data store did not say whether the code was redeemed. Please redeem it again: it counts once.',
    retryAfterSeconds: 1,
    internal: cause instanceof Error ? cause.message : String(cause),
    cause,
  });
}
