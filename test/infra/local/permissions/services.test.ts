import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  BatchGetItemCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  TransactGetItemsCommand,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';
import {
  CopyObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createAccessControl, type AccessControl } from '../../../../infra/local/permissions/access.ts';
import { readPolicyDocument } from '../../../../infra/local/permissions/policy-document.ts';
import { OPERATOR, type AccessRules } from '../../../../infra/local/permissions/rules.ts';
import type { DynamoDbServer, S3Server } from '../../../../infra/local/store/interfaces.ts';
import { createTable } from '../../../../infra/local/store/dynamodb/create-table.ts';
import { createDynamoDbServer } from '../../../../infra/local/store/dynamodb/server.ts';
import { createS3Server } from '../../../../infra/local/store/s3/server.ts';

const PLACE = { region: 'us-east-1', accountId: '000000000000' };
const table = (name: string): string => `arn:aws:dynamodb:us-east-1:000000000000:table/${name}`;

const POLICIES: Record<string, object[]> = {
  LIMITED: [
    {
      Effect: 'Allow',
      Action: ['dynamodb:Query', 'dynamodb:GetItem'],
      Resource: [table('Things'), `${table('Things')}/index/byOther`],
      Condition: { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['mine*'] } },
    },
  ],
  READER: [
    { Effect: 'Allow', Action: 'dynamodb:GetItem', Resource: table('Things') },
    { Effect: 'Allow', Action: 'dynamodb:Query', Resource: `${table('Things')}/index/byOther` },
    { Effect: 'Allow', Action: 's3:GetObject', Resource: 'arn:aws:s3:::media/*' },
  ],
  WRITER: [
    {
      Effect: 'Allow',
      Action: ['dynamodb:PutItem', 'dynamodb:BatchGetItem'],
      Resource: [table('Things'), table('Others')],
    },
    { Effect: 'Allow', Action: ['s3:PutObject', 's3:DeleteObject'], Resource: 'arn:aws:s3:::media/images/*' },
    { Effect: 'Allow', Action: 's3:ListBucket', Resource: 'arn:aws:s3:::media' },
  ],
};

const rules: AccessRules = {
  ...PLACE,
  identities: Object.entries(POLICIES).map(([name, Statement]) => ({
    accessKeyId: name,
    name: name.toLowerCase(),
    principal: { kind: 'role', arn: `arn:aws:iam::000000000000:role/${name}` },
    arn: `arn:aws:sts::000000000000:assumed-role/${name}/${name}`,
    statements: readPolicyDocument(JSON.parse(JSON.stringify({ Statement })), name),
    context: {},
  })),
  resourceStatements: [],
  partitionKeys: { Things: 'pk', Others: 'pk' },
};

let directory: string;
let access: AccessControl;
let tables: DynamoDbServer;
let objects: S3Server;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'sluice-permissions-'));
  access = createAccessControl({ operators: [OPERATOR] });
  tables = await createDynamoDbServer({ directory: null, permissions: { access, rules: () => rules } });
  objects = await createS3Server({ directory, access });
  const key = (name: string, kind: string) => ({ AttributeName: name, KeyType: kind });
  const properties = {
    KeySchema: [key('pk', 'HASH')],
    AttributeDefinitions: ['pk', 'other'].map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
    GlobalSecondaryIndexes: [
      { IndexName: 'byOther', KeySchema: [key('other', 'HASH')], Projection: { ProjectionType: 'ALL' } },
    ],
  };
  // The operator may do all this before any rules are there.
  await Promise.all(['Things', 'Others'].map((tableName) => createTable({ url: tables.url, tableName, properties })));
  await objects.createBucket('media');
  access.load(rules);
});
afterAll(async () => {
  await Promise.all([tables.close(), objects.close()]);
  await rm(directory, { recursive: true, force: true });
});

const settings = (accessKeyId: string) => ({
  region: 'us-east-1',
  maxAttempts: 1,
  credentials: { accessKeyId, secretAccessKey: 'secret' },
});
const tablesAs = (name: string) => new DynamoDBClient({ ...settings(name), endpoint: tables.url });
const objectsAs = (name: string) => new S3Client({ ...settings(name), endpoint: objects.url, forcePathStyle: true });

async function nameOf(call: Promise<unknown>): Promise<string> {
  return call.then(
    () => 'allowed',
    (error: unknown) => (error as Error).name,
  );
}

describe('the table service', () => {
  const Key = { pk: { S: 'a' } };
  const get = (TableName: string) => new GetItemCommand({ TableName, Key });
  const queryOf = (IndexName: string | undefined) =>
    new QueryCommand({
      TableName: 'Things',
      ...(IndexName !== undefined && { IndexName }),
      KeyConditionExpression: '#k = :k',
      ExpressionAttributeNames: { '#k': IndexName === undefined ? 'pk' : 'other' },
      ExpressionAttributeValues: { ':k': { S: 'a' } },
    });

  test('asks for the right on the table, and for reads of an index on the index alone', async () => {
    const reader = tablesAs('READER');
    expect(await nameOf(reader.send(get('Things')))).toBe('allowed');
    expect(await nameOf(reader.send(get('Others')))).toBe('AccessDeniedException');
    expect(await nameOf(reader.send(queryOf('byOther')))).toBe('allowed');
    expect(await nameOf(reader.send(queryOf(undefined)))).toBe('AccessDeniedException');
    expect(await nameOf(reader.send(new PutItemCommand({ TableName: 'Things', Item: Key })))).toBe(
      'AccessDeniedException',
    );
  });

  test('lets a query see the partitions alone that a policy names', async () => {
    const query = (condition: string, value: string, name = 'pk') =>
      nameOf(
        tablesAs('LIMITED').send(
          new QueryCommand({
            TableName: 'Things',
            KeyConditionExpression: condition,
            ...(condition.includes('#') && { ExpressionAttributeNames: { '#k': name } }),
            ExpressionAttributeValues: { ':k': { S: value } },
          }),
        ),
      );
    expect(await query('#k = :k', 'mine#1')).toBe('allowed');
    expect(await query('(pk=:k)', 'mine#1')).toBe('allowed');
    expect(await query('#k = :k', 'yours#1')).toBe('AccessDeniedException');
    expect(await nameOf(tablesAs('LIMITED').send(queryOf('byOther')))).toBe('AccessDeniedException');
  });

  test('asks for each member of a transaction as its single action, a bare check included', async () => {
    const put = (TableName: string) => ({ Put: { TableName, Item: Key } });
    const check = { ConditionCheck: { TableName: 'Others', Key, ConditionExpression: 'attribute_not_exists(pk)' } };
    const write = (TransactItems: object[]) =>
      nameOf(tablesAs('WRITER').send(new TransactWriteItemsCommand({ TransactItems })));
    expect(await write([put('Things'), put('Others')])).toBe('allowed');
    expect(await write([put('Things'), { Delete: { TableName: 'Others', Key } }])).toBe('AccessDeniedException');
    expect(await write([put('Things'), check])).toBe('AccessDeniedException');
    const both = new TransactGetItemsCommand({
      TransactItems: ['Things', 'Others'].map((TableName) => ({ Get: { TableName, Key } })),
    });
    expect(await nameOf(tablesAs('READER').send(both))).toBe('AccessDeniedException');
  });

  test('asks for a batch as itself, on every table of it', async () => {
    const batch = (...names: string[]) =>
      new BatchGetItemCommand({ RequestItems: Object.fromEntries(names.map((name) => [name, { Keys: [Key] }])) });
    expect(await nameOf(tablesAs('WRITER').send(batch('Things', 'Others')))).toBe('allowed');
    expect(await nameOf(tablesAs('READER').send(batch('Things')))).toBe('AccessDeniedException');
  });

  test('knows nobody whom the rules do not name', async () => {
    expect(await nameOf(tablesAs('STRANGER').send(get('Things')))).toBe('UnrecognizedClientException');
  });
});

describe('the object store', () => {
  const Bucket = 'media';
  const putObject = (Key: string, more: object = {}) => new PutObjectCommand({ Bucket, Key, Body: 'x', ...more });
  const getObject = (Key: string) => new GetObjectCommand({ Bucket, Key });

  test('asks for the right on the object’s name', async () => {
    const writer = objectsAs('WRITER');
    expect(await nameOf(writer.send(putObject('images/a.png')))).toBe('allowed');
    expect(await nameOf(writer.send(putObject('other/a.png')))).toBe('AccessDenied');
    expect(await nameOf(writer.send(putObject('images/b.png', { Tagging: 'a=b' })))).toBe('AccessDenied');
    expect(await nameOf(writer.send(getObject('images/a.png')))).toBe('AccessDenied');
    expect(await nameOf(objectsAs('READER').send(getObject('images/a.png')))).toBe('allowed');
    expect(await nameOf(objectsAs('READER').send(new ListObjectsV2Command({ Bucket })))).toBe('AccessDenied');
    expect(await nameOf(writer.send(new ListObjectsV2Command({ Bucket })))).toBe('allowed');
  });

  test('tells that an object is missing only to those who may list the bucket', async () => {
    expect(await nameOf(objectsAs('READER').send(getObject('images/gone.png')))).toBe('AccessDenied');
    const head = objectsAs('READER').send(new HeadObjectCommand({ Bucket, Key: 'images/gone.png' }));
    expect(await head.catch((error: { $metadata: { httpStatusCode: number } }) => error.$metadata.httpStatusCode)).toBe(
      403,
    );
    expect(await nameOf(objectsAs(OPERATOR).send(getObject('images/gone.png')))).toBe('NoSuchKey');
  });

  test('asks for a copy’s source as well', async () => {
    const copy = new CopyObjectCommand({ Bucket, Key: 'images/copy.png', CopySource: 'media/images/a.png' });
    expect(await nameOf(objectsAs('WRITER').send(copy))).toBe('AccessDenied');
  });

  test('deletes of a list what may be deleted, and says of the rest why not', async () => {
    await objectsAs(OPERATOR).send(putObject('other/kept.png'));
    const { Deleted = [], Errors = [] } = await objectsAs('WRITER').send(
      new DeleteObjectsCommand({
        Bucket,
        Delete: { Objects: [{ Key: 'images/nothing.png' }, { Key: 'other/kept.png' }] },
      }),
    );
    expect([Deleted, Errors].map((list) => list.map(({ Key }) => Key))).toEqual([
      ['images/nothing.png'],
      ['other/kept.png'],
    ]);
    expect(Errors[0]).toMatchObject({ Code: 'AccessDenied', Message: expect.stringContaining('s3:DeleteObject') });
    expect(await nameOf(objectsAs(OPERATOR).send(getObject('other/kept.png')))).toBe('allowed');
  });

  test('takes a presigned address for a call of whoever signed it', async () => {
    const statusOf = async (name: string, command: GetObjectCommand | PutObjectCommand, init?: RequestInit) => {
      const answer = await fetch(await getSignedUrl(objectsAs(name), command, { expiresIn: 60 }), init);
      await answer.text();
      return answer.status;
    };
    expect(await statusOf('READER', getObject('images/a.png'))).toBe(200);
    expect(await statusOf('WRITER', getObject('images/a.png'))).toBe(403);
    const upload = new PutObjectCommand({ Bucket, Key: 'images/up.png' });
    expect(await statusOf('WRITER', upload, { method: 'PUT', body: 'x' })).toBe(200);
    expect(await statusOf('READER', upload, { method: 'PUT', body: 'x' })).toBe(403);
  });

  test('lets in neither strangers nor callers without a signature', async () => {
    expect(await nameOf(objectsAs('STRANGER').send(getObject('images/a.png')))).toBe('InvalidAccessKeyId');
    expect((await fetch(`${objects.url}/media/images/a.png`)).status).toBe(403);
  });
});
