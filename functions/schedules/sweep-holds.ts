import { readScheduleEnvironment } from '@sluice/aws/env';
import { createSdkTableClient } from '@sluice/aws/sdk-table-client';
import { createCatalogStore } from '@sluice/aws/tables/catalog';
import { createIncidentStore } from '@sluice/aws/tables/incidents';
import { createSweepStore, createUsageStore } from '@sluice/aws/tables/ledger';
import { createAccountPassStore, createLedgerAccountStore } from '@sluice/aws/tables/ledger-account';
import { createQuotaPoolStore } from '@sluice/aws/tables/quota-pools';
import { sweepHolds, type SweepReport } from '@sluice/core/metering/sweep-holds';
import { logOwedUse } from '@sluice/core/sharing/log-use';
import { createLogger } from '@sluice/kit/log/logger';
import { systemClock } from '@sluice/kit/time/clock';
import { z } from 'zod';

/**
 * Closes usage events that nobody closed, settles holds that nobody settled and logs uses of the shared pool that
 * nobody logged. Every 5 minutes with `{}`; by hand
 * also with `{"olderThanMs": 0}`, and then all ledger accounts are looked at.
 */

const environment = readScheduleEnvironment(['ledger', 'catalog']);
const client = createSdkTableClient({ aws: environment.aws });
const logger = createLogger((line) => process.stdout.write(`${line}\n`), {
  function: 'sweep-holds',
  build: environment.buildId,
});
const pools = createQuotaPoolStore(client, environment.tables.ledger);
const incidents = createIncidentStore(client, environment.tables.ledger);
const input = z.object({ olderThanMs: z.number().int().min(0).optional() });

export async function handler(event: unknown): Promise<SweepReport> {
  const report = await sweepHolds(
    {
      usage: createUsageStore(client, environment.tables.ledger),
      sweep: createSweepStore(client, environment.tables.ledger),
      accounts: createLedgerAccountStore(client, environment.tables.ledger),
      pass: createAccountPassStore(client, environment.tables.ledger),
      findPrice: createCatalogStore(client, environment.tables.catalog).findPrice,
      logOwedUse: (owed) => logOwedUse({ pools, clock: systemClock }, owed),
      clock: systemClock,
      logger,
    },
    input.parse(event ?? {}),
  );
  logger.info('swept', { ...report });
  if (report.closed > 0) {
    await incidents.note({ kind: 'abandonedRequests', at: systemClock(), count: report.closed });
  }
  return report;
}
