import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { secretAccessKeyFor } from '../../infra/local/function-environment.ts';
import { OPERATOR } from '../../infra/local/permissions/rules.ts';
import { TABLES, type TableContext } from '../../layers/aws/names.ts';
import { createSdkTableClient } from '../../layers/aws/sdk-table-client.ts';
import { createIdentityStore } from '../../layers/aws/tables/identity.ts';
import { createUsageStore } from '../../layers/aws/tables/ledger.ts';
import { createVaultStore } from '../../layers/aws/tables/vault.ts';
import type { Credential } from '../../layers/core/credentials/store.ts';
import type { ApiKey, User } from '../../layers/core/identity/store.ts';
import { mapLimited } from '../../layers/kit/async/map-limited.ts';
import { aUsageEvent } from '../support/usage-events.ts';
import { createBulkTableClient } from './bulk-table-client.ts';

const REGION = 'us-east-1';
const AT_ONCE = 16;

type Step = [what: string, many: number, write: (index: number) => Promise<unknown>];

export interface Filling {
  /** How many users, keys and requests. */
  rows: number;
  credentials: number;
  storeUrl: string;
  /** Whose keys they are. */
  ownerId: string;
  print(text: string): void;
}

/** Fills a running local stack's tables with users, keys of one owner, credentials and requests, by the stores' own code. */
export async function fill({ rows, credentials: credentialRows, storeUrl, ownerId, print }: Filling): Promise<void> {
  const credentials = { accessKeyId: OPERATOR, secretAccessKey: secretAccessKeyFor(OPERATOR) };
  const service = new DynamoDBClient({ region: REGION, endpoint: storeUrl, credentials });
  const documents = DynamoDBDocumentClient.from(service, { marshallOptions: { removeUndefinedValues: true } });
  const aws = {
    region: REGION,
    endpoints: { dynamodb: storeUrl },
    credentials: () => ({ ...credentials, sessionToken: undefined }),
  };
  const single = createSdkTableClient({ aws });
  const bulk = createBulkTableClient(single, documents);
  const tables = await tableNames(service);
  const identity = createIdentityStore(bulk, tables.identity);
  const vault = createVaultStore(bulk, tables.vault);
  const usage = createUsageStore(single, tables.ledger);
  const steps: Step[] = [
    ['users', rows, (index) => identity.createUser(aUser(index))],
    ['keys', rows, (index) => identity.createKey(aKey(index, ownerId))],
    ['credentials', credentialRows, (index) => vault.addCredential(aCredential(index))],
    ['requests', rows, (index) => request(usage, index, ownerId)],
  ];
  for (const [what, many, write] of steps) {
    const begun = performance.now();
    const indexes = Array.from({ length: many }, (_, index) => index);
    await mapLimited(indexes, AT_ONCE, write);
    await bulk.flush();
    print(`${many} ${what} in ${Math.round((performance.now() - begun) / 1_000)} s`);
  }
  await bulk.close();
  service.destroy();
}

async function tableNames(service: DynamoDBClient): Promise<Record<TableContext, string>> {
  const { TableNames = [] } = await service.send(new ListTablesCommand({}));
  const contexts = Object.keys(TABLES) as TableContext[];
  const named = contexts.map((context) => {
    const name = TableNames.find((candidate) => candidate.includes(TABLES[context].id));
    if (name === undefined) throw new Error(`The stack has no table for ${context}: ${TableNames.join(', ')}`);
    return [context, name];
  });
  return Object.fromEntries(named) as Record<TableContext, string>;
}

const numbered = (index: number): string => String(index).padStart(7, '0');

function aUser(index: number): User {
  return {
    id: `usr_many${numbered(index)}`,
    username: `many-${numbered(index)}`,
    email: `many.${numbered(index)}@example.com`,
    role: 'user',
    passwordHash: null,
    enabled: index % 10 !== 0,
    silenced: false,
    emailVerified: true,
    validAfter: 0,
    trustLevel: index % 3,
    mustChangePassword: false,
    createdAt: Date.now() - index,
  };
}

function aKey(index: number, ownerId: string): ApiKey {
  return {
    id: `key_many${numbered(index)}`,
    ownerId,
    name: `many ${numbered(index)}`,
    digest: `many-${numbered(index)}`.padEnd(64, '0'),
    pepperVersion: 'v1',
    preview: `sk-sluice1-Many…${numbered(index).slice(-4)}`,
    enabled: index % 10 !== 0,
    expiresAt: null,
    models: ['*'],
    limits: {},
    createdAt: Date.now() - index * 1_000,
  };
}

function aCredential(index: number): Credential {
  return {
    id: `crd_many${numbered(index)}`,
    upstream: 'sandbox',
    name: `many ${numbered(index)}`,
    kind: 'api_key',
    tier: 'basic',
    priority: 0,
    weight: 1,
    // What is switched off stays out of the relay's way.
    enabled: false,
    proxyUrl: null,
    limits: {},
    secret: null,
    secretDigest: `many ${numbered(index)}`,
    tokenDigest: null,
    bizId: null,
    email: `many.${numbered(index)}@example.com`,
    tag: index % 3 === 0 ? 'third' : 'other',
    createdAt: Date.now() - index * 1_000,
    updatedAt: 0,
  };
}

async function request(usage: ReturnType<typeof createUsageStore>, index: number, ownerId: string): Promise<void> {
  const isFailed = index % 50 === 0;
  const event = aUsageEvent(
    Date.now(),
    { userId: ownerId, keyId: `key_many${numbered(index)}`, model: index % 7 === 0 ? 'sandbox-small' : 'sandbox-chat' },
    { upstream: 'sandbox', status: isFailed ? 503 : 200, error: isFailed ? 'upstream_error' : null },
  );
  const { closing, phase: _phase, ...open } = event;
  if (closing === null) return;
  await usage.openEvent(open);
  await usage.closeEvent(event.requestId, closing, event);
}
