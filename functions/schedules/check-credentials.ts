import { readRefreshEnvironment } from '@sluice/aws/env';
import { createSdkTableClient } from '@sluice/aws/sdk-table-client';
import { createSecretReader } from '@sluice/aws/secrets/secret-reader';
import { createCheckSender } from '@sluice/aws/check-sender';
import { createCatalogStore } from '@sluice/aws/tables/catalog';
import { createPoolStateStore } from '@sluice/aws/tables/pool-state';
import { createTokenStore } from '@sluice/aws/tables/tokens';
import { createVaultStore } from '@sluice/aws/tables/vault';
import { createSeedKeys } from '@sluice/aws/token-refresher';
import { checkCredentials, type CheckReport } from '@sluice/core/credentials/check/check-credentials';
import { createLogger } from '@sluice/kit/log/logger';
import { systemClock } from '@sluice/kit/time/clock';
import { systemScheduler } from '@sluice/kit/time/scheduler';
import { z } from 'zod';

/**
 * Asks upstreams for their list of models under credentials whose turn it is, while the setting `credentialChecks` is
 * on. Every 10 minutes with `{}`; by hand also with `{"force": true}`, which does not ask the setting and takes all turns.
 */

const environment = readRefreshEnvironment();
const { tables, secrets } = environment;
const client = createSdkTableClient({ aws: environment.aws });
const logger = createLogger((line) => process.stdout.write(`${line}\n`), {
  function: 'check-credentials',
  build: environment.buildId,
});
const secretReader = createSecretReader({ aws: environment.aws });
const catalog = createCatalogStore(client, tables.catalog);
const keys = createSeedKeys(() => secretReader.read(secrets.vaultSeed));
const input = z.object({ force: z.boolean().optional() });

/** Left for the one that was begun last. */
const RESERVE_MS = 30_000;

export async function handler(event: unknown, context: { getRemainingTimeInMillis(): number }): Promise<CheckReport> {
  const asked = input.parse(event ?? {});
  const report = await checkCredentials(
    {
      vault: createVaultStore(client, tables.vault),
      tokens: createTokenStore(client, tables.vault),
      poolStates: createPoolStateStore(client, tables.vault),
      opener: keys.opener,
      send: createCheckSender(catalog),
      readSettings: () => catalog.readSettings(),
      clock: systemClock,
      scheduler: systemScheduler,
      logger,
      random: Math.random,
      mayGoOn: () => context.getRemainingTimeInMillis() > RESERVE_MS,
    },
    asked,
  );
  if (report.enabled || asked.force === true) {
    logger.info('credentials_checked', { ...report, stopped: report.stopped.join(' ') });
  }
  return report;
}
