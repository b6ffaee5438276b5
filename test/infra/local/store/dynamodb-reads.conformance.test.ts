import { BatchGetCommand, BatchWriteCommand, PutCommand, QueryCommand, ScanCommand } from '@aws-sdk/lib-dynamodb';
import type { QueryCommandInput } from '@aws-sdk/lib-dynamodb';
import { ListTablesCommand, UpdateTableCommand } from '@aws-sdk/client-dynamodb';
import { setTimeout as sleep } from 'node:timers/promises';
import { failureOf, isEmbedded, KEYS_ONLY_TABLE, startTables } from './table-under-test.ts';
import type { TablesUnderTest } from './table-under-test.ts';

let tables: TablesUnderTest;
let TableName: string;

const BY_OWNER = {
  IndexName: 'byOwner',
  KeySchema: [
    { AttributeName: 'ownerPk', KeyType: 'HASH' as const },
    { AttributeName: 'sk', KeyType: 'RANGE' as const },
  ],
};

beforeAll(async () => {
  tables = await startTables();
  TableName = await tables.createTable({
    AttributeDefinitions: [
      ...KEYS_ONLY_TABLE.AttributeDefinitions,
      { AttributeName: 'ownerPk', AttributeType: 'S' },
      { AttributeName: 'rank', AttributeType: 'N' },
    ],
    GlobalSecondaryIndexes: [
      { ...BY_OWNER, Projection: { ProjectionType: 'KEYS_ONLY' } },
      {
        IndexName: 'byRank',
        KeySchema: [
          { AttributeName: 'ownerPk', KeyType: 'HASH' },
          { AttributeName: 'rank', KeyType: 'RANGE' },
        ],
        Projection: { ProjectionType: 'ALL' },
      },
    ],
  });
});
afterAll(() => tables.close());

async function put(Item: Record<string, unknown>): Promise<void> {
  await tables.documents.send(new PutCommand({ TableName, Item }));
}

async function queryAll(input: Omit<QueryCommandInput, 'TableName'>): Promise<Record<string, unknown>[]> {
  const items: Record<string, unknown>[] = [];
  let ExclusiveStartKey: QueryCommandInput['ExclusiveStartKey'];
  do {
    const page = await tables.documents.send(new QueryCommand({ TableName, ...input, ExclusiveStartKey }));
    items.push(...(page.Items ?? []));
    ExclusiveStartKey = page.LastEvaluatedKey;
  } while (ExclusiveStartKey !== undefined);
  return items;
}

/** Index entries follow their items with a delay on a real service. */
async function eventually(check: () => Promise<void>): Promise<void> {
  for (let left = isEmbedded ? 0 : 20; ; left -= 1) {
    try {
      return await check();
    } catch (error) {
      if (left <= 0) throw error;
      await sleep(250);
    }
  }
}

describe('a query by sort key', () => {
  const keys = ['a', 'a#1', 'a#10', 'a#2', 'ab', 'b', 'é', '😀'];
  beforeAll(() => Promise.all(keys.map((sk) => put({ pk: 'sorted', sk, n: sk.length }))));

  const cases: [condition: string, values: Record<string, unknown>, found: string[]][] = [
    ['', {}, keys],
    ['AND sk = :a', { ':a': 'a#1' }, ['a#1']],
    ['AND sk < :a', { ':a': 'a#2' }, ['a', 'a#1', 'a#10']],
    ['AND sk <= :a', { ':a': 'a#2' }, ['a', 'a#1', 'a#10', 'a#2']],
    ['AND sk > :a', { ':a': 'b' }, ['é', '😀']],
    ['AND sk >= :a', { ':a': 'b' }, ['b', 'é', '😀']],
    ['AND begins_with(sk, :a)', { ':a': 'a#' }, ['a#1', 'a#10', 'a#2']],
    ['AND begins_with(sk, :a)', { ':a': 'a#1' }, ['a#1', 'a#10']],
    ['AND sk BETWEEN :a AND :b', { ':a': 'a#1', ':b': 'ab' }, ['a#1', 'a#10', 'a#2', 'ab']],
  ];

  test.each(cases)('pk = :pk %s with %j', async (condition, values, found) => {
    const input = {
      KeyConditionExpression: `pk = :pk ${condition}`,
      ExpressionAttributeValues: { ':pk': 'sorted', ...values },
    };
    expect((await queryAll(input)).map((item) => item['sk'])).toEqual(found);
    const backwards = await queryAll({ ...input, ScanIndexForward: false, Limit: 2 });
    expect(backwards.map((item) => item['sk'])).toEqual(found.toReversed());
  });

  test('pages of one item each find every item once, in order', async () => {
    const input = { KeyConditionExpression: 'pk = :pk', ExpressionAttributeValues: { ':pk': 'sorted' }, Limit: 1 };
    expect((await queryAll(input)).map((item) => item['sk'])).toEqual(keys);
  });

  test('a filter applies after the limit, and the counts say so', async () => {
    const page = await tables.documents.send(
      new QueryCommand({
        TableName,
        KeyConditionExpression: 'pk = :pk',
        FilterExpression: 'n > :n AND absent <> :n',
        ExpressionAttributeValues: { ':pk': 'sorted', ':n': 1 },
        Limit: 3,
        ProjectionExpression: 'sk',
      }),
    );
    expect(page).toMatchObject({ Count: 2, ScannedCount: 3, Items: [{ sk: 'a#1' }, { sk: 'a#10' }] });
    expect(page.LastEvaluatedKey).toEqual({ pk: 'sorted', sk: 'a#10' });
  });

  test('Select COUNT answers no items', async () => {
    const counted = await tables.documents.send(
      new QueryCommand({
        TableName,
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: { ':pk': 'sorted' },
        Select: 'COUNT',
      }),
    );
    expect(counted.Items).toBeUndefined();
    expect(counted.Count).toBe(keys.length);
  });
});

describe('an on-demand index', () => {
  test('follows its item: in, changed, moved, out', async () => {
    const found = (ownerPk: string) =>
      queryAll({
        IndexName: 'byOwner',
        KeyConditionExpression: 'ownerPk = :o',
        ExpressionAttributeValues: { ':o': ownerPk },
      });
    const item = { pk: 'indexed', sk: '1', ownerPk: 'alice', secret: 'x' };
    await put(item);
    await eventually(async () => expect(await found('alice')).toEqual([{ pk: 'indexed', sk: '1', ownerPk: 'alice' }]));
    await put({ ...item, ownerPk: 'bob' });
    await eventually(async () => expect(await found('alice')).toEqual([]));
    expect(await found('bob')).toHaveLength(1);
    await put({ pk: 'indexed', sk: '1' });
    await eventually(async () => expect(await found('bob')).toEqual([]));
  });

  test('sorts numbers by value and pages over equal keys without loss', async () => {
    const ranks = [-10, -9.5, 0, 0, 0, 2, 10, 100];
    await Promise.all(ranks.map((rank, at) => put({ pk: `rank-${at}`, sk: 's', ownerPk: 'ranked', rank })));
    await eventually(async () => {
      const items = await queryAll({
        IndexName: 'byRank',
        KeyConditionExpression: 'ownerPk = :o AND #r BETWEEN :low AND :high',
        ExpressionAttributeNames: { '#r': 'rank' },
        ExpressionAttributeValues: { ':o': 'ranked', ':low': -9.6, ':high': 10 },
        Limit: 2,
      });
      expect(items.map((item) => item['rank'])).toEqual([-9.5, 0, 0, 0, 2, 10]);
      expect(new Set(items.map((item) => item['pk'])).size).toBe(6);
    });
  });

  test('refuses a key of another type and an empty one, and the item stays out', async () => {
    expect((await failureOf(put({ pk: 'wrong', sk: 's', ownerPk: 7 }))).name).toBe('ValidationException');
    expect((await failureOf(put({ pk: 'wrong', sk: 's', ownerPk: '' }))).name).toBe('ValidationException');
  });

  test('can be added to a table with items and dropped again', async () => {
    const table = await tables.createTable();
    const documents = Array.from({ length: 230 }, (_, at) => ({
      pk: `p${at}`,
      sk: 's',
      ...(at % 2 ? { ownerPk: 'o' } : {}),
    }));
    for (let at = 0; at < documents.length; at += 25) {
      const members = documents.slice(at, at + 25).map((Item) => ({ PutRequest: { Item } }));
      await tables.documents.send(new BatchWriteCommand({ RequestItems: { [table]: members } }));
    }
    await tables.client.send(
      new UpdateTableCommand({
        TableName: table,
        AttributeDefinitions: [
          ...structuredClone(KEYS_ONLY_TABLE.AttributeDefinitions),
          { AttributeName: 'ownerPk', AttributeType: 'S' },
        ] as never,
        GlobalSecondaryIndexUpdates: [{ Create: { ...BY_OWNER, Projection: { ProjectionType: 'ALL' } } }],
      }),
    );
    const status = async () => (await tables.describe(table)).GlobalSecondaryIndexes?.[0]?.IndexStatus;
    while ((await status()) !== 'ACTIVE') await sleep(1000);
    const query = () =>
      tables.documents.send(
        new QueryCommand({
          TableName: table,
          IndexName: 'byOwner',
          KeyConditionExpression: 'ownerPk = :o',
          ExpressionAttributeValues: { ':o': 'o' },
        }),
      );
    expect((await query()).Count).toBe(115);
    await tables.documents.send(new PutCommand({ TableName: table, Item: { pk: 'late', sk: 's', ownerPk: 'o' } }));
    await eventually(async () => expect((await query()).Count).toBe(116));
    await tables.client.send(
      new UpdateTableCommand({ TableName: table, GlobalSecondaryIndexUpdates: [{ Delete: { IndexName: 'byOwner' } }] }),
    );
    while ((await status()) !== undefined) await sleep(1000);
    expect((await failureOf(query())).name).toBe('ValidationException');
  });
});

test('a page ends at 1 MB and the rest follows', async () => {
  const text = 'x'.repeat(300 * 1024);
  for (let at = 0; at < 8; at += 1) await put({ pk: 'large', sk: String(at), text });
  const condition = { KeyConditionExpression: 'pk = :pk', ExpressionAttributeValues: { ':pk': 'large' } };
  const first = await tables.documents.send(new QueryCommand({ TableName, ...condition }));
  expect(first.Count).toBeLessThan(5);
  expect(first.LastEvaluatedKey).toBeDefined();
  expect((await queryAll(condition)).map((item) => item['sk'])).toEqual(['0', '1', '2', '3', '4', '5', '6', '7']);
});

test('segments of a parallel scan together find every item once', async () => {
  const table = await tables.createTable();
  const names = Array.from({ length: 60 }, (_, at) => `p${at}`);
  await Promise.all(
    names.map((pk) => tables.documents.send(new PutCommand({ TableName: table, Item: { pk, sk: 's' } }))),
  );
  const found: unknown[] = [];
  for (const Segment of [0, 1, 2]) {
    let ExclusiveStartKey: Record<string, unknown> | undefined;
    do {
      const page = await tables.documents.send(
        new ScanCommand({ TableName: table, Segment, TotalSegments: 3, Limit: 7, ExclusiveStartKey }),
      );
      found.push(...page.Items!.map((item) => item['pk']));
      ExclusiveStartKey = page.LastEvaluatedKey;
    } while (ExclusiveStartKey !== undefined);
  }
  expect(found.toSorted()).toEqual(names.toSorted());
});

describe('batches', () => {
  const text = 'x'.repeat(390 * 1024);

  test('BatchWriteItem puts and deletes, and says that nothing was left', async () => {
    await put({ pk: 'batch', sk: 'old' });
    const { UnprocessedItems } = await tables.documents.send(
      new BatchWriteCommand({
        RequestItems: {
          [TableName]: [
            { DeleteRequest: { Key: { pk: 'batch', sk: 'old' } } },
            ...Array.from({ length: 24 }, (_, at) => ({ PutRequest: { Item: { pk: 'batch', sk: String(at) } } })),
          ],
        },
      }),
    );
    expect(UnprocessedItems).toEqual({});
    const items = await queryAll({ KeyConditionExpression: 'pk = :pk', ExpressionAttributeValues: { ':pk': 'batch' } });
    expect(items).toHaveLength(24);
  });

  test('BatchGetItem leaves out what is missing and gives back the keys past 16 MB with their projection', async () => {
    for (let at = 0; at < 45; at += 15) {
      await Promise.all(Array.from({ length: 15 }, (_, i) => put({ pk: 'heavy', sk: String(at + i), text })));
    }
    const Keys = [...Array.from({ length: 45 }, (_, at) => ({ pk: 'heavy', sk: String(at) })), { pk: 'no', sk: 'no' }];
    const read = new Map<unknown, number>();
    let RequestItems: Record<string, { Keys: Record<string, unknown>[] }> = {
      [TableName]: { Keys, ProjectionExpression: 'sk, #t', ExpressionAttributeNames: { '#t': 'text' } } as never,
    };
    let rounds = 0;
    while (Object.keys(RequestItems).length > 0) {
      const answer = await tables.documents.send(new BatchGetCommand({ RequestItems }));
      for (const item of answer.Responses?.[TableName] ?? []) {
        expect(Object.keys(item).toSorted()).toEqual(['sk', 'text']);
        read.set(item['sk'], (read.get(item['sk']) ?? 0) + 1);
      }
      RequestItems = (answer.UnprocessedKeys ?? {}) as typeof RequestItems;
      rounds += 1;
    }
    expect(rounds).toBe(2);
    expect(read.size).toBe(45);
    expect(new Set(read.values())).toEqual(new Set([1]));
  });

  const invalid: [why: string, members: object[]][] = [
    ['the same item twice', [1, 2].map(() => ({ PutRequest: { Item: { pk: 'twice', sk: 's' } } }))],
    ['26 members', Array.from({ length: 26 }, (_, at) => ({ PutRequest: { Item: { pk: 'many', sk: String(at) } } }))],
    ['a member without its key', [{ PutRequest: { Item: { pk: 'half' } } }]],
  ];
  test.each(invalid)('BatchWriteItem with %s is refused and writes nothing', async (_why, members) => {
    const good = { PutRequest: { Item: { pk: 'innocent', sk: 's' } } };
    const request = new BatchWriteCommand({ RequestItems: { [TableName]: [good, ...members] as never } });
    expect((await failureOf(tables.documents.send(request))).name).toBe('ValidationException');
    const items = await queryAll({
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: { ':pk': 'innocent' },
    });
    expect(items).toEqual([]);
  });
});

test('a table that is not there is named in the error', async () => {
  const query = new QueryCommand({
    TableName: 'no-such-table',
    KeyConditionExpression: 'pk = :pk',
    ExpressionAttributeValues: { ':pk': 'x' },
  });
  expect((await failureOf(tables.documents.send(query))).name).toBe('ResourceNotFoundException');
  expect((await tables.client.send(new ListTablesCommand({}))).TableNames).toContain(TableName);
});
