import { GetCommand, PutCommand, TransactGetCommand, TransactWriteCommand } from '@aws-sdk/lib-dynamodb';
import type { TransactWriteCommandInput } from '@aws-sdk/lib-dynamodb';
import { failureOf, startTables } from './table-under-test.ts';
import type { TablesUnderTest } from './table-under-test.ts';

let tables: TablesUnderTest;
let TableName: string;
let other: string;
let count = 0;

beforeAll(async () => {
  tables = await startTables();
  TableName = await tables.createTable();
  other = await tables.createTable();
});
afterAll(() => tables.close());

type Members = NonNullable<TransactWriteCommandInput['TransactItems']>;

function newKey(): { pk: string; sk: string } {
  count += 1;
  return { pk: `item-${count}`, sk: 's' };
}

function transact(TransactItems: Members, ClientRequestToken?: string) {
  return tables.documents.send(new TransactWriteCommand({ TransactItems, ClientRequestToken }));
}

async function get(Key: Record<string, unknown>, table = TableName): Promise<Record<string, unknown> | undefined> {
  return (await tables.documents.send(new GetCommand({ TableName: table, Key, ConsistentRead: true }))).Item;
}

async function put(Item: Record<string, unknown>, table = TableName): Promise<void> {
  await tables.documents.send(new PutCommand({ TableName: table, Item }));
}

function increment(Key: Record<string, unknown>, extra: object = {}): Members[number] {
  const UpdateExpression = 'ADD n :one';
  return { Update: { TableName, Key, UpdateExpression, ExpressionAttributeValues: { ':one': 1 }, ...extra } };
}

test('all four kinds of member take effect together, over two tables', async () => {
  const [added, changed, removed, checked] = [newKey(), newKey(), newKey(), newKey()];
  await Promise.all([put({ ...changed, n: 1 }), put(removed, other), put({ ...checked, ok: true })]);
  await transact([
    { Put: { TableName, Item: { ...added, a: 1 }, ConditionExpression: 'attribute_not_exists(pk)' } },
    increment(changed),
    { Delete: { TableName: other, Key: removed } },
    { ConditionCheck: { TableName, Key: checked, ConditionExpression: 'attribute_exists(ok)' } },
  ]);
  expect(await get(added)).toEqual({ ...added, a: 1 });
  expect(await get(changed)).toEqual({ ...changed, n: 2 });
  expect(await get(removed, other)).toBeUndefined();
  expect(await get(checked)).toEqual({ ...checked, ok: true });
});

test('a failing last member leaves every other item as it was, and each member has its reason', async () => {
  const [added, changed, removed, checked] = [newKey(), newKey(), newKey(), newKey()];
  await Promise.all([
    put({ ...changed, n: 1, m: { a: 1 } }),
    put({ ...removed, keep: 'me' }),
    put({ ...checked, v: 3 }),
  ]);
  const failure = await failureOf(
    transact([
      { Put: { TableName, Item: added } },
      increment(changed),
      { Delete: { TableName, Key: removed } },
      {
        ConditionCheck: {
          TableName,
          Key: checked,
          ConditionExpression: 'v > :v',
          ExpressionAttributeValues: { ':v': 3 },
          ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
        },
      },
    ]),
  );
  expect(failure.name).toBe('TransactionCanceledException');
  expect(failure.message).toContain('[None, None, None, ConditionalCheckFailed]');
  const reasons = failure['CancellationReasons'] as { Code: string; Item?: object }[];
  expect(reasons.map((reason) => reason.Code)).toEqual(['None', 'None', 'None', 'ConditionalCheckFailed']);
  expect(reasons[3]!.Item).toMatchObject({ v: { N: '3' } });
  expect(await get(added)).toBeUndefined();
  expect(await get(changed)).toEqual({ ...changed, n: 1, m: { a: 1 } });
  expect(await get(removed)).toEqual({ ...removed, keep: 'me' });
});

test('an update that cannot be applied cancels with a validation reason', async () => {
  const [text, added] = [newKey(), newKey()];
  await put({ ...text, n: 'text' });
  const failure = await failureOf(transact([{ Put: { TableName, Item: added } }, increment(text)]));
  const reasons = failure['CancellationReasons'] as { Code: string }[];
  expect(reasons.map((reason) => reason.Code)).toEqual(['None', 'ValidationError']);
  expect(await get(added)).toBeUndefined();
});

test('50 parallel transfers between few items keep their sum at every moment', async () => {
  const keys = [newKey(), newKey(), newKey()];
  await Promise.all(keys.map((key) => put({ ...key, n: 100 })));
  const move = (from: object, to: object): Members => [
    {
      Update: {
        TableName,
        Key: { ...from },
        UpdateExpression: 'ADD n :less',
        ConditionExpression: 'n >= :seven',
        ExpressionAttributeValues: { ':less': -7, ':seven': 7 },
      },
    },
    {
      Update: { TableName, Key: { ...to }, UpdateExpression: 'ADD n :more', ExpressionAttributeValues: { ':more': 7 } },
    },
  ];
  const sums: number[] = [];
  const watch = async () => {
    const TransactItems = keys.map((Key) => ({ Get: { TableName, Key } }));
    const { Responses } = await tables.documents.send(new TransactGetCommand({ TransactItems }));
    sums.push(Responses!.reduce((sum, { Item }) => sum + (Item!['n'] as number), 0));
  };
  await Promise.allSettled(
    Array.from({ length: 50 }, (_, at) =>
      Promise.all([transact(move(keys[at % 3]!, keys[(at + 1 + (at % 2)) % 3]!)), watch()]),
    ),
  );
  const items = await Promise.all(keys.map((key) => get(key)));
  const values = items.map((item) => item!['n'] as number);
  expect(values.reduce((sum, value) => sum + value, 0)).toBe(300);
  expect(Math.min(...values)).toBeGreaterThanOrEqual(0);
  expect(sums.length).toBeGreaterThan(0);
  expect(new Set(sums)).toEqual(new Set([300]));
});

test('of 50 parallel redemptions of one code exactly one succeeds', async () => {
  const code = newKey();
  const accounts = Array.from({ length: 50 }, newKey);
  await put({ ...code, unused: true });
  const results = await Promise.allSettled(
    accounts.map((account) =>
      transact([
        {
          Update: {
            TableName,
            Key: code,
            UpdateExpression: 'REMOVE unused',
            ConditionExpression: 'attribute_exists(unused)',
          },
        },
        increment(account),
      ]),
    ),
  );
  expect(results.filter((result) => result.status === 'fulfilled')).toHaveLength(1);
  const items = await Promise.all(accounts.map((account) => get(account)));
  expect(items.filter((item) => item !== undefined)).toHaveLength(1);
});

describe('the client request token', () => {
  test('makes a repeated transaction take effect once', async () => {
    const key = newKey();
    await transact([increment(key)], `token-${key.pk}`);
    await transact([increment(key)], `token-${key.pk}`);
    await Promise.all([transact([increment(key)], `again-${key.pk}`), transact([increment(key)], `again-${key.pk}`)]);
    expect((await get(key))?.['n']).toBe(2);
  });

  test('is refused for another transaction', async () => {
    const [one, two] = [newKey(), newKey()];
    await transact([increment(one)], `mixed-${one.pk}`);
    const failure = await failureOf(transact([increment(two)], `mixed-${one.pk}`));
    expect(failure.name).toBe('IdempotentParameterMismatchException');
    expect(await get(two)).toBeUndefined();
  });

  test('of a cancelled transaction may be used again', async () => {
    const key = newKey();
    const guarded = [increment(key, { ConditionExpression: 'attribute_exists(pk)' })];
    expect((await failureOf(transact(guarded, `retry-${key.pk}`))).name).toBe('TransactionCanceledException');
    await put({ ...key, n: 0 });
    await transact(guarded, `retry-${key.pk}`);
    expect((await get(key))?.['n']).toBe(1);
  });
});

describe('a transaction is refused as invalid', () => {
  const invalid: [why: string, members: () => Members][] = [
    [
      'with two members on one item',
      () => [increment({ pk: 'same', sk: 's' }), { Put: { TableName, Item: { pk: 'same', sk: 's' } } }],
    ],
    ['with 101 members', () => Array.from({ length: 101 }, () => increment(newKey()))],
    ['without members', () => []],
    ['with a syntax error', () => [increment(newKey(), { UpdateExpression: 'ADD n' })]],
    ['with an incomplete key', () => [increment({ pk: 'only' })]],
  ];

  test.each(invalid)('%s', async (_why, members) => {
    expect((await failureOf(transact(members()))).name).toBe('ValidationException');
  });

  test('but 100 members are not too many', async () => {
    const keys = Array.from({ length: 100 }, newKey);
    await transact(keys.map((key) => increment(key)));
    expect((await get(keys[99]!))?.['n']).toBe(1);
  });
});

test('TransactGetItems answers in order, projected, with a gap for what is missing', async () => {
  const [one, none] = [newKey(), newKey()];
  await put({ ...one, a: 1, b: 2 });
  const { Responses } = await tables.documents.send(
    new TransactGetCommand({
      TransactItems: [{ Get: { TableName, Key: none } }, { Get: { TableName, Key: one, ProjectionExpression: 'b' } }],
    }),
  );
  expect(Responses!.map(({ Item }) => Item)).toEqual([undefined, { b: 2 }]);
});
