import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { CreateTableCommand, DeleteTableCommand, DescribeTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { CreateTableCommandInput, TableDescription } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { createDynamoDbServer } from '../../../../infra/local/store/dynamodb/server.ts';
import type { DynamoDbServer } from '../../../../infra/local/store/interfaces.ts';

/** The suite runs against another table service when this holds its address (and standard credentials are set). */
const EXTERNAL = process.env['DYNAMODB_CONFORMANCE_ENDPOINT'];

export const isEmbedded = EXTERNAL === undefined;

export interface TablesUnderTest {
  readonly client: DynamoDBClient;
  readonly documents: DynamoDBDocumentClient;
  /** A table `pk`, `sk` under a name of its own; more or other properties may be given. Waits until it is active. */
  createTable(properties?: Partial<CreateTableCommandInput>): Promise<string>;
  describe(tableName: string): Promise<TableDescription>;
  close(): Promise<void>;
}

export function clientFor(endpoint: string): DynamoDBClient {
  return new DynamoDBClient({
    endpoint,
    region: process.env['AWS_REGION'] ?? 'us-east-1',
    maxAttempts: 1,
    ...(isEmbedded ? { credentials: { accessKeyId: 'tester', secretAccessKey: 'secret' } } : {}),
  });
}

export const KEYS_ONLY_TABLE = {
  KeySchema: [
    { AttributeName: 'pk', KeyType: 'HASH' },
    { AttributeName: 'sk', KeyType: 'RANGE' },
  ],
  AttributeDefinitions: [
    { AttributeName: 'pk', AttributeType: 'S' },
    { AttributeName: 'sk', AttributeType: 'S' },
  ],
} as const;

export async function startTables(): Promise<TablesUnderTest> {
  const server: DynamoDbServer | null = isEmbedded ? await createDynamoDbServer({ directory: null }) : null;
  const client = clientFor(EXTERNAL ?? server!.url);
  const documents = DynamoDBDocumentClient.from(client, { marshallOptions: { removeUndefinedValues: true } });
  const created: string[] = [];

  async function describe(tableName: string): Promise<TableDescription> {
    return (await client.send(new DescribeTableCommand({ TableName: tableName }))).Table!;
  }

  return {
    client,
    documents,
    describe,
    async createTable(properties = {}) {
      const TableName = `conformance-${randomBytes(6).toString('hex')}`;
      const base = structuredClone(KEYS_ONLY_TABLE) as unknown as CreateTableCommandInput;
      await client.send(new CreateTableCommand({ ...base, BillingMode: 'PAY_PER_REQUEST', ...properties, TableName }));
      created.push(TableName);
      while ((await describe(TableName)).TableStatus !== 'ACTIVE') await sleep(isEmbedded ? 2 : 1000);
      return TableName;
    },
    async close() {
      if (!isEmbedded) {
        for (const TableName of created) await client.send(new DeleteTableCommand({ TableName }));
      }
      client.destroy();
      await server?.close();
    },
  };
}

/** The error that a call ends with; fails when it succeeds. */
export async function failureOf(call: Promise<unknown>): Promise<Error & Record<string, unknown>> {
  try {
    await call;
  } catch (error) {
    return error as Error & Record<string, unknown>;
  }
  throw new Error('the call was expected to fail');
}
