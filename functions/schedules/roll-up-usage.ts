import { readRollUpEnvironment } from '@sluice/aws/env';
import { createSdkTableClient } from '@sluice/aws/sdk-table-client';
import { createIncidentStore } from '@sluice/aws/tables/incidents';
import { createRollUpStore } from '@sluice/aws/tables/roll-ups';
import { rollUpUsage, type RollUpReport } from '@sluice/core/metering/roll-up-usage';
import { createLogger } from '@sluice/kit/log/logger';
import { systemClock } from '@sluice/kit/time/clock';
import { z } from 'zod';

/** Sums up usage. Every 5 minutes with `{}`; by hand also with `{"from": "<ISO 8601>"}`: everything since that day anew. */

const environment = readRollUpEnvironment();
const client = createSdkTableClient({ aws: environment.aws });
const logger = createLogger((line) => process.stdout.write(`${line}\n`), {
  function: 'roll-up-usage',
  build: environment.buildId,
});
const incidents = createIncidentStore(client, environment.tables.ledger);
const input = z.object({ from: z.iso.datetime({ offset: true }).optional() });

export async function handler(event: unknown): Promise<RollUpReport> {
  const { from } = input.parse(event ?? {});
  const report = await rollUpUsage(
    {
      store: createRollUpStore(client, environment.tables.ledger),
      offsetMinutes: environment.timeZoneOffsetMinutes,
      clock: systemClock,
      logger,
    },
    { from: from === undefined ? undefined : Date.parse(from) },
  );
  logger.info('rolled_up', { ...report });
  if (report.drifted > 0) await incidents.note({ kind: 'ledgerDrift', at: systemClock(), count: report.drifted });
  return report;
}
