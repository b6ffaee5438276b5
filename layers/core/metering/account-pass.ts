import { mapLimited } from '@sluice/kit/async/map-limited';
import type { AccountPassStore, LedgerAccountStore } from './account-store.ts';
import { repairAccount, type RepairDeps } from './repair.ts';

/*
 * The pass over all ledger accounts: finds holds that neither an admission nor the sweep of events has met, because
 * their account rests or because their event was never put or is closed already. Once a day, in pieces.
 */

export interface AccountPassDeps extends RepairDeps {
  accounts: Pick<LedgerAccountStore, 'read' | 'settle' | 'list'>;
  pass: AccountPassStore;
}

export interface AccountPassReport {
  /** Accounts looked at. */
  accounts: number;
  /** Holds that this run settled. */
  holdsSettled: number;
  /** The pass is not at its end; the next run goes on. */
  more: boolean;
}

const DAY_MS = 24 * 60 * 60_000;
/** Of one run: some ten seconds of reading. */
const MOST_ACCOUNTS = 2_000;
const PAGE = 100;
const AT_ONCE = 8;

/**
 * @param request.byHand look at every account now, however long ago the last pass was
 * @param request.olderThanMs how old a hold must be
 */
export async function passAccounts(
  deps: AccountPassDeps,
  request: { olderThanMs: number; byHand: boolean },
): Promise<AccountPassReport> {
  const report: AccountPassReport = { accounts: 0, holdsSettled: 0, more: false };
  const last = request.byHand ? null : await deps.pass.readPass();
  const now = deps.clock();
  if (last !== null && last.cursor === null && now - last.startedAt < DAY_MS) return report;
  const startedAt = last?.cursor ? last.startedAt : now;
  let cursor = last?.cursor ?? null;
  do {
    const page = await deps.accounts.list({ limit: PAGE, cursor });
    const settled = await mapLimited(page.items, AT_ONCE, (accountId) =>
      passAccount(deps, accountId, request.olderThanMs),
    );
    report.accounts += page.items.length;
    report.holdsSettled += settled.reduce((sum, count) => sum + count, 0);
    cursor = page.nextCursor;
    if (!request.byHand) await deps.pass.savePass({ startedAt, cursor });
  } while (cursor !== null && (request.byHand || report.accounts < MOST_ACCOUNTS));
  report.more = cursor !== null;
  return report;
}

async function passAccount(deps: AccountPassDeps, accountId: string, olderThanMs: number): Promise<number> {
  const account = await deps.accounts.read(accountId, { consistent: true });
  return account === null ? 0 : repairAccount(deps, account, olderThanMs);
}
