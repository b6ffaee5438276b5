import { readRefreshEnvironment } from '@sluice/aws/env';
import { createSdkTableClient } from '@sluice/aws/sdk-table-client';
import { createSecretReader } from '@sluice/aws/secrets/secret-reader';
import { createCatalogStore } from '@sluice/aws/tables/catalog';
import { createPoolStateStore } from '@sluice/aws/tables/pool-state';
import { createSweepStore, createTokenStore } from '@sluice/aws/tables/tokens';
import { createVaultStore } from '@sluice/aws/tables/vault';
import { createSeedKeys, createTokenRefresher } from '@sluice/aws/token-refresher';
import { sweepCredentials, type SweepReport } from '@sluice/core/credentials/refresh/sweep';
import { createPrefixedId } from '@sluice/kit/ids/prefixed-id';
import { createLogger } from '@sluice/kit/log/logger';
import { systemClock } from '@sluice/kit/time/clock';
import { systemScheduler } from '@sluice/kit/time/scheduler';
import { z } from 'zod';

/**
 * Refreshes the tokens of OAuth credentials that are due, while the setting `autoRefresh` is on. Every minute with
 * `{}`; by hand also with `{"force": true}`, which does not ask the setting, and `{"pauseMs": [0, 0]}`. A run that runs
 * out of time says `unfinished`, and the next one goes on, since what is left is still due.
 */

const environment = readRefreshEnvironment();
const client = createSdkTableClient({ aws: environment.aws });
const logger = createLogger((line) => process.stdout.write(`${line}\n`), {
  function: 'refresh-credentials',
  build: environment.buildId,
});
const secretReader = createSecretReader({ aws: environment.aws });
const { tables, secrets } = environment;
const vault = createVaultStore(client, tables.vault);
const tokens = createTokenStore(client, tables.vault);
const catalog = createCatalogStore(client, tables.catalog);
const keys = createSeedKeys(() => secretReader.read(secrets.vaultSeed));
const pause = z.number().min(0).max(60_000);
const input = z.object({ force: z.boolean().optional(), pauseMs: z.tuple([pause, pause]).optional() });

/** Left for the record that was begun last: its exchange and the saving of what it brings. */
const RESERVE_MS = 40_000;

export async function handler(event: unknown, context: { getRemainingTimeInMillis(): number }): Promise<SweepReport> {
  const asked = input.parse(event ?? {});
  const owner = createPrefixedId('att');
  const shared = { tokens, vault, catalog, clock: systemClock, scheduler: systemScheduler, logger, owner };
  const report = await sweepCredentials(
    {
      ...shared,
      due: tokens,
      sweeps: createSweepStore(client, tables.vault),
      refresher: createTokenRefresher({ ...shared, keys, changes: createPoolStateStore(client, tables.vault) }),
      readSettings: () => catalog.readSettings(),
      random: Math.random,
      mayGoOn: () => context.getRemainingTimeInMillis() > RESERVE_MS,
    },
    asked,
  );
  const { records, outcomes, ...counts } = report;
  if (report.enabled || asked.force === true) {
    logger.info('credentials_swept', { ...counts, records: records.length, ...outcomes });
  }
  return report;
}
