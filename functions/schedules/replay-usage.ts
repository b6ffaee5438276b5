import { readScheduleEnvironment } from '@sluice/aws/env';
import { createSdkTableClient } from '@sluice/aws/sdk-table-client';
import { createCatalogStore } from '@sluice/aws/tables/catalog';
import { createRollUpStore } from '@sluice/aws/tables/roll-ups';
import { replayUsage, type ReplayReport } from '@sluice/core/metering/replay';
import { createLogger } from '@sluice/kit/log/logger';
import { systemClock } from '@sluice/kit/time/clock';
import { z } from 'zod';

/**
 * Computes a period's usage again from its events and compares; changes nothing. Run by hand with
 * `{"from": "<ISO 8601>", "to": "<ISO 8601>"}`; when the report's `next` is not null, again from there.
 */

const environment = readScheduleEnvironment(['ledger', 'catalog']);
const client = createSdkTableClient({ aws: environment.aws });
const logger = createLogger((line) => process.stdout.write(`${line}\n`), {
  function: 'replay-usage',
  build: environment.buildId,
});
const instant = z.iso.datetime({ offset: true });
const input = z.object({ from: instant, to: instant });

/** Whoever asks over HTTP waits for a minute at most. */
const MOST_MS = 25_000;

export async function handler(event: unknown): Promise<ReplayReport> {
  const { from, to } = input.parse(event ?? {});
  const endsAt = systemClock() + MOST_MS;
  const report = await replayUsage(
    {
      store: createRollUpStore(client, environment.tables.ledger),
      findPrice: createCatalogStore(client, environment.tables.catalog).findPrice,
      clock: systemClock,
      mayGoOn: () => systemClock() < endsAt,
    },
    { from: Date.parse(from), to: Date.parse(to) },
  );
  const { differences, ...figures } = report;
  logger.info('replayed', { ...figures });
  for (const difference of differences) logger.warn('replay_difference', { ...difference });
  return report;
}
