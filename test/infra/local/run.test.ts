import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, request as httpRequest, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { writeFixtureAssembly } from '../../support/cloud-assembly.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const DEADLINE_MS = 60_000;
const DAY_MS = 86_400_000;

interface Ready {
  url: string;
  relayUrl: string;
  relayHeaders: Record<string, string>;
  sandboxUrl: string;
  admin: { username: string; password: string };
  apiKey: string;
  pids: Record<string, number>;
}

interface Run {
  child: ChildProcess;
  output(): string;
  ready(): Ready;
  exitCode: Promise<number | null>;
}

const temporary: string[] = [];
const running = new Set<ChildProcess>();
let assembly: string;

function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'sluice-run-'));
  temporary.push(directory);
  return directory;
}

function fixture(facts: Parameters<typeof writeFixtureAssembly>[0]): string {
  const directory = writeFixtureAssembly(facts);
  temporary.push(directory);
  return directory;
}

function launch(data: string, args: readonly string[] = [], cloudAssembly = assembly): Run {
  const all = ['infra/local/run.ts', '--data', data, '--cloud-assembly', cloudAssembly, '--port', '0', ...args];
  const child = spawn(process.execPath, all, { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] });
  running.add(child);
  let printed = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (bytes: Buffer) => (printed += bytes.toString()));
  const exitCode = once(child, 'close').then(([code]) => {
    running.delete(child);
    return code as number | null;
  });
  const ready = (): Ready => JSON.parse(readFileSync(join(data, 'ready.json'), 'utf8')) as Ready;
  return { child, output: () => printed, ready, exitCode };
}

async function until<T>(probe: () => T | Promise<T>, what: string): Promise<NonNullable<T>> {
  const deadline = performance.now() + DEADLINE_MS;
  for (;;) {
    const found = await Promise.resolve()
      .then(probe)
      .catch(() => undefined);
    if (found) return found as NonNullable<T>;
    if (performance.now() > deadline) throw new Error(`waited in vain for ${what}`);
    await pause(25);
  }
}

async function start(data: string, args: readonly string[] = [], cloudAssembly = assembly): Promise<Run> {
  const run = launch(data, args, cloudAssembly);
  await until(() => {
    if (run.child.exitCode !== null) return true;
    return existsSync(join(data, 'ready.json'));
  }, 'ready.json');
  if (run.child.exitCode !== null) throw new Error(`ended with ${run.child.exitCode}: ${run.output()}`);
  return run;
}

async function stop(run: Run): Promise<number | null> {
  run.child.kill('SIGTERM');
  return run.exitCode;
}

async function failure(data: string, args: readonly string[] = [], cloudAssembly = assembly): Promise<string> {
  const run = launch(data, args, cloudAssembly);
  expect(await run.exitCode).toBe(1);
  return run.output();
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    // A process that has ended and that nobody has waited for still has an id.
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

interface Seen {
  event: { headers: Record<string, string>; cookies: string[]; rawPath: string; rawQueryString: string; body: string };
  environment: Record<string, string>;
  now: number;
  date: string;
}

async function ask(ready: Ready, path: string, init?: RequestInit): Promise<Seen> {
  return (await (await fetch(`${ready.url}${path}`, init)).json()) as Seen;
}

beforeAll(() => {
  assembly = fixture({});
});
afterEach(async () => {
  const left = [...running];
  for (const child of left) child.kill('SIGKILL');
  await Promise.all(left.map((child) => child.exitCode === null && once(child, 'close')));
});
afterAll(() => temporary.forEach((directory) => rmSync(directory, { recursive: true, force: true })));

describe('a start', () => {
  test('serves functions, pages and the CDN’s own answers, restarts a killed relay, and stops without a trace', async () => {
    const data = temporaryDirectory();
    const run = await start(data);
    const ready = run.ready();
    expect(ready).toMatchObject({ adminUrl: ready.url, apiKey: 'sk-demo-0123456789', admin: { username: 'admin' } });
    expect(Object.keys(ready.pids).toSorted()).toEqual(['admin', 'relay', 'relay-0', 'runner', 'sandbox', 'store']);
    expect(statSync(join(data, 'ready.json')).mode & 0o777).toBe(0o600);
    expect(statSync(join(data, 'logs', 'relay-0.log')).mode & 0o777).toBe(0o600);
    await until(() => run.output().includes(`curl -N ${ready.url}/v1/chat/completions`), 'the curl line');

    const headers = { cookie: 'a=1; b=2', 'x-origin-secret': 'forged', 'content-type': 'text/plain' };
    const seen = await ask(ready, '/v1/%20x?a=1&a=%20', { method: 'POST', headers, body: 'hello' });
    expect(seen.event).toMatchObject({
      rawPath: '/v1/%20x',
      rawQueryString: 'a=1&a=%20',
      cookies: ['a=1', 'b=2'],
      body: 'hello',
    });
    expect(seen.event.headers).toMatchObject({
      'x-viewer': '127.0.0.1',
      'x-origin-secret': ready.relayHeaders['x-origin-secret'],
    });
    expect(seen.event.headers['x-origin-secret']).toHaveLength(24);
    expect(seen.environment).toMatchObject({
      TABLE: 'data-Things',
      AWS_LAMBDA_FUNCTION_NAME: 'service-Relay',
      AWS_REGION: 'us-east-1',
    });
    expect(seen.environment['HOME']).toBeUndefined();
    expect((await fetch(`${ready.url}/health`).then((answer) => answer.json())) as object).toMatchObject({
      name: 'from the layer',
    });

    const page = await fetch(`${ready.url}/page`);
    expect([page.status, await page.text(), page.headers.get('cache-control')]).toEqual([
      200,
      '<p>us-east-1</p>',
      'no-cache',
    ]);
    expect(page.headers.get('x-frame-options')).toBe('DENY');
    const part = await fetch(`${ready.url}/`, { headers: { range: 'bytes=0-2' } });
    expect([part.status, await part.text()]).toEqual([206, '<p>']);
    const unchanged = await fetch(`${ready.url}/`, { headers: { 'if-none-match': page.headers.get('etag') ?? '' } });
    expect(unchanged.status).toBe(304);
    const statuses = await Promise.all([
      fetch(`${ready.url}/gone.js`),
      fetch(`${ready.url}/v1/edge`),
      fetch(`${ready.url}/`, { method: 'POST' }),
      fetch(`${ready.url}/v1/throw`),
    ]);
    expect(statuses.map(({ status }) => status)).toEqual([403, 418, 403, 502]);

    process.kill(ready.pids['relay'] ?? 0, 'SIGKILL');
    await until(() => run.ready().pids['relay'] !== ready.pids['relay'] && run.ready().pids['relay'], 'another relay');
    await ask(ready, '/v1/x');
    await fetch(`${ready.url}/v1/exit`);
    await until(async () => (await fetch(`${ready.url}/v1/x`)).status === 200, 'the relay after its exit');

    const { pids } = run.ready();
    expect(await stop(run)).toBe(0);
    expect(existsSync(join(data, 'ready.json'))).toBe(false);
    expect(Object.values(pids).filter(isAlive)).toEqual([]);
  });

  test('passes a stream through as it is written', async () => {
    const run = await start(temporaryDirectory());
    const request = httpRequest(`${run.ready().url}/v1/head`).end();
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    const atHead = performance.now();
    await once(response, 'data');
    expect(performance.now() - atHead).toBeGreaterThan(100);
    response.resume();
  });

  test('keeps logins and keys over a restart, until it is reset', async () => {
    const data = temporaryDirectory();
    const first = await start(data);
    const before = first.ready();
    await stop(first);
    const second = await start(data);
    expect(second.ready()).toMatchObject({ admin: before.admin, apiKey: before.apiKey, sandboxUrl: before.sandboxUrl });
    await stop(second);
    const third = await start(data, ['--reset']);
    expect(third.ready().admin.password).not.toBe(before.admin.password);
  });

  test('that is killed takes all its processes along, and the next one starts at once', async () => {
    const data = temporaryDirectory();
    const run = await start(data);
    const { pids } = run.ready();
    run.child.kill('SIGKILL');
    await run.exitCode;
    await start(data);
    await until(() => Object.values(pids).every((pid) => !isAlive(pid)), 'the end of all processes');
  });

  test('runs several relays as plain Node servers in turn when told so', async () => {
    const run = await start(temporaryDirectory(), ['--adapter', 'node', '--relays', '2']);
    const { url, pids, relayUrl, relayHeaders } = run.ready();
    expect(pids['relay-0']).not.toBe(pids['relay-1']);
    expect(await (await fetch(`${url}/v1/x`)).text()).toBe('plain 24');
    expect(await (await fetch(relayUrl, { headers: relayHeaders })).text()).toBe('plain 24');
    process.kill(pids['relay-0'] ?? 0, 'SIGKILL');
    const answers = await Promise.all(Array.from({ length: 6 }, () => fetch(`${url}/v1/x`)));
    expect(answers.every(({ status }) => status === 200)).toBe(true);
  });

  test('shifts the clock of every process, and moves it when the sandbox is told to', async () => {
    const run = await start(temporaryDirectory(), ['--clock', '2031-05-06T07:08:09Z']);
    const ready = run.ready();
    const seen = await ask(ready, '/v1/x');
    expect(seen.date.slice(0, 13)).toBe('2031-05-06T07');
    const to = Date.parse('2033-01-01T00:00:00Z');
    const moved = await fetch(`${ready.sandboxUrl}/__clock`, { method: 'POST', body: JSON.stringify({ now: to }) });
    expect(moved.status).toBe(200);
    const edge = await fetch(`${ready.url}/v1/edge`);
    for (const now of [(await ask(ready, '/v1/x')).now, Number(edge.headers.get('x-now'))]) {
      expect(now).toBeGreaterThanOrEqual(to);
      expect(now).toBeLessThan(to + DAY_MS);
    }
  });
});

describe('data of another version', () => {
  test('older: is migrated once before anything is served', async () => {
    const data = temporaryDirectory();
    await stop(await start(data));
    const newer = fixture({ dataVersion: 2 });
    const run = await start(data, [], newer);
    expect(run.output()).toContain('Migrating the data from version 1 to 2');
    expect(readFileSync(join(data, 'migrated'), 'utf8')).toBe('once\n');
    rmSync(join(data, 'migrated'));
    await stop(run);
    await stop(await start(data, [], newer));
    expect(existsSync(join(data, 'migrated'))).toBe(false);
    expect(await failure(data)).toContain('holds data of version 2; this code knows versions up to 1');
  });

  test('that cannot be migrated is not served and stays as it is', async () => {
    const data = temporaryDirectory();
    await stop(await start(data));
    expect(await failure(data, [], fixture({ dataVersion: 2, migrationFails: true }))).toContain(
      'the item u1 has no name',
    );
    await stop(await start(data));
  });
});

describe('a start that cannot be', () => {
  test('names the port that is taken', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    expect(await failure(temporaryDirectory(), ['--port', String(port)])).toContain(`Port ${port} is taken`);
    server.close();
  });

  test('names the data directory that another start has, which goes on', async () => {
    const data = temporaryDirectory();
    const run = await start(data);
    expect(await failure(data)).toContain(`Another \`npm start\` is running on ${data}`);
    await ask(run.ready(), '/v1/x');
  });

  test('names the resource type that it does not know', async () => {
    const unsupported = fixture({ resources: { Db: { Type: 'AWS::RDS::DBInstance' } } });
    expect(await failure(temporaryDirectory(), [], unsupported)).toContain('AWS::RDS::DBInstance (service/Db)');
  });

  test('shows what a function said that does not load', async () => {
    const broken = fixture({});
    writeFileSync(join(broken, 'asset.relay', 'index.mjs'), "import 'undici-that-is-not-there';");
    expect(await failure(temporaryDirectory(), [], broken)).toContain('undici-that-is-not-there');
  });

  test('lists the errors of --import with their paths', async () => {
    const file = join(temporaryDirectory(), 'import.json');
    writeFileSync(file, '{"version":2}');
    expect(await failure(temporaryDirectory(), ['--import', file])).toContain('version: Expected 1');
    writeFileSync(file, '{"version":');
    expect(await failure(temporaryDirectory(), ['--import', file])).toContain(`--import ${file}`);
  });

  test('warns of what an --import sets and does not bind', async () => {
    const file = join(temporaryDirectory(), 'import.json');
    writeFileSync(file, '{"version":1}');
    const run = await start(temporaryDirectory(), ['--import', file]);
    expect(run.output()).toContain('warning: a model without routes');
  });
});
