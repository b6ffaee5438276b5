import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  DeleteTableCommand,
  DescribeContinuousBackupsCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  UpdateContinuousBackupsCommand,
  UpdateTimeToLiveCommand,
} from '@aws-sdk/client-dynamodb';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
  TransactWriteCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import { createTable } from '../../../../infra/local/store/dynamodb/create-table.ts';
import { createDynamoDbServer } from '../../../../infra/local/store/dynamodb/server.ts';
import type {
  DynamoDbCall,
  DynamoDbOptions,
  DynamoDbServer,
  TableProperties,
} from '../../../../infra/local/store/interfaces.ts';
import { clientFor, failureOf, KEYS_ONLY_TABLE } from './table-under-test.ts';

const BY_USER = {
  IndexName: 'byUser',
  KeySchema: [
    { AttributeName: 'userPk', KeyType: 'HASH' },
    { AttributeName: 'sk', KeyType: 'RANGE' },
  ],
  Projection: { ProjectionType: 'KEYS_ONLY' },
};

const PROPERTIES: TableProperties = {
  KeySchema: KEYS_ONLY_TABLE.KeySchema,
  AttributeDefinitions: [...KEYS_ONLY_TABLE.AttributeDefinitions, { AttributeName: 'userPk', AttributeType: 'S' }],
  GlobalSecondaryIndexes: [BY_USER],
  TimeToLiveSpecification: { AttributeName: 'ttl', Enabled: true },
  BillingMode: 'PAY_PER_REQUEST',
  Replicas: [{ Region: 'us-east-1', DeletionProtectionEnabled: true }],
};
const TableName = 'Ledger';

let directory: string;
let server: DynamoDbServer;
let client: DynamoDBClient;
let documents: DynamoDBDocumentClient;

async function start(options: Partial<DynamoDbOptions> = {}, properties = PROPERTIES): Promise<void> {
  server = await createDynamoDbServer({ directory, ...options });
  client = clientFor(server.url);
  documents = DynamoDBDocumentClient.from(client);
  await createTable({ url: server.url, tableName: TableName, properties });
}

async function stop(): Promise<void> {
  client.destroy();
  await server.close();
}

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'sluice-store-'));
});
afterEach(async () => {
  await stop();
  await rm(directory, { recursive: true, force: true });
});

async function put(Item: Record<string, unknown>): Promise<void> {
  await documents.send(new PutCommand({ TableName, Item }));
}

async function get(Key: Record<string, unknown>): Promise<Record<string, unknown> | undefined> {
  return (await documents.send(new GetCommand({ TableName, Key }))).Item;
}

describe('a table from the template', () => {
  test('has its keys, its index and its time to live', async () => {
    await start();
    const { Table } = await client.send(new DescribeTableCommand({ TableName }));
    expect(Table).toMatchObject({ TableStatus: 'ACTIVE', KeySchema: PROPERTIES.KeySchema });
    expect(Table!.BillingModeSummary).toMatchObject({ BillingMode: 'PAY_PER_REQUEST' });
    expect(Table!.GlobalSecondaryIndexes).toMatchObject([{ IndexName: 'byUser', IndexStatus: 'ACTIVE' }]);
    const { TimeToLiveDescription } = await client.send(new DescribeTimeToLiveCommand({ TableName }));
    expect(TimeToLiveDescription).toEqual({ TimeToLiveStatus: 'ENABLED', AttributeName: 'ttl' });
  });

  test('is whole again after a stop, with items, index and remembered transactions', async () => {
    await start();
    await put({ pk: 'a', sk: '1', userPk: 'u', h: { r: 'x' } });
    const transaction = {
      TransactItems: [
        {
          Update: {
            TableName,
            Key: { pk: 'n', sk: 's' },
            UpdateExpression: 'ADD n :one',
            ExpressionAttributeValues: { ':one': 1 },
          },
        },
      ],
      ClientRequestToken: 'once',
    };
    await documents.send(new TransactWriteCommand(transaction));
    await stop();
    await start();
    await documents.send(new TransactWriteCommand(transaction));
    expect(await get({ pk: 'a', sk: '1' })).toEqual({ pk: 'a', sk: '1', userPk: 'u', h: { r: 'x' } });
    expect(await get({ pk: 'n', sk: 's' })).toMatchObject({ n: 1 });
    const { Items } = await documents.send(
      new QueryCommand({
        TableName,
        IndexName: 'byUser',
        KeyConditionExpression: 'userPk = :u',
        ExpressionAttributeValues: { ':u': 'u' },
      }),
    );
    expect(Items).toEqual([{ pk: 'a', sk: '1', userPk: 'u' }]);
  });

  test('gets the index that a newer template adds, filled from the items that are there', async () => {
    const { GlobalSecondaryIndexes: _indexes, ...older } = PROPERTIES;
    await start({}, { ...older, AttributeDefinitions: KEYS_ONLY_TABLE.AttributeDefinitions });
    await put({ pk: 'a', sk: '1', userPk: 'u' });
    await createTable({ url: server.url, tableName: TableName, properties: PROPERTIES });
    const { Count } = await documents.send(
      new QueryCommand({
        TableName,
        IndexName: 'byUser',
        KeyConditionExpression: 'userPk = :u',
        ExpressionAttributeValues: { ':u': 'u' },
      }),
    );
    expect(Count).toBe(1);
  });

  test('is refused with the remedy when its keys are others', async () => {
    await start();
    const properties = { ...PROPERTIES, KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }] };
    const failure = await failureOf(createTable({ url: server.url, tableName: TableName, properties }));
    expect(failure.message).toContain('--reset');
  });

  test('takes its settings with it when it is deleted', async () => {
    await start();
    await client.send(new DeleteTableCommand({ TableName }));
    expect((await failureOf(get({ pk: 'a', sk: '1' }))).name).toBe('ResourceNotFoundException');
    const { TimeToLiveSpecification: _ttl, ...plain } = PROPERTIES;
    await createTable({ url: server.url, tableName: TableName, properties: plain });
    const { TimeToLiveDescription } = await client.send(new DescribeTimeToLiveCommand({ TableName }));
    expect(TimeToLiveDescription).toEqual({ TimeToLiveStatus: 'DISABLED' });
  });
});

describe('time to live', () => {
  const NOW = Date.UTC(2026, 10, 20);
  const seconds = (offset: number) => NOW / 1000 + offset;

  test('an expired item stays readable until the sweep, which takes only what has expired', async () => {
    await start({ now: () => NOW });
    await put({ pk: 'a', sk: 'gone', userPk: 'u', ttl: seconds(-1) });
    await put({ pk: 'a', sk: 'stays', userPk: 'u', ttl: seconds(60) });
    await put({ pk: 'a', sk: 'text', ttl: 'soon' });
    await put({ pk: 'a', sk: 'ancient', ttl: seconds(-6 * 365 * 24 * 3600) });
    expect(await get({ pk: 'a', sk: 'gone' })).toBeDefined();
    expect(await server.sweepExpired()).toBe(1);
    const { Items } = await documents.send(
      new QueryCommand({ TableName, KeyConditionExpression: 'pk = :a', ExpressionAttributeValues: { ':a': 'a' } }),
    );
    expect(Items!.map((item) => item['sk'])).toEqual(['ancient', 'stays', 'text']);
    const inIndex = await documents.send(
      new QueryCommand({
        TableName,
        IndexName: 'byUser',
        KeyConditionExpression: 'userPk = :u',
        ExpressionAttributeValues: { ':u': 'u' },
      }),
    );
    expect(inIndex.Count).toBe(1);
  });

  test('cannot be set twice', async () => {
    await start();
    const again = new UpdateTimeToLiveCommand({
      TableName,
      TimeToLiveSpecification: { AttributeName: 'ttl', Enabled: true },
    });
    expect((await failureOf(client.send(again))).message).toMatch(/already enabled/);
  });
});

test('continuous backups answer what was asked for', async () => {
  await start();
  await client.send(
    new UpdateContinuousBackupsCommand({
      TableName,
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
    }),
  );
  const answer = await client.send(new DescribeContinuousBackupsCommand({ TableName }));
  expect(answer.ContinuousBackupsDescription?.PointInTimeRecoveryDescription?.PointInTimeRecoveryStatus).toBe(
    'ENABLED',
  );
});

describe('units', () => {
  const calls: DynamoDbCall[] = [];
  const unitsOf = async (call: Promise<unknown>) => {
    calls.length = 0;
    await call.catch(() => undefined);
    return calls.map(({ writeUnits, readUnits }) => [writeUnits, readUnits]);
  };
  const onCall = (call: DynamoDbCall) => void calls.push(call);

  test('an item costs one unit per KB of its larger image, and each index entry that changes costs its own', async () => {
    await start({ onCall });
    const item = { pk: 'a', sk: '1' };
    expect(await unitsOf(put(item))).toEqual([[1, 0]]);
    expect(await unitsOf(put({ ...item, userPk: 'u' }))).toEqual([[2, 0]]);
    expect(await unitsOf(put({ ...item, userPk: 'u', n: 1 }))).toEqual([[1, 0]]);
    expect(await unitsOf(put({ ...item, userPk: 'v', n: 1 }))).toEqual([[3, 0]]);
    expect(await unitsOf(put({ ...item, text: 'x'.repeat(2000) }))).toEqual([[3, 0]]);
    expect(await unitsOf(put(item))).toEqual([[2, 0]]);
    expect(await unitsOf(get(item))).toEqual([[0, 0.5]]);
  });

  test('a refused condition costs a unit, a transaction two for each item', async () => {
    await start({ onCall });
    const refused = new UpdateCommand({
      TableName,
      Key: { pk: 'a', sk: '1' },
      UpdateExpression: 'SET n = :n',
      ConditionExpression: 'attribute_exists(pk)',
      ExpressionAttributeValues: { ':n': 1 },
    });
    expect(await unitsOf(documents.send(refused))).toEqual([[1, 0]]);
    expect(calls[0]).toMatchObject({
      error: 'ConditionalCheckFailedException',
      accessKeyId: 'tester',
      table: TableName,
    });
    const Item = { pk: 'b', sk: '1', userPk: 'u' };
    expect(
      await unitsOf(documents.send(new TransactWriteCommand({ TransactItems: [{ Put: { TableName, Item } }] }))),
    ).toEqual([[3, 0]]);
  });

  test('are answered when asked for, and summed by table and operation until reset', async () => {
    await start();
    server.resetCounters();
    const answer = await documents.send(
      new PutCommand({ TableName, Item: { pk: 'a', sk: '1', userPk: 'u' }, ReturnConsumedCapacity: 'INDEXES' }),
    );
    expect(answer.ConsumedCapacity).toMatchObject({
      CapacityUnits: 2,
      Table: { CapacityUnits: 1 },
      GlobalSecondaryIndexes: { byUser: { CapacityUnits: 1 } },
    });
    const counted = { [TableName]: { PutItem: { calls: 1, writeUnits: 2, readUnits: 0 } } };
    expect(server.counters()).toEqual(counted);
    expect(await (await fetch(`${server.url}/__counters`)).json()).toEqual(counted);
    expect(await (await fetch(`${server.url}/__counters`, { method: 'DELETE' })).json()).toEqual({});
  });
});

describe('what is not served', () => {
  const call = (target: string, body: string, headers: Record<string, string> = {}) =>
    fetch(server.url, {
      method: 'POST',
      headers: { 'x-amz-target': target, authorization: 'AWS4-HMAC-SHA256 Credential=a/b/c/d/e', ...headers },
      body,
    });

  test.each([
    ['DynamoDB_20120810.ExecuteStatement', '{}', /UnknownOperationException/],
    ['DynamoDB_20120810.constructor', '{}', /UnknownOperationException/],
    ['Other.PutItem', '{}', /UnknownOperationException/],
    ['DynamoDB_20120810.PutItem', 'not json', /SerializationException/],
    ['DynamoDB_20120810.PutItem', '{"TableName":"Ledger"}', /ValidationException/],
    [
      'DynamoDB_20120810.PutItem',
      '{"TableName":"Ledger","Item":{"pk":{"S":"a"},"sk":{"S":"b"}},"Expected":{"pk":{"Exists":false}}}',
      /Expected is not served/,
    ],
  ])('%s %s is refused', async (target, body, error) => {
    await start();
    const response = await call(target, body);
    expect(response.status).toBe(400);
    expect(await response.text()).toMatch(error);
  });

  test('an unsigned call is refused', async () => {
    await start();
    expect(await (await call('DynamoDB_20120810.ListTables', '{}', { authorization: '' })).text()).toMatch(
      /MissingAuthenticationToken/,
    );
  });
});
