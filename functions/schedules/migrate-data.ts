import { readScheduleEnvironment } from '@sluice/aws/env';
import { migrateData, type MigrationReport } from '@sluice/aws/migrate';
import { createSdkTableClient } from '@sluice/aws/sdk-table-client';
import { createLogger } from '@sluice/kit/log/logger';
import { z } from 'zod';

/**
 * Rewrites items of older schema versions. Run by hand with `{}`; when the report's `next` is not null, run it again
 * with `{"from": <next>}`, or with `{}` for another look at everything.
 */

const CONTEXTS = ['identity', 'vault', 'ledger', 'catalog', 'content'] as const;
const environment = readScheduleEnvironment(CONTEXTS);
const client = createSdkTableClient({ aws: environment.aws });
const logger = createLogger((line) => process.stdout.write(`${line}\n`), {
  function: 'migrate-data',
  build: environment.buildId,
});
const input = z.object({
  from: z.object({ table: z.enum(CONTEXTS), after: z.object({ pk: z.string(), sk: z.string() }).nullable() }).nullish(),
});

/** Left for the answer: a page of a scan with its rewrites takes some seconds. */
const RESERVE_MS = 30_000;

export async function handler(
  event: unknown,
  context: { getRemainingTimeInMillis(): number },
): Promise<MigrationReport> {
  const { from } = input.parse(event ?? {});
  const mayGoOn = (): boolean => context.getRemainingTimeInMillis() > RESERVE_MS;
  const report = await migrateData({ client, tables: environment.tables, mayGoOn }, from ?? null);
  for (const [table, counts] of Object.entries(report.tables)) logger.info('migrated', { table, ...counts });
  return report;
}
