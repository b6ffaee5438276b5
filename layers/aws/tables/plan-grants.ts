import { isDeepStrictEqual } from 'node:util';
import type { PlanEntitlement, PlanGrantStore } from '@sluice/core/plans/store';
import type { TableClient, TransactAction } from '../table-client.ts';
import { ENTITLEMENT, ledgerAccount, PLAN, storedPlan } from './ledger-account-items.ts';
import { accountKey } from './ledger-account.ts';

/*
 * The plan in a ledger account.
 *
 * question     key condition                              consistency  who asks
 * replacePlan  pk = account#<user id>, sk = account       –            admin
 *
 * Nobody writes a plan without having seen the one before: the entitlement is as it was seen, and becomes one more.
 */

export function createPlanGrantStore(client: TableClient, tableName: string): PlanGrantStore {
  return {
    async replacePlan(accountId, { entitlement, plan }) {
      const outcome = await client.update({
        ...planChange(tableName, { accountId, entitlement, plan }),
        repeatable: true,
      });
      if (outcome.ok) return 'replaced';
      // The answer to an earlier sending may have been lost: then it is our own plan that stands there.
      const stands = outcome.existing && ledgerAccount(accountId, outcome.existing);
      const isOurs = stands?.entitlement === entitlement + 1 && isDeepStrictEqual(stands.plan, plan);
      return outcome.resent && isOurs ? 'replaced' : 'entitlement-moved';
    },
  };
}

/** The write that gives an account this plan, alone or as part of a transaction. */
export function planChange(
  tableName: string,
  given: { accountId: string; entitlement: number; plan: PlanEntitlement | null },
): Omit<Extract<TransactAction, { kind: 'update' }>, 'kind'> {
  const { accountId, entitlement, plan } = given;
  return {
    table: tableName,
    key: accountKey(accountId),
    update: `${plan === null ? 'REMOVE #plan' : 'SET #plan = :plan'} ADD #entitlement :one`,
    condition: '#entitlement = :seen',
    names: { '#plan': PLAN, '#entitlement': ENTITLEMENT },
    values: { ':seen': entitlement, ':one': 1, ...(plan !== null && { ':plan': storedPlan(plan) }) },
  };
}
