import { TABLES } from '../../layers/aws/names.ts';
import { createTableOperations } from '../../layers/aws/table-operations.ts';
import type { TableClient } from '../../layers/aws/table-client.ts';
import { createCatalogStore } from '../../layers/aws/tables/catalog.ts';
import { createCredentialRecords } from '../../layers/aws/tables/credential-records.ts';
import { createIdentityStore } from '../../layers/aws/tables/identity.ts';
import { createKeyUseStore } from '../../layers/aws/tables/key-uses.ts';
import { createPoolStateStore } from '../../layers/aws/tables/pool-state.ts';
import { createServingList } from '../../layers/aws/tables/serving.ts';
import { createVaultStore } from '../../layers/aws/tables/vault.ts';
import type { CatalogStore, Model } from '../../layers/core/catalog/store.ts';
import type { PoolStateStore } from '../../layers/core/credentials/pool-state.ts';
import type { CredentialRecords } from '../../layers/core/credentials/records/store.ts';
import type { ServingList } from '../../layers/core/credentials/serving.ts';
import type { Credential, VaultStore } from '../../layers/core/credentials/store.ts';
import type { KeyUseStore } from '../../layers/core/identity/key-uses.ts';
import type { IdentityStore } from '../../layers/core/identity/store.ts';
import { aCredential, aKey, aModel, anUpstream, aUser } from '../core/relay/rig.ts';
import { createMemoryKeyUses } from '../support/memory-key-uses.ts';
import { createMemoryPoolStates } from '../support/memory-pool-states.ts';
import { createMemoryRecords, createMemoryServing } from '../support/memory-records.ts';
import {
  createMemoryCatalogStore,
  createMemoryIdentityStore,
  createMemoryVaultStore,
} from '../support/memory-stores.ts';
import type { Scenario } from './scenarios.ts';
import type { Tables } from './tables.ts';

/** Who may ask, for what, and by whom it is served, as every scenario finds it. */

export const USER = 'usr_1';
const KEY = 'key_1';

export const PRICE = {
  version: 1,
  inputMicros: 1_000_000,
  outputMicros: 2_000_000,
  cacheReadMicros: 0,
  cacheWrite5mMicros: 0,
  cacheWrite1hMicros: 0,
  reasoningMicros: null,
  audioMicros: null,
  imageMicros: null,
};

const UPSTREAM = anUpstream('first', 'http://127.0.0.1:1/v1');
const SETTINGS = { allowedUpstreamNetworks: ['127.0.0.0/8'] };
const models = (): Model[] => [
  aModel({ name: 'chat', price: PRICE }),
  aModel({ name: 'heavy', class: 'heavy', price: PRICE }),
];
const userOf = ({ role }: Scenario, nowMs: number) => aUser({ id: USER, role, createdAt: nowMs });
const keyOf = ({ limits }: Scenario) => aKey({ id: KEY, ownerId: USER, limits });

function credentialsOf({ credentials = 1, credentialLimits = {} }: Scenario): Credential[] {
  return Array.from({ length: credentials }, (_, index) =>
    aCredential('first', String.fromCharCode(97 + index), { limits: credentialLimits }),
  );
}

/** What a relay reads beside the ledger. */
interface Surroundings {
  identity: IdentityStore;
  keyUses: KeyUseStore;
  catalog: CatalogStore;
  vault: VaultStore;
  records: Pick<CredentialRecords, 'findMany'>;
  serving: ServingList;
  poolStates: PoolStateStore;
}

export function surroundingsInMemory(scenario: Scenario, nowMs: number): Surroundings {
  const vault = createMemoryVaultStore({ upstreams: [UPSTREAM], credentials: credentialsOf(scenario) });
  return {
    identity: createMemoryIdentityStore({ users: [userOf(scenario, nowMs)], keys: [keyOf(scenario)] }),
    keyUses: createMemoryKeyUses(),
    catalog: createMemoryCatalogStore({ models: models(), settings: SETTINGS }),
    vault,
    records: createMemoryRecords(vault),
    serving: createMemoryServing(vault),
    poolStates: createMemoryPoolStates(),
  };
}

export function surroundingsInTables(client: TableClient): Surroundings {
  return {
    identity: createIdentityStore(client, TABLES.identity.id),
    keyUses: createKeyUseStore(client, TABLES.identity.id),
    catalog: createCatalogStore(client, TABLES.catalog.id),
    vault: createVaultStore(client, TABLES.vault.id),
    records: createCredentialRecords(client, TABLES.vault.id),
    serving: createServingList(client, TABLES.vault.id),
    poolStates: createPoolStateStore(client, TABLES.vault.id),
  };
}

export async function seedTables(tables: Tables, scenario: Scenario, nowMs: number): Promise<void> {
  const client = createTableOperations({ send: tables.send, close: async () => undefined });
  const { identity, catalog, vault } = surroundingsInTables(client);
  await identity.createUser(userOf(scenario, nowMs));
  await identity.createKey(keyOf(scenario));
  for (const model of models()) await catalog.putModel(model);
  await catalog.changeSettings(SETTINGS);
  await vault.putUpstream(UPSTREAM);
  for (const credential of credentialsOf(scenario)) await vault.putCredential(credential);
}
