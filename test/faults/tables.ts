import { AwsError, kindOfAnswer, type CancellationReason } from '../../layers/aws/aws-error.ts';
import { PARTITION_KEY, SORT_KEY, TABLES, type IndexName, type TableContext } from '../../layers/aws/names.ts';
import type { TableOperation } from '../../layers/aws/table-operations.ts';
import { openEngine } from '../../infra/local/store/dynamodb/engine.ts';
import { isServiceFailure, shortName } from '../../infra/local/store/dynamodb/failures.ts';
import { operations } from '../../infra/local/store/dynamodb/operations.ts';
import { createLocks } from '../../infra/local/store/locks.ts';

/** The embedded DynamoDB without its HTTP front: a call is applied when it is sent, and answers as the service does. */
export interface Tables {
  send(operation: TableOperation, input: object): Promise<unknown>;
  close(): Promise<void>;
}

export const LEDGER_TABLE = TABLES.ledger.id;

export async function openTables(contexts: readonly TableContext[] = ['ledger']): Promise<Tables> {
  const engine = await openEngine(null);
  const locks = createLocks();
  const call = (operation: keyof typeof operations, input: object): Promise<unknown> => {
    // Requests and answers travel as JSON, so that nobody holds on to what the other side has. What makes a repeated
    // transaction known is forgotten after ten minutes; here at once, so that nothing leans on it.
    const request = JSON.parse(JSON.stringify({ ...input, ClientRequestToken: undefined })) as Record<string, unknown>;
    return operations[operation]({ engine, locks, units: new Map(), now: Date.now }, request);
  };
  for (const context of contexts) await call('CreateTable', tableOf(context));
  for (const context of contexts) {
    for (;;) {
      const described = await call('DescribeTable', { TableName: TABLES[context].id });
      if ((described as { Table: { TableStatus: string } }).Table.TableStatus === 'ACTIVE') break;
    }
  }
  return {
    async send(operation, input) {
      try {
        return JSON.parse(JSON.stringify(await call(operation, input))) as unknown;
      } catch (error) {
        if (!isServiceFailure(error)) throw error;
        const reasons = error.body['CancellationReasons'] as CancellationReason[] | undefined;
        const name = shortName(error);
        throw new AwsError({
          name,
          message: error.message,
          kind: kindOfAnswer({ name, status: error.statusCode, cancellationReasons: reasons }),
          status: error.statusCode,
          item: error.body['Item'],
          cancellationReasons: reasons,
        });
      }
    },
    close: () => engine.close(),
  };
}

function tableOf(context: TableContext): object {
  const { id, indexes } = TABLES[context] as { id: string; indexes: readonly IndexName[] };
  const names = new Set([PARTITION_KEY, SORT_KEY, ...indexes.flatMap((index) => [index.partitionKey, index.sortKey])]);
  return {
    TableName: id,
    BillingMode: 'PAY_PER_REQUEST',
    KeySchema: keySchema(PARTITION_KEY, SORT_KEY),
    AttributeDefinitions: [...names].map((name) => ({ AttributeName: name, AttributeType: 'S' })),
    ...(indexes.length > 0 && {
      GlobalSecondaryIndexes: indexes.map((index) => ({
        IndexName: index.name,
        KeySchema: keySchema(index.partitionKey, index.sortKey),
        Projection: { ProjectionType: index.projection === 'keys' ? 'KEYS_ONLY' : 'ALL' },
      })),
    }),
  };
}

function keySchema(partition: string, sort: string): object[] {
  return [
    { AttributeName: partition, KeyType: 'HASH' },
    { AttributeName: sort, KeyType: 'RANGE' },
  ];
}
