import type { Logger } from '@sluice/kit/log/logger';
import { changeOf, hourOf, type PoolRules } from './pool-rules.ts';
import { poolRules, tidyOwned, type SharingDeps } from './sharing.ts';

/*
 * Every hour brings back quota to those who share. The account says up to which hour it was given, and moves on in the
 * same write: of two ticks at once one gives, and a tick that was missed is made good by the next.
 */

export interface RecoveryReport {
  /** Hours since the epoch that were given up to. */
  hour: number;
  /** Users with shared credentials that count. */
  users: number;
  /** Of them those whose account moved on. */
  recovered: number;
  /** Credentials of users that were looked at. */
  credentials: number;
  /** Could not be looked at; the next tick does. */
  failed: number;
}

const MOST_ROUNDS = 5;

export async function recoverQuotas(
  deps: SharingDeps & { logger: Pick<Logger, 'warn'>; mayGoOn: () => boolean },
): Promise<RecoveryReport> {
  const hour = hourOf(deps.clock());
  const report: RecoveryReport = { hour, users: 0, recovered: 0, credentials: 0, failed: 0 };
  const rules = poolRules(await deps.catalog.readSettings());
  const owners = new Set<string>();
  for (const { name } of await deps.vault.listUpstreams()) {
    for (const owned of await deps.owned.listOfUpstream(name)) {
      if (!deps.mayGoOn()) break;
      report.credentials += 1;
      // What counted until now has earned its hours, also where it ends here.
      if (owned.counted.length > 0) owners.add(owned.ownerId);
      await tidyOwned(deps, owned).then(
        (left) => void (left && left.counted.length > 0 && owners.add(left.ownerId)),
        (error: unknown) => failed(deps, report, owned.ownerId, error),
      );
    }
  }
  for (const userId of owners) {
    report.users += 1;
    await recover(deps, userId, hour, rules).then(
      (moved) => (report.recovered += Number(moved)),
      (error: unknown) => failed(deps, report, userId, error),
    );
  }
  return report;
}

async function recover(deps: SharingDeps, userId: string, hour: number, rules: PoolRules): Promise<boolean> {
  for (let round = 1; round <= MOST_ROUNDS; round += 1) {
    const account = await deps.pools.find(userId);
    if (account === null || account.recoveredHour >= hour) return false;
    const change = changeOf(account, { hour, steps: [], rules });
    if (change === null) return false;
    if (await deps.pools.change(change)) return true;
  }
  throw new Error('The account kept changing.');
}

function failed(
  { logger }: { logger: Pick<Logger, 'warn'> },
  report: RecoveryReport,
  userId: string,
  error: unknown,
): void {
  report.failed += 1;
  logger.warn('quota_not_recovered', {
    user_id: userId,
    reason: error instanceof Error ? error.message : String(error),
  });
}
