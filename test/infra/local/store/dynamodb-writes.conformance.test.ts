import { DeleteCommand, GetCommand, PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { UpdateCommandInput } from '@aws-sdk/lib-dynamodb';
import { GetItemCommand, PutItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { failureOf, startTables } from './table-under-test.ts';
import type { TablesUnderTest } from './table-under-test.ts';

let tables: TablesUnderTest;
let TableName: string;
let count = 0;

beforeAll(async () => {
  tables = await startTables();
  TableName = await tables.createTable();
});
afterAll(() => tables.close());

function newKey(): { pk: string; sk: string } {
  count += 1;
  return { pk: `item-${count}`, sk: 's' };
}

async function put(attributes: Record<string, unknown>): Promise<{ pk: string; sk: string }> {
  const key = newKey();
  await tables.documents.send(new PutCommand({ TableName, Item: { ...key, ...attributes } }));
  return key;
}

async function get(Key: Record<string, unknown>): Promise<Record<string, unknown> | undefined> {
  return (await tables.documents.send(new GetCommand({ TableName, Key, ConsistentRead: true }))).Item;
}

function update(Key: Record<string, unknown>, rest: Omit<UpdateCommandInput, 'TableName' | 'Key'>) {
  return tables.documents.send(new UpdateCommand({ TableName, Key, ...rest }));
}

describe('conditions', () => {
  const value = { n: 5, s: 'abc', set: new Set(['a', 'b']), list: [1, { x: 1 }], map: { a: { b: [1, 2] } }, t: true };
  const cases: [condition: string, values: Record<string, unknown>, holds: boolean][] = [
    ['attribute_exists(n)', {}, true],
    ['attribute_not_exists(n)', {}, false],
    ['attribute_exists(#map.a.b[1])', {}, true],
    ['attribute_exists(#map.a.b[2])', {}, false],
    ['attribute_not_exists(#map.z.b)', {}, true],
    ['n = :v', { ':v': 5 }, true],
    ['n = :v', { ':v': '5' }, false],
    ['n <> :v', { ':v': 5 }, false],
    ['absent <> :v', { ':v': 5 }, true],
    ['absent = :v', { ':v': 5 }, false],
    ['absent < :v', { ':v': 5 }, false],
    ['n < :v', { ':v': 10 }, true],
    ['n >= :v', { ':v': 5 }, true],
    ['s > :v', { ':v': 'abb' }, true],
    ['s < :v', { ':v': 10 }, false],
    ['n BETWEEN :a AND :b', { ':a': 5, ':b': 6 }, true],
    ['n BETWEEN :a AND :b', { ':a': 6, ':b': 7 }, false],
    ['n IN (:a, :b)', { ':a': 1, ':b': 5 }, true],
    ['n IN (:a)', { ':a': 1 }, false],
    ['begins_with(s, :v)', { ':v': 'ab' }, true],
    ['begins_with(s, :v)', { ':v': 'b' }, false],
    ['contains(s, :v)', { ':v': 'bc' }, true],
    ['contains(#set, :v)', { ':v': 'a' }, true],
    ['contains(#set, :v)', { ':v': 'c' }, false],
    ['contains(#list, :v)', { ':v': 1 }, true],
    ['attribute_type(#map, :v)', { ':v': 'M' }, true],
    ['size(s) = :v', { ':v': 3 }, true],
    ['size(#map) = :v', { ':v': 1 }, true],
    ['size(#list) > :v', { ':v': 2 }, false],
    ['size(absent) < :v', { ':v': 9 }, false],
    ['#map = :v', { ':v': { a: { b: [1, 2] } } }, true],
    ['#map = :v', { ':v': { a: { b: [2, 1] } } }, false],
    ['#set = :v', { ':v': new Set(['b', 'a']) }, true],
    ['#list[1].x = :v', { ':v': 1 }, true],
    ['NOT (n = :v AND s = :w) OR t = :t', { ':v': 5, ':w': 'abc', ':t': true }, true],
    ['n = :v AND (s = :w OR NOT attribute_exists(t))', { ':v': 5, ':w': 'no' }, false],
  ];

  test.each(cases)('%s with %j is %j', async (condition, values, holds) => {
    const key = await put(value);
    const names = [...new Set(condition.match(/#\w+/g) ?? [])].map((name) => [name, name.slice(1)]);
    const write = tables.documents.send(
      new PutCommand({
        TableName,
        Item: { ...key, replaced: true },
        ConditionExpression: condition,
        ...(Object.keys(values).length > 0 ? { ExpressionAttributeValues: values } : {}),
        ...(names.length > 0 ? { ExpressionAttributeNames: Object.fromEntries(names) } : {}),
      }),
    );
    if (holds) await write;
    else expect((await failureOf(write)).name).toBe('ConditionalCheckFailedException');
    expect((await get(key))?.['replaced']).toBe(holds ? true : undefined);
  });
});

describe('a failed condition', () => {
  const refusals = {
    put: (key: object) =>
      new PutCommand({ TableName, Item: { ...key }, ConditionExpression: 'attribute_not_exists(pk)' }),
    update: (key: Record<string, unknown>) =>
      new UpdateCommand({
        TableName,
        Key: key,
        UpdateExpression: 'REMOVE n',
        ConditionExpression: 'attribute_exists(x)',
      }),
    delete: (key: Record<string, unknown>) =>
      new DeleteCommand({ TableName, Key: key, ConditionExpression: 'attribute_exists(x)' }),
  };

  test.each(['put', 'update', 'delete'] as const)('shows the stored item of a %s that asks for it', async (kind) => {
    const key = await put({ n: 7 });
    const command = refusals[kind](key);
    command.input.ReturnValuesOnConditionCheckFailure = 'ALL_OLD';
    const failure = await failureOf(tables.documents.send(command as PutCommand));
    expect(failure.name).toBe('ConditionalCheckFailedException');
    expect(failure['Item']).toEqual({ pk: { S: key.pk }, sk: { S: 's' }, n: { N: '7' } });
  });

  test.each(['put', 'update', 'delete'] as const)(
    'keeps the item to itself in a %s that does not ask',
    async (kind) => {
      const key = await put({ n: 7 });
      const failure = await failureOf(tables.documents.send(refusals[kind](key) as PutCommand));
      expect(failure['Item']).toBeUndefined();
      expect(await get(key)).toEqual({ ...key, n: 7 });
    },
  );

  test('shows no item where there is none', async () => {
    const refused = update(newKey(), {
      UpdateExpression: 'SET a = :a',
      ConditionExpression: 'attribute_exists(pk)',
      ExpressionAttributeValues: { ':a': 1 },
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    });
    expect((await failureOf(refused))['Item']).toBeUndefined();
  });
});

describe('update expressions', () => {
  test('read the item as it was before any of their changes', async () => {
    const key = await put({ a: 1, b: 2, list: [1] });
    await update(key, {
      UpdateExpression: 'SET a = b, b = a, c = if_not_exists(c, :ten) + a, #l = list_append(#l, #l)',
      ExpressionAttributeNames: { '#l': 'list' },
      ExpressionAttributeValues: { ':ten': 10 },
    });
    expect(await get(key)).toEqual({ ...key, a: 2, b: 1, c: 11, list: [1, 1] });
  });

  test('a value copied from an attribute stays when that attribute is added to', async () => {
    const key = await put({ used: 1 });
    await update(key, {
      UpdateExpression: 'SET earlier = used ADD used :one',
      ExpressionAttributeValues: { ':one': 1 },
    });
    expect(await get(key)).toEqual({ ...key, used: 2, earlier: 1 });
  });

  test('ADD creates what is missing and the item itself', async () => {
    const key = newKey();
    const { Attributes } = await update(key, {
      UpdateExpression: 'ADD n :n, tags :t',
      ExpressionAttributeValues: { ':n': -3, ':t': new Set(['a']) },
      ReturnValues: 'ALL_NEW',
    });
    expect(Attributes).toEqual({ ...key, n: -3, tags: new Set(['a']) });
  });

  test('DELETE of the last member removes the set', async () => {
    const key = await put({ tags: new Set(['a', 'b']) });
    const remove = (tags: string[]) =>
      update(key, { UpdateExpression: 'DELETE tags :t', ExpressionAttributeValues: { ':t': new Set(tags) } });
    await remove(['a', 'x']);
    expect((await get(key))?.['tags']).toEqual(new Set(['b']));
    await remove(['b']);
    expect(await get(key)).toEqual(key);
  });

  test('list members are removed at the positions they had', async () => {
    const key = await put({ l: [0, 1, 2, 3, 4] });
    await update(key, {
      UpdateExpression: 'REMOVE l[0], l[2], l[9] SET l[1] = :x',
      ExpressionAttributeValues: { ':x': 'x' },
    });
    expect((await get(key))?.['l']).toEqual(['x', 3, 4]);
  });

  test('a member set past the end is appended', async () => {
    const key = await put({ l: [0] });
    await update(key, { UpdateExpression: 'SET l[7] = :x', ExpressionAttributeValues: { ':x': 'x' } });
    expect((await get(key))?.['l']).toEqual([0, 'x']);
  });

  test('ReturnValues tells the old and the new values of what was changed', async () => {
    const key = await put({ a: 1, b: 2 });
    const set = (value: number, ReturnValues: 'ALL_OLD' | 'UPDATED_OLD' | 'UPDATED_NEW' | 'NONE') =>
      update(key, { UpdateExpression: 'SET a = :v', ExpressionAttributeValues: { ':v': value }, ReturnValues });
    expect((await set(2, 'UPDATED_OLD')).Attributes).toEqual({ a: 1 });
    expect((await set(3, 'UPDATED_NEW')).Attributes).toEqual({ a: 3 });
    expect((await set(4, 'ALL_OLD')).Attributes).toEqual({ ...key, a: 3, b: 2 });
    expect((await set(5, 'NONE')).Attributes).toBeUndefined();
  });

  test.each([
    ['SET a.b = :v', 'a path through nothing'],
    ['SET pk = :v', 'a key attribute'],
    ['SET n = absent + :v', 'a missing operand'],
    ['ADD s :v', 'a number added to a text'],
    ['SET n =', 'a syntax error'],
  ])('%s is refused as invalid (%s)', async (UpdateExpression) => {
    const key = await put({ s: 'text' });
    const failure = await failureOf(update(key, { UpdateExpression, ExpressionAttributeValues: { ':v': 1 } }));
    expect(failure.name).toBe('ValidationException');
    expect(await get(key)).toEqual({ ...key, s: 'text' });
  });
});

describe('the map of holds', () => {
  const hold = (key: Record<string, unknown>, requestId: string, maximum: number) =>
    update(key, {
      UpdateExpression: 'SET h.#rid = :hold ADD #fly :one',
      ConditionExpression: 'attribute_not_exists(h.#rid) AND size(h) < :max',
      ExpressionAttributeNames: { '#rid': requestId, '#fly': 'fly#u' },
      ExpressionAttributeValues: { ':hold': 'k|1', ':one': 1, ':max': maximum },
      ReturnValues: 'ALL_NEW',
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    });

  test('takes an id once, up to its size, and gives it back', async () => {
    const key = await put({ h: {} });
    await hold(key, 'a.b', 2);
    expect((await failureOf(hold(key, 'a.b', 2))).name).toBe('ConditionalCheckFailedException');
    const { Attributes } = await hold(key, 'c', 2);
    expect(Attributes).toEqual({ ...key, h: { 'a.b': 'k|1', c: 'k|1' }, 'fly#u': 2 });
    expect((await failureOf(hold(key, 'd', 2)))['Item']).toMatchObject({ 'fly#u': { N: '2' } });
    await update(key, {
      UpdateExpression: 'REMOVE h.#rid ADD #fly :less',
      ConditionExpression: 'attribute_exists(h.#rid)',
      ExpressionAttributeNames: { '#rid': 'a.b', '#fly': 'fly#u' },
      ExpressionAttributeValues: { ':less': -1 },
    });
    expect(await get(key)).toEqual({ ...key, h: { c: 'k|1' }, 'fly#u': 1 });
  });

  test('300 parallel writers fill it exactly to its limit', async () => {
    const key = await put({ h: {} });
    const results = await Promise.allSettled(Array.from({ length: 300 }, (_, at) => hold(key, `request-${at}`, 100)));
    const refused = results.filter((result) => result.status === 'rejected');
    expect(refused.every(({ reason }) => (reason as Error).name === 'ConditionalCheckFailedException')).toBe(true);
    expect(results.length - refused.length).toBe(100);
    const item = await get(key);
    expect(Object.keys(item?.['h'] as object)).toHaveLength(100);
    expect(item?.['fly#u']).toBe(100);
  });

  test('300 parallel conditional additions stop exactly at the limit', async () => {
    const key = await put({});
    const add = () =>
      update(key, {
        UpdateExpression: 'ADD #c :three',
        ConditionExpression: 'attribute_not_exists(#c) OR #c <= :room',
        ExpressionAttributeNames: { '#c': 'tok#u#1' },
        ExpressionAttributeValues: { ':three': 3, ':room': 297 },
      });
    const results = await Promise.allSettled(Array.from({ length: 300 }, add));
    expect(results.filter((result) => result.status === 'fulfilled')).toHaveLength(100);
    expect((await get(key))?.['tok#u#1']).toBe(300);
  });
});

describe('limits of an item', () => {
  const KILOBYTES_400 = 400 * 1024;

  test('400 KB with names and UTF-8 counted are accepted, one byte more is not', async () => {
    const { pk, sk } = newKey();
    const room = KILOBYTES_400 - ('pk'.length + pk.length + 'sk'.length + sk.length + 'é'.length + 1);
    const text = 'ä'.repeat(Math.floor(room / 2)) + 'x'.repeat(room % 2);
    const write = (value: string) => tables.documents.send(new PutCommand({ TableName, Item: { pk, sk, é: value } }));
    await write(text);
    expect((await failureOf(write(`${text}x`))).message).toMatch(/size has exceeded/);
  });

  test('an update that would grow an item past 400 KB changes nothing', async () => {
    const key = await put({ text: 'x'.repeat(KILOBYTES_400 - 200) });
    const grown = update(key, {
      UpdateExpression: 'SET more = :m',
      ExpressionAttributeValues: { ':m': 'y'.repeat(300) },
    });
    expect((await failureOf(grown)).name).toBe('ValidationException');
    expect((await get(key))?.['more']).toBeUndefined();
  });

  const numbers = [
    '12345678901234567890123456789012345678',
    '0.00000000000000000000000000000000000001',
    '-9.5',
    '1E+40',
  ];
  test.each(numbers)('the number %s is kept exactly and added to exactly', async (N) => {
    const { pk, sk } = newKey();
    const Key = { pk: { S: pk }, sk: { S: sk } };
    await tables.client.send(new PutItemCommand({ TableName, Item: { ...Key, n: { N } } }));
    const read = await tables.client.send(new GetItemCommand({ TableName, Key }));
    const stored = read.Item!['n']!.N!;
    const add = (value: string) =>
      new UpdateItemCommand({
        TableName,
        Key,
        UpdateExpression: 'ADD n :n',
        ExpressionAttributeValues: { ':n': { N: value } },
        ReturnValues: 'ALL_NEW',
      });
    await tables.client.send(add(stored.startsWith('-') ? stored.slice(1) : `-${stored}`));
    expect((await tables.client.send(add(N))).Attributes!['n']!.N).toBe(stored);
  });

  test('a number of more than 38 digits is refused', async () => {
    const key = newKey();
    const Item = { pk: { S: key.pk }, sk: { S: key.sk }, n: { N: '123456789012345678901234567890123456789' } };
    expect((await failureOf(tables.client.send(new PutItemCommand({ TableName, Item })))).message).toMatch(/38/);
  });
});

test('a deleted item is gone and can be answered once more', async () => {
  const key = await put({ n: 1 });
  const remove = () => tables.documents.send(new DeleteCommand({ TableName, Key: key, ReturnValues: 'ALL_OLD' }));
  expect((await remove()).Attributes).toEqual({ ...key, n: 1 });
  expect((await remove()).Attributes).toBeUndefined();
  expect(await get(key)).toBeUndefined();
});

test('a projection shows only what it names, nested parts in place', async () => {
  const key = await put({ a: 1, m: { x: 1, y: { z: 2 } }, l: [1, 2] });
  const { Item } = await tables.documents.send(
    new GetCommand({ TableName, Key: key, ProjectionExpression: 'a, m.y.z, l[1]' }),
  );
  expect(Item).toEqual({ a: 1, m: { y: { z: 2 } }, l: [2] });
});
