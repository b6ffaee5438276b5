/**
 * Brings a table into being from the resolved properties of AWS::DynamoDB::GlobalTable, over the service's protocol:
 *
 *   createTable({ url, tableName, properties }): Promise<void>
 *
 * May be called at every start: what is there stays, a missing index is added and filled, the time to live is set.
 * Throws when the existing table cannot become the wanted one (another key schema, an index with other keys).
 */

import { setTimeout as sleep } from 'node:timers/promises';
import type { IndexProperties, KeySchemaElement, TableProperties } from '../interfaces.ts';

const STATUS_POLL_MS = 5;
const STATUS_TIMEOUT_MS = 10_000;
/** The service reads the caller's name only; the local stack signs with this one. */
const AUTHORIZATION =
  'AWS4-HMAC-SHA256 Credential=sluice-runner/20260101/local/dynamodb/aws4_request, SignedHeaders=host, Signature=0';

export interface CreateTableInput {
  readonly url: string;
  readonly tableName: string;
  readonly properties: TableProperties;
}

interface Description {
  readonly TableStatus: string;
  readonly KeySchema: readonly KeySchemaElement[];
  readonly GlobalSecondaryIndexes?: readonly IndexProperties[];
}

async function call(url: string, operation: string, body: unknown): Promise<Record<string, unknown> | null> {
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': `DynamoDB_20120810.${operation}`,
      authorization: AUTHORIZATION,
    },
    body: JSON.stringify(body),
  });
  const answer = (await response.json()) as Record<string, unknown>;
  if (response.ok) return answer;
  const type = String(answer['__type']);
  if (type.endsWith('#ResourceNotFoundException')) return null;
  throw new Error(
    `${operation} failed: ${type.replace(/^.*#/, '')}: ${String(answer['message'] ?? answer['Message'])}`,
  );
}

function schemaText(schema: readonly KeySchemaElement[]): string {
  return schema.map((key) => `${key.AttributeName} (${key.KeyType})`).join(', ');
}

function indexDefinition({ IndexName, KeySchema, Projection }: IndexProperties) {
  return { IndexName, KeySchema, Projection };
}

function creation(tableName: string, properties: TableProperties): Record<string, unknown> {
  const { KeySchema, AttributeDefinitions, GlobalSecondaryIndexes, LocalSecondaryIndexes } = properties;
  return {
    TableName: tableName,
    KeySchema,
    AttributeDefinitions,
    BillingMode: 'PAY_PER_REQUEST',
    ...(GlobalSecondaryIndexes?.length ? { GlobalSecondaryIndexes: GlobalSecondaryIndexes.map(indexDefinition) } : {}),
    ...(LocalSecondaryIndexes?.length ? { LocalSecondaryIndexes: LocalSecondaryIndexes.map(indexDefinition) } : {}),
  };
}

async function describe(url: string, tableName: string): Promise<Description | null> {
  const answer = await call(url, 'DescribeTable', { TableName: tableName });
  return (answer?.['Table'] as Description | undefined) ?? null;
}

async function waitUntilActive({ url, tableName }: CreateTableInput): Promise<Description> {
  const deadline = Date.now() + STATUS_TIMEOUT_MS;
  for (;;) {
    const table = await describe(url, tableName);
    if (table?.TableStatus === 'ACTIVE') return table;
    if (Date.now() > deadline) throw new Error(`Table ${tableName} did not become active`);
    await sleep(STATUS_POLL_MS);
  }
}

function refuseOther(what: string, wanted: readonly KeySchemaElement[], found: readonly KeySchemaElement[]): void {
  if (schemaText(wanted) === schemaText(found)) return;
  throw new Error(
    `${what} has the keys ${schemaText(found)}, the template says ${schemaText(wanted)}. ` +
      'Keys of existing data cannot change: start with --reset to begin anew.',
  );
}

async function addMissingIndexes({ url, tableName, properties }: CreateTableInput, table: Description): Promise<void> {
  for (const index of properties.GlobalSecondaryIndexes ?? []) {
    const found = table.GlobalSecondaryIndexes?.find((other) => other.IndexName === index.IndexName);
    if (found !== undefined) {
      refuseOther(`Index ${index.IndexName} of table ${tableName}`, index.KeySchema, found.KeySchema);
      continue;
    }
    await call(url, 'UpdateTable', {
      TableName: tableName,
      AttributeDefinitions: properties.AttributeDefinitions,
      GlobalSecondaryIndexUpdates: [{ Create: indexDefinition(index) }],
    });
  }
}

async function setTimeToLive({ url, tableName, properties }: CreateTableInput): Promise<void> {
  const wanted = properties.TimeToLiveSpecification;
  if (wanted?.AttributeName === undefined || String(wanted.Enabled) !== 'true') return;
  const answer = await call(url, 'DescribeTimeToLive', { TableName: tableName });
  const current = answer?.['TimeToLiveDescription'] as { AttributeName?: string } | undefined;
  if (current?.AttributeName === wanted.AttributeName) return;
  if (current?.AttributeName !== undefined) {
    const specification = { AttributeName: current.AttributeName, Enabled: false };
    await call(url, 'UpdateTimeToLive', { TableName: tableName, TimeToLiveSpecification: specification });
  }
  const specification = { AttributeName: wanted.AttributeName, Enabled: true };
  await call(url, 'UpdateTimeToLive', { TableName: tableName, TimeToLiveSpecification: specification });
}

export async function createTable(input: CreateTableInput): Promise<void> {
  const { url, tableName, properties } = input;
  if ((await describe(url, tableName)) === null) await call(url, 'CreateTable', creation(tableName, properties));
  const table = await waitUntilActive(input);
  refuseOther(`Table ${tableName}`, properties.KeySchema, table.KeySchema);
  await addMissingIndexes(input, table);
  await setTimeToLive(input);
}
