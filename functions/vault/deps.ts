import { readVaultEnvironment, type VaultEnvironment } from '@sluice/aws/env';
import type { DoorOptions } from '@sluice/aws/lambda/door';
import { createSdkTableClient } from '@sluice/aws/sdk-table-client';
import { REQUEST_PATH_RETRIES } from '@sluice/aws/retries';
import { createSecretReader, type SecretReader } from '@sluice/aws/secrets/secret-reader';
import { createCatalogStore } from '@sluice/aws/tables/catalog';
import { createMachineSecretStore } from '@sluice/aws/tables/machine-secrets';
import { createThrottleStore } from '@sluice/aws/tables/throttles';
import { createTokenStore } from '@sluice/aws/tables/tokens';
import { createVaultStore } from '@sluice/aws/tables/vault';
import { createCodeExchanger, createSeedKeys, createTokenRefresher } from '@sluice/aws/token-refresher';
import { createCheckSender } from '@sluice/aws/check-sender';
import { createPoolStateStore } from '@sluice/aws/tables/pool-state';
import { testCredential } from '@sluice/core/credentials/check/test-credential';
import { createMachineGuard } from '@sluice/core/credentials/vending/machine-guard';
import { revealTokens } from '@sluice/core/credentials/vending/reveal';
import { createTokenVending } from '@sluice/core/credentials/vending/vending';
import type { TokenRow } from '@sluice/core/credentials/refresh/tokens';
import type { Credential } from '@sluice/core/credentials/store';
import { ownedName } from '@sluice/core/sharing/who-may-use';
import { digestApiKey } from '@sluice/core/identity/api-keys';
import type { PlainRequest, PlainResponse } from '@sluice/kit/http/exchange';
import { createErrorEncoder } from '@sluice/kit/http/path-envelopes';
import { createLogger, type Logger } from '@sluice/kit/log/logger';
import { createPrefixedId } from '@sluice/kit/ids/prefixed-id';
import { systemClock } from '@sluice/kit/time/clock';
import { systemScheduler } from '@sluice/kit/time/scheduler';
import { createVault, type VaultPorts } from './app.ts';
import { createKeyPublisher } from './key-publisher.ts';
import { publicRows } from './public-api.ts';

/** The only place where the vault function's stores, clock and secrets are made. */
export function createVaultFunction(): DoorOptions & { handle(request: PlainRequest): Promise<PlainResponse> } {
  const environment = readVaultEnvironment();
  const { aws, buildId, secrets, publicApiPrefix } = environment;
  const logger = createLogger((line) => process.stdout.write(`${line}\n`), { function: 'vault', build: buildId });
  const secretReader = createSecretReader({ aws });
  const vault = createVault(createPorts(environment, secretReader, logger));
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

const TIME = { clock: systemClock, scheduler: systemScheduler };

function createPorts(environment: VaultEnvironment, secretReader: SecretReader, logger: Logger): VaultPorts {
  const { aws, buildId, tables, secrets, publicApiPrefix: prefix } = environment;
  const client = createSdkTableClient({ aws, retries: REQUEST_PATH_RETRIES });
  const catalog = createCatalogStore(client, tables.catalog);
  const readSeed = () => secretReader.read(secrets.vaultSeed);
  const keys = createSeedKeys(readSeed);
  const { opener } = keys;
  const vault = createVaultStore(client, tables.vault);
  const tokens = createTokenStore(client, tables.vault);
  const poolStates = createPoolStateStore(client, tables.vault);
  const owner = createPrefixedId('att');
  const refresher = createTokenRefresher({ keys, tokens, vault, catalog, changes: poolStates, ...TIME, logger, owner });
  const publishKey = createKeyPublisher({ catalog, readSeed, log: logger });
  const guard = createMachineGuard({
    secrets: createMachineSecretStore(client, tables.vault),
    digest: createPepperDigest(() => secretReader.read(secrets.pepper)),
    throttles: createThrottleStore(client, tables.identity),
    clock: systemClock,
  });
  const vending = createTokenVending({ lookup: vault, tokens, refresher, opener, clock: systemClock });
  const renew = ({ upstream, credentialId, accessDigest }: TokenRow) =>
    refresher.refresh({ upstream, credentialId }, { kind: 'access-token', digest: accessDigest });
  const testDeps = { vault, tokens, poolStates, opener, send: createCheckSender(catalog), renew, ...TIME, logger };
  const readSettings = () => catalog.readSettings();
  const isUsers = ({ id, name }: Credential): boolean => name === ownedName(id);
  return {
    publishKey,
    refresher,
    revealTokens: (key) => revealTokens({ vault, tokens, opener, readSettings, isUsers }, key),
    testCredential: (asked) => testCredential(testDeps, asked),
    exchangeCode: createCodeExchanger({ keys, vault, catalog, clock: systemClock }),
    rows: publicRows({ prefix, guard, vending, checkHealth: publishKey, log: logger }),
    publicApiPrefix: prefix,
    ...TIME,
    log: logger,
    buildId,
  };
}

function createPepperDigest(readPepper: () => Promise<Readonly<Record<string, string>>>) {
  return async (secret: string, version: string): Promise<string> => {
    const peppers = await readPepper();
    const pepper = Object.hasOwn(peppers, version) ? peppers[version] : undefined;
    if (!pepper) throw new Error(`The pepper has no version ${JSON.stringify(version)}.`);
    return digestApiKey({ pepper, secret });
  };
}
