import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  BatchWriteItemCommand,
  DeleteItemCommand,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
  TransactWriteItemsCommand,
  UpdateItemCommand,
  type DynamoDBClient,
} from '@aws-sdk/client-dynamodb';
import { InvokeCommand } from '@aws-sdk/client-lambda';
import { GetObjectCommand } from '@aws-sdk/client-s3';
import { GetSecretValueCommand, PutSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import { afterAll, describe, expect, test } from '@jest/globals';
import { assemblyWithout, type RemovedGrant } from '../support/changed-assembly.ts';
import { stackOnAws } from '../support/function-identity.ts';
import { importInto, postJson, until } from '../support/gateway.ts';
import {
  removeDirectory,
  sharedAssembly,
  sharedDataDirectory,
  sharedStack,
  startStack,
  temporaryDirectory,
} from '../support/stack.ts';

const ready = sharedStack();
const aws = stackOnAws(sharedDataDirectory(), sharedAssembly());
const [identity, vault, catalog, ledger] = ['IdentityTable', 'VaultTable', 'CatalogTable', 'LedgerTable'].map(
  aws.nameOf,
);
const key = { pk: { S: 'nobody#permissions' }, sk: { S: 'test' } };

/** The error that AWS answers, as the SDK names it; the call must fail. */
async function refusal(call: Promise<unknown>): Promise<{ name: string; message: string }> {
  const outcome = await call.then(
    () => ({ name: 'allowed', message: '' }),
    (error: unknown) => error as Error,
  );
  return { name: outcome.name, message: outcome.message };
}

/** Each way to write one item, as calls of this client. */
function writesTo(tables: DynamoDBClient, TableName: string): Promise<unknown>[] {
  const put = { PutRequest: { Item: key } };
  return [
    tables.send(new PutItemCommand({ TableName, Item: key })),
    tables.send(new UpdateItemCommand({ TableName, Key: key, UpdateExpression: 'SET a = pk' })),
    tables.send(new DeleteItemCommand({ TableName, Key: key })),
    tables.send(new BatchWriteItemCommand({ RequestItems: { [TableName]: [put] } })),
    tables.send(new TransactWriteItemsCommand({ TransactItems: [{ Put: { TableName, Item: key } }] })),
  ];
}

describe('the vault is split from the rest', () => {
  test('admin writes a credential, and neither its row nor any secret that admin reads opens it', async () => {
    const secret = `sk-upstream-${randomBytes(16).toString('hex')}`;
    await importInto(ready, {
      version: 1,
      upstreams: [{ name: 'sealed', format: 'openai-chat', vendor: 'openai-compatible', baseUrl: ready.sandboxUrl }],
      credentials: [{ upstream: 'sealed', name: 'one', kind: 'api_key', secret }],
    });
    const admin = aws.as('admin');
    const rows = await admin.tables.send(
      new QueryCommand({
        TableName: vault,
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: { ':pk': { S: 'upstream#sealed' } },
      }),
    );
    expect(rows.Count).toBeGreaterThan(0);
    expect(JSON.stringify(rows.Items)).not.toContain(secret);
    const seed = new GetSecretValueCommand({ SecretId: aws.secretArn('VaultSeedSecret') });
    const denied = await refusal(admin.secrets.send(seed));
    expect(denied.name).toBe('AccessDeniedException');
    expect(denied.message).toContain('secretsmanager:GetSecretValue');
    expect(denied.message).toContain('VaultSeedSecret');
    // By its bare name it is the same secret.
    const byName = new GetSecretValueCommand({ SecretId: aws.nameOf('VaultSeedSecret') });
    expect((await refusal(admin.secrets.send(byName))).name).toBe('AccessDeniedException');
    expect((await aws.as('vault').secrets.send(seed)).SecretString).toContain('v1');
  });

  test('the relay cannot mint a token nor log in as the first administrator', async () => {
    const relay = aws.as('relay');
    const read = (id: string) => relay.secrets.send(new GetSecretValueCommand({ SecretId: aws.secretArn(id) }));
    expect((await refusal(read('SigningSeedSecret'))).name).toBe('AccessDeniedException');
    expect((await refusal(read('BootstrapAdminSecret'))).name).toBe('AccessDeniedException');
    expect((await read('PepperSecret')).SecretString).toContain('v1');
  });

  test('nobody changes a secret', async () => {
    for (const name of ['admin', 'relay', 'vault']) {
      const change = { SecretId: aws.secretArn('OriginSecret'), SecretString: '{}' };
      expect((await refusal(aws.as(name).secrets.send(new PutSecretValueCommand(change)))).name).toBe(
        'AccessDeniedException',
      );
    }
  });

  test.each([
    ['relay', 'identity', identity!],
    ['relay', 'catalog', catalog!],
    ['relay', 'vault', vault!],
    ['admin', 'ledger', ledger!],
    ['vault', 'identity', identity!],
  ])('%s writes nothing to %s, by no operation', async (name, _what, table) => {
    const refusals = await Promise.all(writesTo(aws.as(name).tables, table).map(refusal));
    expect(refusals.map((one) => one.name)).toEqual(refusals.map(() => 'AccessDeniedException'));
    for (const { message } of refusals) expect(message).toContain(`table/${table}`);
  });

  test('the relay puts the health of credentials into the vault table and nothing else', async () => {
    const { tables } = aws.as('relay');
    const put = (pk: string) =>
      tables.send(
        new PutItemCommand({
          TableName: vault,
          Item: { pk: { S: pk }, sk: { S: 'x' } },
          // Fails in any case: what matters is which refusal comes.
          ConditionExpression: 'attribute_exists(pk)',
        }),
      );
    expect((await refusal(put('pool#permissions'))).name).toBe('ConditionalCheckFailedException');
    expect((await refusal(put('upstream#sealed'))).name).toBe('AccessDeniedException');
  });

  test('a transaction with one member that is not allowed does nothing at all', async () => {
    const { tables } = aws.as('admin');
    const members = [identity, ledger].map((TableName) => ({ Put: { TableName, Item: key } }));
    const both = tables.send(new TransactWriteItemsCommand({ TransactItems: members }));
    expect((await refusal(both)).name).toBe('AccessDeniedException');
    const found = await tables.send(new GetItemCommand({ TableName: identity, Key: key }));
    expect(found.Item).toBeUndefined();
  });

  test('a table is no index, and nobody reads a whole table', async () => {
    // It finds users through the index, and reads nothing but single rows of the table.
    const { tables } = aws.as('evaluate-alerts');
    const query = (IndexName?: string) =>
      tables.send(
        new QueryCommand({
          TableName: identity,
          ...(IndexName !== undefined && { IndexName }),
          KeyConditionExpression: '#pk = :pk',
          ExpressionAttributeNames: { '#pk': IndexName === undefined ? 'pk' : 'ownerPk' },
          ExpressionAttributeValues: { ':pk': { S: 'nobody' } },
        }),
      );
    expect((await query('byOwner')).Count).toBe(0);
    expect((await refusal(query())).message).toContain(`dynamodb:Query on resource: arn:aws:dynamodb`);
    for (const name of ['admin', 'relay', 'vault']) {
      const scan = aws.as(name).tables.send(new ScanCommand({ TableName: identity, Limit: 1 }));
      expect((await refusal(scan)).name).toBe('AccessDeniedException');
    }
  });

  test('the vault is called by admin and relay alone, and the schedules by admin alone', async () => {
    const invoke = (caller: string, called: string) =>
      refusal(
        aws
          .as(caller)
          .functions.send(new InvokeCommand({ FunctionName: aws.functionNameOf(called), InvocationType: 'DryRun' })),
      );
    for (const caller of ['admin', 'relay']) expect((await invoke(caller, 'vault')).name).toBe('allowed');
    for (const [caller, called] of [
      ['refresh-credentials', 'vault'],
      ['relay', 'refresh-credentials'],
      ['vault', 'sweep-holds'],
      ['sweep-holds', 'migrate-data'],
      ['admin', 'relay'],
    ] as const) {
      const denied = await invoke(caller, called);
      expect([caller, denied.name]).toEqual([caller, 'AccessDeniedException']);
      expect(denied.message).toContain(`lambda:InvokeFunction on resource: arn:aws:lambda`);
    }
  });

  test('functions have no bucket to read', async () => {
    const get = new GetObjectCommand({ Bucket: aws.nameOf('BucketsConsole7E773DA5').toLowerCase(), Key: 'index.html' });
    expect((await refusal(aws.as('admin').objects.send(get))).name).toBe('AccessDenied');
  });
});

describe('rights that calls need which no other test makes', () => {
  test('admin changes and deletes keys, models, credentials and upstreams', async () => {
    const admin = await importInto(ready, {
      version: 1,
      upstreams: [
        { name: 'short-lived', format: 'openai-chat', vendor: 'openai-compatible', baseUrl: ready.sandboxUrl },
      ],
      credentials: [{ upstream: 'short-lived', name: 'one', kind: 'api_key', secret: 'sk-upstream-0123456789' }],
      models: [{ name: 'short-lived', routes: [{ upstream: 'short-lived', model: 'm' }] }],
    });
    const made = await admin.call('POST', '/api/keys', { name: 'short-lived' });
    const { id } = made.body['data'] as { id: string };
    expect((await admin.call('PATCH', `/api/keys/${id}`, { name: 'renamed' })).status).toBe(200);
    expect((await admin.call('DELETE', `/api/keys/${id}`)).status).toBe(200);
    expect((await admin.call('DELETE', '/api/admin/models/short-lived')).status).toBe(200);
    const listed = await admin.call('GET', '/api/admin/credentials');
    const credentials = listed.body['data'] as { id: string; upstream: string }[];
    const own = credentials.find(({ upstream }) => upstream === 'short-lived');
    expect((await admin.call('DELETE', `/api/admin/credentials/short-lived/${own?.id}`)).status).toBe(200);
    expect((await admin.call('DELETE', '/api/admin/upstreams/short-lived')).status).toBe(200);
  });

  test('admin runs the migration by hand, which finds nothing of an older version', async () => {
    const admin = await importInto(ready, { version: 1 });
    const ran = await admin.call('POST', '/api/admin/schedules/migrate-data/run', {});
    expect(ran.status).toBe(200);
  }, 60_000);

  test('the vault answers through the CDN, and only to those who present a machine secret', async () => {
    const admin = await importInto(ready, { version: 1 });
    const made = await admin.call('POST', '/api/admin/machine-secrets', {
      name: `p-${randomBytes(4).toString('hex')}`,
    });
    const { secret } = made.body['data'] as { secret: string };
    const ask = async (headers: Record<string, string>) => {
      const answer = await fetch(`${ready.url}/public-api/health`, { headers });
      return [answer.status, await answer.json()];
    };
    expect(await ask({ 'x-api-secret': secret })).toEqual([200, { success: true, msg: expect.any(String) }]);
    expect(await ask({})).toEqual([401, { success: false, msg: expect.any(String) }]);
  });

  test('the CDN reads pages, and says of pages and media that are missing that they are', async () => {
    const page = await fetch(`${ready.url}/`);
    expect([page.status, await page.text()]).toEqual([200, expect.stringContaining('<!doctype html>')]);
    const expiry = Math.floor(Date.now() / 1000) + 3600;
    for (const path of ['/assets/gone-1a2b3c.js', `/images/${expiry}/${randomBytes(16).toString('hex')}.png`]) {
      expect((await fetch(`${ready.url}${path}`)).status).toBe(404);
    }
  });
});

describe('without one grant', () => {
  const directories: string[] = [];
  afterAll(() => directories.forEach(removeDirectory));

  function prepare(grant: RemovedGrant): { cloudAssembly: string; dataDirectory: string } {
    const cloudAssembly = assemblyWithout(sharedAssembly(), grant);
    const dataDirectory = temporaryDirectory('without');
    directories.push(cloudAssembly, dataDirectory);
    return { cloudAssembly, dataDirectory };
  }

  test('the first call that needs it fails, and names function, action and resource', async () => {
    const grant = { policy: 'RelayApiRole', action: 'dynamodb:PutItem', resource: 'LedgerTable' };
    const { cloudAssembly, dataDirectory } = prepare(grant);
    const stack = await startStack({ cloudAssembly, dataDirectory });
    try {
      const { url, apiKey } = stack.ready;
      const body = { model: 'sandbox-chat', messages: [{ role: 'user', content: 'Hello' }] };
      const answer = await postJson(`${url}/v1/chat/completions`, body, { authorization: `Bearer ${apiKey}` });
      expect(answer.status).toBeGreaterThanOrEqual(500);
      const sentence = `permissions: relay may not dynamodb:PutItem on table/${ledger}`;
      await until(async () => stack.output().includes(sentence));
      expect(readFileSync(join(dataDirectory, 'logs', 'relay-0.log'), 'utf8')).toContain(sentence);
    } finally {
      await stack.stop();
    }
  }, 120_000);

  test('of a schedule nothing starts', async () => {
    const grant = {
      policy: 'SchedulesSweepHoldsScheduleRole',
      action: 'lambda:InvokeFunction',
      resource: 'SweepHolds',
    };
    await expect(startStack(prepare(grant))).rejects.toThrow(
      /schedule sweep-holds could not tick: its role does not allow lambda:InvokeFunction on \S+SweepHolds/,
    );
  }, 60_000);
});
