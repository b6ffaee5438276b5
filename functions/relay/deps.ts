import { readRelayEnvironment, type RelayEnvironment } from '@sluice/aws/env';
import type { OriginSecretSource } from '@sluice/aws/lambda/origin-guard';
import { REQUEST_PATH_RETRIES } from '@sluice/aws/retries';
import { createSecretReader, type SecretValues } from '@sluice/aws/secrets/secret-reader';
import { createCallSigner } from '@sluice/aws/signing/sign-call';
import { createSignedTableClient } from '@sluice/aws/signed-table-client';
import type { TableClient } from '@sluice/aws/table-client';
import { createCatalogStore } from '@sluice/aws/tables/catalog';
import { createContentStore } from '@sluice/aws/tables/content';
import { createHedgeStore } from '@sluice/aws/tables/hedges';
import { createCredentialRecords } from '@sluice/aws/tables/credential-records';
import { createIdentityStore } from '@sluice/aws/tables/identity';
import { createKeyUseStore } from '@sluice/aws/tables/key-uses';
import { createUsageStore } from '@sluice/aws/tables/ledger';
import { createLedgerAccountStore } from '@sluice/aws/tables/ledger-account';
import { createOwnedCredentialStore } from '@sluice/aws/tables/owned-credentials';
import { createPoolStateStore } from '@sluice/aws/tables/pool-state';
import { createQuotaPoolStore } from '@sluice/aws/tables/quota-pools';
import { createServingList } from '@sluice/aws/tables/serving';
import { createSessionStore } from '@sluice/aws/tables/sessions';
import { createTokenStore } from '@sluice/aws/tables/tokens';
import { createVaultStore } from '@sluice/aws/tables/vault';
import { createVaultInvoker } from '@sluice/aws/vault-invoker';
import { createOpener } from '@sluice/core/credentials/sealing';
import type { RefreshResult } from '@sluice/core/credentials/refresh/outcome';
import { createApiKeyDigest } from '@sluice/core/identity/api-keys';
import { createCarriers } from '@sluice/core/relay/carriers';
import { createGroupCommit } from '@sluice/core/metering/group-commit';
import { createDataPlane, type DataPlane, type Handle } from '@sluice/core/relay/front';
import { CONNECT_TIMEOUT_MS, RELAY_TIMERS } from '@sluice/core/relay/timers';
import type { EncodeError } from '@sluice/kit/http/exchange';
import { createErrorEncoder } from '@sluice/kit/http/path-envelopes';
import { createUpstreamClient } from '@sluice/kit/http/upstream-client';
import { createLogger, type Logger } from '@sluice/kit/log/logger';
import { systemClock } from '@sluice/kit/time/clock';
import { systemScheduler } from '@sluice/kit/time/scheduler';
import { OPENAI_CHAT } from '@sluice/llm/formats/openai-chat/openai-chat';
import { createMediaDeps } from './media-deps.ts';
import { RELAY_ROUTES } from './routes.ts';

/** The only place where the relay's stores, clocks and callers are made. */
export interface RelayFunction {
  handle: Handle;
  /** Runs what was kept to be done without its client. */
  runJob: DataPlane['runJob'];
  originSecret: OriginSecretSource;
  encodeError: EncodeError;
  logger: Logger;
}

/** Who may serve, and how they are. */
function createCredentialStores(client: TableClient, tables: RelayEnvironment['tables']) {
  return {
    vault: createVaultStore(client, tables.vault),
    records: createCredentialRecords(client, tables.vault),
    serving: createServingList(client, tables.vault),
    tokens: createTokenStore(client, tables.vault),
    poolStates: createPoolStateStore(client, tables.vault),
    owned: createOwnedCredentialStore(client, tables),
  };
}

/** @param options.servesMany the process serves many requests at once, so that their writes may go together */
export function createRelayFunction(options: { servesMany: boolean }): RelayFunction {
  const environment = readRelayEnvironment();
  const { aws, buildId, tables, secrets, timeZoneOffsetMinutes, groupCommit, vaultFunction } = environment;
  const logger = createLogger((line) => process.stdout.write(`${line}\n`), { function: 'relay', build: buildId });
  const secretReader = createSecretReader({ aws });
  const client = createSignedTableClient({ aws, retries: REQUEST_PATH_RETRIES });
  const signUpstream = createCallSigner({ credentials: aws.credentials, clock: systemClock });
  const upstreamClient = createUpstreamClient({ connectTimeoutMs: CONNECT_TIMEOUT_MS });
  const mediaDeps = createMediaDeps(environment, { client, upstreamClient, logger });
  const invokeVault = createVaultInvoker({ aws, functionName: vaultFunction });

  const createPlane = async (): Promise<DataPlane> => {
    const [pepper, seeds] = await Promise.all([
      secretReader.read(secrets.pepper),
      secretReader.read(secrets.vaultSeed),
    ]);
    const digests = newestFirst(pepper).map(createApiKeyDigest);
    const catalog = createCatalogStore(client, tables.catalog);
    const accounts = createLedgerAccountStore(client, tables.ledger);
    const grouped = options.servesMany && groupCommit === 'on';
    return createDataPlane({
      routes: RELAY_ROUTES,
      defaultFormat: OPENAI_CHAT,
      clock: systemClock,
      scheduler: systemScheduler,
      random: Math.random,
      logger,
      buildId,
      timers: RELAY_TIMERS,
      upstreamClient,
      identity: createIdentityStore(client, tables.identity),
      sessions: createSessionStore(client, tables.identity),
      keyUses: createKeyUseStore(client, tables.identity),
      catalog,
      findPrice: (model, version) => catalog.findPrice(model, version),
      ...createCredentialStores(client, tables),
      askRefresh: async (key, digest) =>
        (await invokeVault({ action: 'refresh', ...key, cause: { kind: 'access-token', digest } })) as RefreshResult,
      hedges: createHedgeStore(client, tables.ledger),
      pools: createQuotaPoolStore(client, tables.ledger),
      usage: createUsageStore(client, tables.ledger),
      accounts: grouped ? createGroupCommit({ accounts, scheduler: systemScheduler }) : accounts,
      timeZoneOffsetMinutes,
      opener: createOpener({ seeds }),
      content: createContentStore(client, tables.content),
      ...mediaDeps({ pepper, catalog }),
      carriers: createCarriers({ seeds }),
      signUpstream,
      digestsOf: (secret) => digests.map((digest) => digest(secret)),
    });
  };
  let plane: Promise<DataPlane> | null = null;
  // A failed start is tried again by the next request.
  const readPlane = (): Promise<DataPlane> =>
    (plane ??= createPlane().catch((error: unknown) => {
      plane = null;
      throw error;
    }));

  return {
    logger,
    encodeError: createErrorEncoder({
      clock: systemClock,
      buildId,
      publicApiPrefix: null,
      unreadPath: '/v1/',
      crossOrigin: true,
    }),
    originSecret: {
      read: () => secretReader.read(environment.originSecret ?? noOrigin()),
      readAgain: () => secretReader.readAgain(environment.originSecret ?? noOrigin()),
    },
    handle: async (request, sink) => (await readPlane()).handle(request, sink),
    runJob: async (key) => (await readPlane()).runJob(key),
  };
}

function noOrigin(): never {
  throw new Error('No CDN is in front of this function');
}

/** Versions are `v1`, `v2`…; most keys were made under the newest pepper. */
function newestFirst(values: SecretValues): string[] {
  return Object.entries(values)
    .toSorted(([left], [right]) => Number(right.slice(1)) - Number(left.slice(1)))
    .map(([, value]) => value);
}
