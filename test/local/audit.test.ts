import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createDynamoDbServer } from '../../infra/local/store/dynamodb/server.ts';
import { createSdkTableClient } from '../../layers/aws/sdk-table-client.ts';
import { testAws } from '../support/embedded-tables.ts';
import { adminClient, type AdminClient } from '../support/gateway.ts';
import { removeDirectory, sharedAssembly, startStack, temporaryDirectory, type Stack } from '../support/stack.ts';

/** A stack of its own, because its data is edited while it is stopped, archived and put back; in this order. */
const place = temporaryDirectory('audit');
const dataDirectory = join(place, 'data');
const archive = join(place, 'backup.tar.gz');
const run = promisify(execFile);
let stack: Stack;
let admin: AdminClient;

async function start(): Promise<void> {
  stack = await startStack({ cloudAssembly: sharedAssembly(), dataDirectory });
  admin = await adminClient(stack.ready);
}

async function script(name: string, ...args: string[]): Promise<{ code: number; text: string }> {
  try {
    const { stdout } = await run(process.execPath, [`infra/scripts/${name}.ts`, ...args]);
    return { code: 0, text: stdout };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { code, text: stdout + stderr };
  }
}

const verify = (...args: string[]) => script('audit-verify', '--data-dir', dataDirectory, ...args);

/** What no function may do, and whoever holds the table's files can. */
async function editEntry(sequence: number): Promise<void> {
  const server = await createDynamoDbServer({ directory: join(dataDirectory, 'store') });
  const client = createSdkTableClient({ aws: testAws({ dynamodb: server.url }) });
  try {
    await client.update({
      table: await tableOf(server.url),
      key: { pk: 'audit', sk: String(sequence).padStart(12, '0') },
      update: 'SET actorName = :other',
      condition: 'attribute_exists(pk)',
      values: { ':other': 'somebody-else' },
    });
  } finally {
    await client.close();
    await server.close();
  }
}

async function tableOf(url: string): Promise<string> {
  const headers = { 'x-amz-target': 'DynamoDB_20120810.ListTables', 'content-type': 'application/x-amz-json-1.0' };
  const authorization =
    'AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0';
  const answer = await fetch(url, { method: 'POST', headers: { ...headers, authorization }, body: '{}' });
  const { TableNames: names } = (await answer.json()) as { TableNames: string[] };
  const found = names.find((name) => name.includes('Catalog'));
  if (found === undefined) throw new Error(`no catalog among ${names.join(', ')}`);
  return found;
}

beforeAll(start, 120_000);
afterAll(async () => {
  await stack.stop();
  removeDirectory(place);
});

describe('the audit log of a running stack', () => {
  let sequence: number;
  let head: string;

  test('holds what administrators did, and proves', async () => {
    for (const usageLogDays of [30, 31]) {
      expect(await admin.call('PUT', '/api/admin/settings', { usageLogDays })).toMatchObject({ status: 200 });
    }
    const { body } = await admin.call('GET', '/api/admin/audit?action=PUT%20/api/admin/settings&limit=1');
    const { entries } = body['data'] as { entries: { sequence: number; actor: { name: string }; address: string }[] };
    expect(entries).toMatchObject([
      { actor: { name: 'admin', by: 'token' }, changes: [{ field: 'usageLogDays', before: 30, after: 31 }] },
    ]);
    expect(entries[0]?.address).toBe('127.0.0.1');
    sequence = entries[0]?.sequence ?? 0;
    const proved = await verify();
    expect(proved).toMatchObject({ code: 0, text: expect.stringMatching(/^\d+ entries prove; 0 actions/) });
    head = /head (\S+)/.exec(proved.text)?.[1] ?? '';
    expect(head).toMatch(/^\d+:[0-9a-f]{64}$/);
  });

  test('one row edited in its table is found and named', async () => {
    await stack.stop();
    expect(await script('backup', '--data', dataDirectory, '--out', archive)).toMatchObject({ code: 0 });
    await editEntry(sequence);
    await start();
    const broken = await verify();
    expect(broken.code).toBe(1);
    expect(broken.text).toContain(`broken at entry ${sequence} (edited)`);
  }, 120_000);

  test('comes back whole from the archive of the data folder, with everything else', async () => {
    await stack.stop();
    const restored = await script('restore', archive, '--data', dataDirectory, '--force');
    expect(restored).toMatchObject({ code: 0, text: expect.stringContaining('digest is right') });
    await start();
    expect(await verify('--anchor', head)).toMatchObject({ code: 0 });
    const { body } = await admin.call('GET', '/api/admin/settings');
    expect(body['data']).toMatchObject({ usageLogDays: 31 });
  }, 120_000);
});
