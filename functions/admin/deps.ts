import { readAdminEnvironment } from '@sluice/aws/env';
import type { DoorOptions } from '@sluice/aws/lambda/door';
import { createFunctionInvoker } from '@sluice/aws/lambda-invoker';
import { createMailer } from '@sluice/aws/mailer';
import { createSdkTableClient } from '@sluice/aws/sdk-table-client';
import type { TableClient } from '@sluice/aws/table-client';
import { createS3Client } from '@sluice/aws/media/s3-client';
import { createMediaObjects } from '@sluice/aws/media/s3-objects';
import { REQUEST_PATH_RETRIES } from '@sluice/aws/retries';
import { createSecretReader } from '@sluice/aws/secrets/secret-reader';
import { createAlertStore } from '@sluice/aws/tables/alerts';
import { createAuditStore } from '@sluice/aws/tables/audit';
import { createAccountStore } from '@sluice/aws/tables/accounts';
import { createCatalogStore } from '@sluice/aws/tables/catalog';
import { createContentStore } from '@sluice/aws/tables/content';
import { createConversationStore } from '@sluice/aws/tables/conversations';
import { createCredentialLists } from '@sluice/aws/tables/credential-lists';
import { createCredentialRecords } from '@sluice/aws/tables/credential-records';
import { createHedgeStore } from '@sluice/aws/tables/hedges';
import { createIdentityStore } from '@sluice/aws/tables/identity';
import { createKeyUseStore } from '@sluice/aws/tables/key-uses';
import { createSweepStore, createUsageStore } from '@sluice/aws/tables/ledger';
import { createLedgerAccountStore } from '@sluice/aws/tables/ledger-account';
import { createMachineSecretStore } from '@sluice/aws/tables/machine-secrets';
import { createMediaIndex } from '@sluice/aws/tables/media-index';
import { createPlanDefinitionStore } from '@sluice/aws/tables/plan-definitions';
import { createPlanGrantStore } from '@sluice/aws/tables/plan-grants';
import { createRedemptionCodeStore } from '@sluice/aws/tables/redemption-codes';
import { createRollUpStore } from '@sluice/aws/tables/roll-ups';
import { createSessionStore } from '@sluice/aws/tables/sessions';
import { createThrottleStore } from '@sluice/aws/tables/throttles';
import { createOwnedCredentialStore } from '@sluice/aws/tables/owned-credentials';
import { createQuotaPoolStore } from '@sluice/aws/tables/quota-pools';
import { createPoolStateStore } from '@sluice/aws/tables/pool-state';
import { createSignInStore } from '@sluice/aws/tables/sign-ins';
import { createTokenStore } from '@sluice/aws/tables/tokens';
import { createUserSettingsStore } from '@sluice/aws/tables/user-settings';
import { createVaultStore } from '@sluice/aws/tables/vault';
import type { CodeOutcome } from '@sluice/core/credentials/authorize/exchange-code';
import type { TestReport } from '@sluice/core/credentials/check/test-credential';
import type { RevealOutcome } from '@sluice/core/credentials/vending/reveal';
import type { ManyResult } from '@sluice/core/credentials/refresh/refresh-many';
import type { RefreshResult } from '@sluice/core/credentials/refresh/outcome';
import type { PlainRequest, PlainResponse } from '@sluice/kit/http/exchange';
import { createErrorEncoder } from '@sluice/kit/http/path-envelopes';
import { createLogger } from '@sluice/kit/log/logger';
import { systemClock } from '@sluice/kit/time/clock';
import { createAdmin } from './app.ts';
import { createAdminServices } from './services.ts';
import { VERSION } from './version.ts';

/** The only place where the admin function's stores, clock and callers are made. */
export function createAdminFunction(): DoorOptions & { handle(request: PlainRequest): Promise<PlainResponse> } {
  const environment = readAdminEnvironment();
  const { aws, buildId, tables, secrets, scheduleFunctions } = environment;
  const logger = createLogger((line) => process.stdout.write(`${line}\n`), { function: 'admin', build: buildId });
  const secretReader = createSecretReader({ aws });
  const client = createSdkTableClient({ aws, retries: REQUEST_PATH_RETRIES });
  const invoker = createFunctionInvoker({ aws });

  const services = createAdminServices({
    identity: createIdentityStore(client, tables.identity),
    keyUses: createKeyUseStore(client, tables.identity),
    sessionStore: createSessionStore(client, tables.identity),
    throttles: createThrottleStore(client, tables.identity),
    accountStore: createAccountStore(client, tables.identity),
    userSettings: createUserSettingsStore(client, tables.identity),
    mailer: createMailer({ aws, sender: environment.mailSender, log: logger }),
    hedges: createHedgeStore(client, tables.ledger),
    ...createVaultStores(client, tables),
    pools: createQuotaPoolStore(client, tables.ledger),
    catalog: createCatalogStore(client, tables.catalog),
    auditStore: createAuditStore(client, tables.catalog),
    alertStore: createAlertStore(client, tables.catalog),
    mediaObjects: createMediaObjects(createS3Client({ aws, bucket: environment.mediaBucket })),
    ...createContentStores(client, tables),
    usage: createUsageStore(client, tables.ledger),
    sweep: createSweepStore(client, tables.ledger),
    accounts: createLedgerAccountStore(client, tables.ledger),
    codes: createRedemptionCodeStore(client, tables),
    plans: createPlanDefinitionStore(client, tables.catalog),
    planGrants: createPlanGrantStore(client, tables.ledger),
    timeZoneOffsetMinutes: environment.timeZoneOffsetMinutes,
    rollUps: createRollUpStore(client, tables.ledger),
    secrets: {
      pepper: () => secretReader.read(secrets.pepper),
      signingSeed: () => secretReader.read(secrets.signingSeed),
      bootstrapAdmin: async () => {
        const { username = '', password = '' } = await secretReader.read(secrets.bootstrapAdmin);
        if (username === '' || password === '') throw new Error('The first administrator has no name or password.');
        return { username, password };
      },
    },
    publishVaultKey: () => invoker.invoke(environment.vaultFunction, { action: 'publish-public-key' }),
    askRefresh: async (key, asked) => {
      const payload = { action: 'refresh', ...key, cause: { kind: 'manual', ...asked } };
      return (await invoker.invoke(environment.vaultFunction, payload)) as RefreshResult;
    },
    exchangeCode: async (asked) => {
      const payload = { action: 'exchange-code', ...asked };
      return (await invoker.invoke(environment.vaultFunction, payload)) as CodeOutcome;
    },
    askTest: async (key, asked) => {
      const payload = { action: 'test-credential', ...key, ...asked };
      return (await invoker.invoke(environment.vaultFunction, payload)) as TestReport;
    },
    askReveal: async (key, who) => {
      const payload = { action: 'reveal-tokens', ...key, who };
      return (await invoker.invoke(environment.vaultFunction, payload)) as RevealOutcome;
    },
    askRefreshMany: async (keys, since) => {
      const payload = { action: 'refresh-many', since, keys };
      return (await invoker.invoke(environment.vaultFunction, payload)) as ManyResult[];
    },
    scheduleNames: Object.keys(scheduleFunctions),
    runSchedule: (name, parameters) => invoker.invoke(scheduleFunctions[name] ?? '', parameters),
    startSchedule: (name) => invoker.start(scheduleFunctions[name] ?? '', {}),
    clock: systemClock,
    log: logger,
    buildId,
    version: VERSION,
  });
  return {
    handle: createAdmin(services),
    logger,
    originSecret: {
      read: () => secretReader.read(secrets.origin),
      readAgain: () => secretReader.readAgain(secrets.origin),
    },
    encodeError: createErrorEncoder({ clock: systemClock, buildId, publicApiPrefix: null }),
  };
}

/** All that stands in the content table, as far as admin has to do with it. */
function createContentStores(client: TableClient, tables: { content: string }) {
  return {
    mediaIndex: createMediaIndex(client, tables.content),
    content: createContentStore(client, tables.content),
    conversations: createConversationStore(client, tables.content),
  };
}

/** All that stands in the vault table, as far as admin has to do with it. */
function createVaultStores(client: TableClient, tables: { vault: string; ledger: string }) {
  return {
    vault: createVaultStore(client, tables.vault),
    records: createCredentialRecords(client, tables.vault),
    lists: createCredentialLists(client, tables.vault),
    tokens: createTokenStore(client, tables.vault),
    machineSecrets: createMachineSecretStore(client, tables.vault),
    poolStates: createPoolStateStore(client, tables.vault),
    owned: createOwnedCredentialStore(client, tables),
    signIns: createSignInStore(client, tables.vault),
  };
}
