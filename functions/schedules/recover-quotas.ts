import { readRecoverEnvironment } from '@sluice/aws/env';
import { createSdkTableClient } from '@sluice/aws/sdk-table-client';
import { createCatalogStore } from '@sluice/aws/tables/catalog';
import { createLedgerAccountStore } from '@sluice/aws/tables/ledger-account';
import { createOwnedCredentialStore } from '@sluice/aws/tables/owned-credentials';
import { createQuotaPoolStore } from '@sluice/aws/tables/quota-pools';
import { createVaultStore } from '@sluice/aws/tables/vault';
import { recoverQuotas, type RecoveryReport } from '@sluice/core/sharing/recover-quotas';
import { createLogger } from '@sluice/kit/log/logger';
import { systemClock } from '@sluice/kit/time/clock';

/**
 * Brings back quota of the shared pool, and takes away what crashes and operators left of credentials of users. Every
 * 20 minutes, so that a tick that fails delays an hour by little: each hour is given once.
 */

const environment = readRecoverEnvironment();
const { tables, timeZoneOffsetMinutes } = environment;
const client = createSdkTableClient({ aws: environment.aws });
const logger = createLogger((line) => process.stdout.write(`${line}\n`), {
  function: 'recover-quotas',
  build: environment.buildId,
});
/** Less than the function's own time. */
const MOST_MS = 3 * 60_000;

export async function handler(): Promise<RecoveryReport> {
  const endsAt = systemClock() + MOST_MS;
  const report = await recoverQuotas({
    owned: createOwnedCredentialStore(client, tables),
    pools: createQuotaPoolStore(client, tables.ledger),
    vault: createVaultStore(client, tables.vault),
    accounts: createLedgerAccountStore(client, tables.ledger),
    catalog: createCatalogStore(client, tables.catalog),
    clock: systemClock,
    timeZoneOffsetMinutes,
    logger,
    mayGoOn: () => systemClock() < endsAt,
  });
  logger.info('quotas_recovered', { ...report });
  return report;
}
