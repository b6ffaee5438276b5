import { GatewayError } from '@sluice/kit/errors/gateway-error';
import type { LedgerAccount, LedgerAccountStore } from '../metering/account-store.ts';
import type { PlanEntitlement, PlanGrantStore } from './store.ts';

export interface GiveDeps {
  accounts: Pick<LedgerAccountStore, 'read' | 'ensure'>;
  planGrants: PlanGrantStore;
}

const MOST_ROUNDS = 5;

/**
 * Gives a user the plan that follows from the one that there is; null takes it away. Whoever changes the plan meanwhile
 * makes another round.
 * @throws GatewayError `store_unavailable`
 */
export async function givePlan(
  { accounts, planGrants }: GiveDeps,
  given: { userId: string; nowMs: number; next: (account: LedgerAccount) => PlanEntitlement | null },
): Promise<LedgerAccount> {
  const { userId, nowMs, next } = given;
  for (let round = 1; round <= MOST_ROUNDS; round += 1) {
    const stored = await accounts.read(userId, { consistent: true });
    const account = stored?.whole ? stored : await accounts.ensure(userId, Math.floor(nowMs / 1_000));
    const plan = next(account);
    const { entitlement } = account;
    if ((await planGrants.replacePlan(userId, { entitlement, plan })) === 'replaced') {
      return { ...account, plan, entitlement: entitlement + 1 };
    }
  }
  throw new GatewayError('store_unavailable', {
    message: 'The plan kept changing meanwhile. Please try again.',
    retryAfterSeconds: 1,
  });
}
