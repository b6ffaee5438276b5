import { createTableOperations } from '../../layers/aws/table-operations.ts';
import { accountKey, createLedgerAccountStore } from '../../layers/aws/tables/ledger-account.ts';
import { ENTITLEMENT, PLAN, storedPlan } from '../../layers/aws/tables/ledger-account-items.ts';
import type { PlanEntitlement } from '../../layers/core/plans/store.ts';
import type { Scenario } from './scenarios.ts';
import { USER } from './seed.ts';
import { LEDGER_TABLE, type Tables } from './tables.ts';

const clientOf = (tables: Tables) => createTableOperations({ send: tables.send, close: async () => undefined });

/** The account as the scenario finds it. */
export async function prepareAccount(tables: Tables, scenario: Scenario, nowMs: number): Promise<void> {
  const client = clientOf(tables);
  if (scenario.lacksHolds) {
    await client.put({ table: LEDGER_TABLE, item: { ...accountKey(USER), [ENTITLEMENT]: 0 } });
  }
  const { plan, codes } = scenario;
  const tokens = plan?.tokens ?? codes?.beforeTokens;
  if (tokens === undefined) return;
  await createLedgerAccountStore(client, LEDGER_TABLE).ensure(USER, Math.floor(nowMs / 1_000));
  const terms = codes?.before
    ? { type: codes.before, expiresAt: nowMs + DAY_MS }
    : { type: null, expiresAt: Number.MAX_SAFE_INTEGER };
  await setPlan(tables, { ...terms, id: 'plan_a', tokens });
}

/** What redemption does: another plan, and the entitlement that tells it from the one before. */
export async function renewPlan(tables: Tables, scenario: Scenario): Promise<void> {
  const terms = { type: null, expiresAt: Number.MAX_SAFE_INTEGER };
  await setPlan(tables, { ...terms, id: 'plan_b', tokens: scenario.plan!.redeemed });
}

const DAY_MS = 86_400_000;

async function setPlan(
  tables: Tables,
  { id, ...terms }: Pick<PlanEntitlement, 'id' | 'type' | 'tokens' | 'expiresAt'>,
): Promise<void> {
  const plan: PlanEntitlement = { id, name: id, micros: null, ...terms };
  await clientOf(tables).update({
    table: LEDGER_TABLE,
    key: accountKey(USER),
    update: 'SET #plan = :plan ADD #entitlement :one',
    names: { '#plan': PLAN, '#entitlement': ENTITLEMENT },
    values: { ':plan': storedPlan(plan), ':one': 1 },
  });
}
