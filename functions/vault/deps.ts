import { readVaultEnvironment } from '@sluice/aws/env';
import type { DoorOptions } from '@sluice/aws/lambda/door';
import { createSdkTableClient } from '@sluice/aws/sdk-table-client';
import { REQUEST_PATH_RETRIES } from '@sluice/aws/retries';
import { createSecretReader } from '@sluice/aws/secrets/secret-reader';
import { createCatalogStore } from '@sluice/aws/tables/catalog';
import { createTokenStore } from '@sluice/aws/tables/tokens';
import { createVaultStore } from '@sluice/aws/tables/vault';
import { createSeedKeys, createTokenRefresher } from '@sluice/aws/token-refresher';
import type { PlainRequest, PlainResponse } from '@sluice/kit/http/exchange';
import { createErrorEncoder } from '@sluice/kit/http/path-envelopes';
import { createLogger } from '@sluice/kit/log/logger';
import { createPrefixedId } from '@sluice/kit/ids/prefixed-id';
import { systemClock } from '@sluice/kit/time/clock';
import { systemScheduler } from '@sluice/kit/time/scheduler';
import { createVault } from './app.ts';

/** The only place where the vault function's stores, clock and secrets are made. */
export function createVaultFunction(): DoorOptions & { handle(request: PlainRequest): Promise<PlainResponse> } {
  const { aws, buildId, tables, secrets, publicApiPrefix } = readVaultEnvironment();
  const logger = createLogger((line) => process.stdout.write(`${line}\n`), { function: 'vault', build: buildId });
  const secretReader = createSecretReader({ aws });
  const client = createSdkTableClient({ aws, retries: REQUEST_PATH_RETRIES });
  const catalog = createCatalogStore(client, tables.catalog);
  const readSeed = () => secretReader.read(secrets.vaultSeed);
  const vault = createVault({
    catalog,
    readSeed,
    refresher: createTokenRefresher({
      keys: createSeedKeys(readSeed),
      tokens: createTokenStore(client, tables.vault),
      vault: createVaultStore(client, tables.vault),
      catalog,
      clock: systemClock,
      scheduler: systemScheduler,
      logger,
      owner: createPrefixedId('att'),
    }),
    publicApiPrefix,
    clock: systemClock,
    log: logger,
    buildId,
  });
  return {
    handle: (request) => vault.handle(request),
    onInvoke: (payload) => vault.invoke(payload),
    logger,
    originSecret: {
      read: () => secretReader.read(secrets.origin),
      readAgain: () => secretReader.readAgain(secrets.origin),
    },
    encodeError: createErrorEncoder({ clock: systemClock, buildId, publicApiPrefix }),
  };
}
