import { createTable } from '../../infra/local/store/dynamodb/create-table.ts';
import { createDynamoDbServer } from '../../infra/local/store/dynamodb/server.ts';
import type { DynamoDbCall } from '../../infra/local/store/interfaces.ts';
import type { AwsSettings } from '../../layers/aws/env.ts';
import {
  PARTITION_KEY,
  SORT_KEY,
  TABLES,
  TIME_TO_LIVE,
  type IndexName,
  type TableContext,
} from '../../layers/aws/names.ts';

/** An embedded DynamoDB in memory, with all tables of ours. */
export interface EmbeddedTables {
  aws: AwsSettings;
  url: string;
  tables: Record<TableContext, string>;
  /** Every call that the service saw, in order. */
  calls: DynamoDbCall[];
  close(): Promise<void>;
}

export async function startEmbeddedTables(): Promise<EmbeddedTables> {
  const calls: DynamoDbCall[] = [];
  const server = await createDynamoDbServer({ directory: null, onCall: (call) => calls.push(call) });
  const contexts = Object.keys(TABLES) as TableContext[];
  const tables = Object.fromEntries(contexts.map((context) => [context, `Test-${context}`]));
  for (const context of contexts) {
    const properties = propertiesOf(TABLES[context].indexes);
    await createTable({ url: server.url, tableName: `Test-${context}`, properties });
  }
  calls.length = 0;
  return {
    aws: testAws({ dynamodb: server.url }),
    url: server.url,
    tables: tables as Record<TableContext, string>,
    calls,
    close: () => server.close(),
  };
}

export function testAws(endpoints: AwsSettings['endpoints']): AwsSettings {
  const credentials = { accessKeyId: 'test-access-key', secretAccessKey: 'test-secret', sessionToken: undefined };
  return { region: 'eu-central-1', endpoints, credentials: () => credentials };
}

function keySchema(partition: string, sort: string): { AttributeName: string; KeyType: string }[] {
  return [
    { AttributeName: partition, KeyType: 'HASH' },
    { AttributeName: sort, KeyType: 'RANGE' },
  ];
}

function propertiesOf(indexes: readonly IndexName[]): Parameters<typeof createTable>[0]['properties'] {
  const attributes = new Set([
    PARTITION_KEY,
    SORT_KEY,
    ...indexes.flatMap((index) => [index.partitionKey, index.sortKey]),
  ]);
  return {
    KeySchema: keySchema(PARTITION_KEY, SORT_KEY),
    AttributeDefinitions: [...attributes].map((name) => ({ AttributeName: name, AttributeType: 'S' })),
    TimeToLiveSpecification: { AttributeName: TIME_TO_LIVE, Enabled: true },
    ...(indexes.length > 0 && {
      GlobalSecondaryIndexes: indexes.map((index) => ({
        IndexName: index.name,
        KeySchema: keySchema(index.partitionKey, index.sortKey),
        Projection: { ProjectionType: index.projection === 'keys' ? 'KEYS_ONLY' : 'ALL' },
      })),
    }),
  };
}
