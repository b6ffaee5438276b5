import { existsSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { APIError } from 'openai';
import type { UsageLogRow } from '../../layers/contract/usage.ts';
import { adminClient, chosenSecret, importInto, openAiClient, until, usageRow, userSays } from '../support/gateway.ts';
import { startNeighbourUpstream, type NeighbourUpstream } from '../support/neighbour-upstream.ts';
import {
  readReady,
  removeDirectory,
  sharedAssembly,
  startStack,
  temporaryDirectory,
  type Ready,
  type Stack,
} from '../support/stack.ts';

/** A stack of its own, because these tests stop it, kill its processes and move its clock; in this order. */
const dataDirectory = temporaryDirectory('restart');
const chosen = chosenSecret();
const short = { model: 'sandbox-chat--words-5', messages: userSays('Hello') };
const importDirectory = temporaryDirectory('import');
const importFile = join(importDirectory, 'neighbour.json');
let stack: Stack;
let neighbour: NeighbourUpstream;

function neighbourDocument() {
  return {
    version: 1,
    upstreams: [{ name: 'neighbour', format: 'openai-chat', vendor: 'openai-compatible', baseUrl: neighbour.baseUrl }],
    credentials: [{ upstream: 'neighbour', name: 'own', kind: 'api_key', secret: neighbour.secret }],
    models: [{ name: 'neighbour-model', routes: [{ upstream: 'neighbour', model: 'own-model' }] }],
  };
}

function start(args: readonly string[] = []): Promise<Stack> {
  return startStack({ cloudAssembly: sharedAssembly(), dataDirectory, args });
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

function relayPid(ready: Ready): number {
  const pid = ready.pids['relay'];
  if (pid === undefined) throw new Error(`no relay among ${Object.keys(ready.pids).join(', ')}`);
  return pid;
}

async function untilAnswering(ready: Ready): Promise<void> {
  await until(() =>
    openAiClient(ready)
      .chat.completions.create(short)
      .then(
        () => true,
        () => false,
      ),
  );
}

/** When the stack says that a request made now was made. */
async function createdAt(ready: Ready): Promise<number> {
  const { response } = await openAiClient(ready).chat.completions.create(short).withResponse();
  const row = await usageRow(await adminClient(ready), response.headers.get('x-sluice-request-id') ?? '');
  return Date.parse(row.created_at);
}

beforeAll(async () => {
  neighbour = await startNeighbourUpstream();
  stack = await start();
}, 150_000);
afterAll(async () => {
  await stack?.stop();
  await neighbour?.close();
  removeDirectory(dataDirectory);
  removeDirectory(importDirectory);
}, 60_000);

describe('a relay process that is killed', () => {
  test('comes back by itself and answers again', async () => {
    const { ready } = stack;
    await untilAnswering(ready);
    process.kill(relayPid(ready), 'SIGKILL');
    await until(async () => relayPid(readReady(dataDirectory)) !== relayPid(ready));
    await untilAnswering(ready);
  });

  test('in mid-stream gives the SDK an error and leaves an event that the sweep closes as abandoned', async () => {
    const { ready } = stack;
    const request = { ...short, model: 'sandbox-chat--hang-3', stream: true as const };
    const { data, response } = await openAiClient(ready).chat.completions.create(request).withResponse();
    const requestId = response.headers.get('x-sluice-request-id') ?? '';
    const reading = (async () => {
      let chunks = 0;
      for await (const _ of data) {
        chunks += 1;
        if (chunks === 3) process.kill(relayPid(readReady(dataDirectory)), 'SIGKILL');
      }
    })();
    // Whatever `fetch` throws for a broken body: an error of another realm than jest's.
    await expect(reading).rejects.toMatchObject({ message: expect.any(String) });
    await untilAnswering(ready);
    const admin = await adminClient(ready);
    const swept = await admin.call('POST', '/api/admin/schedules/sweep-holds/run', { olderThanMs: 0 });
    expect(swept.status).toBe(200);
    const row = await usageRow(admin, requestId);
    expect(row).toMatchObject({ source: 'abandoned', success: false, stream: true });
    expect(row.parts.input).toBeGreaterThan(0);
    expect(row.parts.output).toBe(0);
    const again = await admin.call('POST', '/api/admin/schedules/sweep-holds/run', { olderThanMs: 0 });
    expect(again.status).toBe(200);
    expect(await usageRow(admin, requestId)).toEqual(row);
  });
});

describe('a restart', () => {
  let rowBefore: UsageLogRow;

  test('begins with a clean stop: the processes end and ready.json goes', async () => {
    const { ready } = stack;
    await importInto(ready, { version: 1, keys: [{ name: 'chosen', owner: 'admin', secret: chosen }] });
    const { response } = await openAiClient(ready, chosen).chat.completions.create(short).withResponse();
    rowBefore = await usageRow(await adminClient(ready), response.headers.get('x-sluice-request-id') ?? '');
    const { pids } = readReady(dataDirectory);
    expect(statSync(join(dataDirectory, 'ready.json')).mode & 0o777).toBe(0o600);
    expect(statSync(dataDirectory).mode & 0o777).toBe(0o700);
    const { code } = await stack.stop();
    expect(code).toBe(0);
    expect(existsSync(join(dataDirectory, 'ready.json'))).toBe(false);
    expect(Object.entries(pids).filter(([, pid]) => isAlive(pid))).toEqual([]);
  });

  test('keeps the login, the keys and the usage', async () => {
    const before = stack.ready;
    stack = await start();
    const { ready } = stack;
    expect(ready.admin).toEqual(before.admin);
    expect(ready.apiKey).toBe(before.apiKey);
    await openAiClient(ready).chat.completions.create(short);
    await openAiClient(ready, chosen).chat.completions.create(short);
    expect(await usageRow(await adminClient(ready), rowBefore.request_id)).toEqual(rowBefore);
  }, 150_000);

  test('with --reset keeps none of them', async () => {
    const before = stack.ready;
    await stack.stop();
    writeFileSync(importFile, JSON.stringify(neighbourDocument()));
    stack = await start(['--reset', '--clock', '2031-05-06T07:08:09Z', '--import', importFile]);
    const { ready } = stack;
    expect(ready.admin.password).not.toBe(before.admin.password);
    expect(ready.apiKey).not.toBe(before.apiKey);
    for (const secret of [chosen, before.apiKey]) {
      await expect(openAiClient(ready, secret).chat.completions.create(short)).rejects.toMatchObject({ status: 401 });
    }
    const { body } = await (await adminClient(ready)).call('GET', '/api/usage/logs?scope=all');
    expect(JSON.stringify(body)).not.toContain(rowBefore.request_id);
  }, 150_000);
});

describe('--import FILE', () => {
  test('brings an upstream of the operator’s own, which serves chat and stream', async () => {
    const request = { model: 'neighbour-model', messages: userSays('Hello over there') };
    const client = openAiClient(stack.ready);
    const whole = await client.chat.completions.create(request);
    expect(whole.choices[0]?.message.content).toBe('Good day from next door');
    let text = '';
    for await (const chunk of await client.chat.completions.create({ ...request, stream: true })) {
      text += chunk.choices[0]?.delta.content ?? '';
    }
    expect(text).toBe('Good day from next door');
  });
});

describe('the clock', () => {
  test('starts where --clock says and ticks', async () => {
    const started = Date.parse('2031-05-06T07:08:09Z');
    const first = await createdAt(stack.ready);
    expect(first).toBeGreaterThanOrEqual(started);
    expect(first).toBeLessThan(started + 120_000);
    expect(await createdAt(stack.ready)).toBeGreaterThan(first);
  });

  test('moves for all processes when it is told to, and keys expire with it', async () => {
    const { ready } = stack;
    const secret = chosenSecret();
    await importInto(ready, {
      version: 1,
      keys: [{ name: 'ends-in-june', owner: 'admin', secret, expiresAt: '2031-06-01T00:00:00Z' }],
    });
    await openAiClient(ready, secret).chat.completions.create(short);
    const moved = await fetch(`${ready.sandboxUrl}/__clock`, {
      method: 'POST',
      body: JSON.stringify({ now: '2031-06-01T00:00:01Z' }),
    });
    expect(moved.status).toBe(200);
    const refused = await openAiClient(ready, secret)
      .chat.completions.create(short)
      .catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(APIError);
    expect(refused).toMatchObject({ status: 401, code: 'key_expired' });
    expect(await createdAt(ready)).toBeGreaterThanOrEqual(Date.parse('2031-06-01T00:00:01Z'));
  });
});
