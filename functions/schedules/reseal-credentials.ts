import { readResealEnvironment } from '@sluice/aws/env';
import { createSdkTableClient } from '@sluice/aws/sdk-table-client';
import { createSecretReader } from '@sluice/aws/secrets/secret-reader';
import { createSealedRewriter } from '@sluice/aws/tables/rewrite-sealed';
import { createTokenStore } from '@sluice/aws/tables/tokens';
import { createVaultStore } from '@sluice/aws/tables/vault';
import { createSeedKeys } from '@sluice/aws/token-refresher';
import { resealAll, type ResealReport } from '@sluice/core/credentials/refresh/reseal';
import { createLogger } from '@sluice/kit/log/logger';

/**
 * Seals anew what is sealed to an older key of the vault, after a version was added to the vault seed. Run by hand with
 * `{}`, again while it reports `unfinished`; when it reports nothing resealed and nothing unopened, the old one can go.
 */

const environment = readResealEnvironment();
const client = createSdkTableClient({ aws: environment.aws });
const logger = createLogger((line) => process.stdout.write(`${line}\n`), {
  function: 'reseal-credentials',
  build: environment.buildId,
});
const secretReader = createSecretReader({ aws: environment.aws });
const { tables, secrets } = environment;
const keys = createSeedKeys(() => secretReader.read(secrets.vaultSeed));
const RESERVE_MS = 20_000;

export async function handler(_event: unknown, context: { getRemainingTimeInMillis(): number }): Promise<ResealReport> {
  const report = await resealAll({
    vault: createVaultStore(client, tables.vault),
    tokens: createTokenStore(client, tables.vault),
    rewrite: createSealedRewriter(client, tables.vault),
    opener: keys.opener,
    sealer: await keys.sealer(),
    newestVersion: await keys.newestVersion(),
    logger,
    mayGoOn: () => context.getRemainingTimeInMillis() > RESERVE_MS,
  });
  logger.info('credentials_resealed', { ...report });
  return report;
}
