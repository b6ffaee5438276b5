import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DynamoDBDocumentClient, PutCommand, ScanCommand } from '@aws-sdk/lib-dynamodb';
import { createTable } from '../../../../infra/local/store/dynamodb/create-table.ts';
import type { StoreCommand, StoreMessage, StoreProcessOptions } from '../../../../infra/local/store/interfaces.ts';
import { clientFor, KEYS_ONLY_TABLE } from './table-under-test.ts';

const MAIN = fileURLToPath(new URL('../../../../infra/local/store/main.ts', import.meta.url));
let directory: string;
let child: ChildProcess | null = null;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'sluice-store-process-'));
});
afterEach(async () => {
  child?.kill('SIGKILL');
  await rm(directory, { recursive: true, force: true });
});

async function nextMessage(from: ChildProcess): Promise<StoreMessage> {
  return ((await once(from, 'message')) as [StoreMessage])[0];
}

async function start(s3Directory = join(directory, 's3')) {
  const options: StoreProcessOptions = {
    dynamoDb: { directory: join(directory, 'store') },
    s3: { directory: s3Directory },
  };
  child = fork(MAIN, [JSON.stringify(options)], { stdio: ['ignore', 'ignore', 'ignore', 'ipc'], execArgv: [] });
  return { child, message: await nextMessage(child) };
}

async function startReady() {
  const started = await start();
  if (started.message.type !== 'ready') throw new Error(JSON.stringify(started.message));
  return { child: started.child, ...started.message };
}

function tell(to: ChildProcess, command: StoreCommand): void {
  to.send(command);
}

test('SIGTERM under load ends with exit code 0, and every answered write is there at the next start', async () => {
  const first = await startReady();
  await createTable({ url: first.dynamoDbUrl, tableName: 'Ledger', properties: KEYS_ONLY_TABLE });
  const documents = DynamoDBDocumentClient.from(clientFor(first.dynamoDbUrl));
  let answered = 0;
  const writers = Array.from({ length: 200 }, async (_, at) => {
    await documents.send(new PutCommand({ TableName: 'Ledger', Item: { pk: `p${at}`, sk: 's' } }));
    answered += 1;
    if (answered === 50) first.child.kill('SIGTERM');
  });
  const exited = once(first.child, 'exit');
  const results = await Promise.allSettled(writers);
  expect(await exited).toEqual([0, null]);
  const acknowledged = results.flatMap((result, at) => (result.status === 'fulfilled' ? [`p${at}`] : []));
  expect(acknowledged.length).toBeGreaterThanOrEqual(50);

  const second = await startReady();
  const { Items } = await DynamoDBDocumentClient.from(clientFor(second.dynamoDbUrl)).send(
    new ScanCommand({ TableName: 'Ledger' }),
  );
  expect(Items!.map((item) => item['pk'])).toEqual(expect.arrayContaining(acknowledged));
});

test('answers its counters and sweeps by its own clock, on request', async () => {
  const { child: process, dynamoDbUrl } = await startReady();
  const TimeToLiveSpecification = { AttributeName: 'ttl', Enabled: true };
  await createTable({
    url: dynamoDbUrl,
    tableName: 'Ledger',
    properties: { ...KEYS_ONLY_TABLE, TimeToLiveSpecification },
  });
  const ttl = Math.floor(Date.now() / 1000) + 3600;
  const Item = { pk: 'a', sk: 'b', ttl };
  await DynamoDBDocumentClient.from(clientFor(dynamoDbUrl)).send(new PutCommand({ TableName: 'Ledger', Item }));
  tell(process, { type: 'counters' });
  expect(await nextMessage(process)).toEqual({
    type: 'counters',
    counters: { Ledger: { PutItem: { calls: 1, writeUnits: 1, readUnits: 0 } } },
  });
  tell(process, { type: 'sweep' });
  expect(await nextMessage(process)).toEqual({ type: 'swept', items: 0 });
  tell(process, { type: 'clock', offsetMs: 2 * 3_600_000 });
  tell(process, { type: 'sweep' });
  expect(await nextMessage(process)).toEqual({ type: 'swept', items: 1 });
});

test('says why it cannot start; a lost parent ends it, Ctrl-C alone does not', async () => {
  const file = join(directory, 'a-file');
  await writeFile(file, '');
  const failing = await start(join(file, 's3'));
  expect(failing.message.type).toBe('failed');
  expect((await once(failing.child, 'exit'))[0]).toBe(1);
  const running = await startReady();
  // Ctrl-C on a terminal reaches the child too; it waits for its parent's word.
  running.child.kill('SIGINT');
  tell(running.child, { type: 'counters' });
  expect((await nextMessage(running.child)).type).toBe('counters');
  const exited = once(running.child, 'exit');
  running.child.disconnect();
  expect((await exited)[0]).toBe(0);
});
