import { isDeepStrictEqual } from 'node:util';
import { TABLES } from '../../layers/aws/names.ts';
import { createTableOperations } from '../../layers/aws/table-operations.ts';
import { createLedgerAccountStore } from '../../layers/aws/tables/ledger-account.ts';
import { createRedemptionCodeStore } from '../../layers/aws/tables/redemption-codes.ts';
import type { LedgerAccount } from '../../layers/core/metering/account-store.ts';
import type { Redemption, RedemptionCodeStore } from '../../layers/core/plans/store.ts';
import { LEDGER_TABLE, type Tables } from './tables.ts';

export const CODE_TABLES = { identity: TABLES.identity.id, ledger: LEDGER_TABLE };
const clientOf = (tables: Tables) => createTableOperations({ send: tables.send, close: async () => undefined });

export function codesIn(tables: Tables): RedemptionCodeStore {
  return createRedemptionCodeStore(clientOf(tables), CODE_TABLES);
}

export function userAccountIn(tables: Tables, userId: string): Promise<LedgerAccount | null> {
  return createLedgerAccountStore(clientOf(tables), LEDGER_TABLE).read(userId, { consistent: true });
}

interface CodeBooks {
  used: Map<string, Redemption>;
  /** As they stood before this write. */
  accounts: ReadonlyMap<string, { entitlement: number; planId: string | null }>;
  broken: string[];
}

/** After each write of a code: it is used once, and by the same write its plan came into its user's account. */
export async function noteCode(tables: Tables, audit: CodeBooks, key: { sk?: { S?: string } }): Promise<void> {
  const text = key.sk?.S ?? '';
  const redemption = (await codesIn(tables).find(text))?.redemption ?? null;
  const before = audit.used.get(text) ?? null;
  if (isDeepStrictEqual(before, redemption)) return;
  if (before !== null || redemption === null) {
    audit.broken.push(`a-code-counts-once: ${text} was used by ${before?.attempt} and then by ${redemption?.attempt}`);
    return;
  }
  audit.used.set(text, redemption);
  const account = await userAccountIn(tables, redemption.userId);
  const { entitlement: stoodAt, planId } = audit.accounts.get(redemption.userId) ?? { entitlement: 0, planId: null };
  if (redemption.extended !== (redemption.plan.id === planId)) {
    audit.broken.push(
      `what-was-used-stays-used: ${planId} became ${redemption.plan.id}, extended: ${redemption.extended}`,
    );
  }
  if (account?.entitlement !== stoodAt + 1 || !isDeepStrictEqual(account.plan, redemption.plan)) {
    audit.broken.push(`a-code-counts-once: ${text} is used and its plan is not in the account of ${redemption.userId}`);
  }
}
