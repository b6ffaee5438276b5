import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setTimeout as pause } from 'node:timers/promises';
import { keepGeneratedSecretsOutOfLogs, keepLogs, keepOutOfLogs } from './log-secrets.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const START_DEADLINE_MS = 120_000;
const STOP_DEADLINE_MS = 20_000;

/** How the relay takes requests (`--adapter`). */
export type Adapter = 'function-url' | 'node';

/** The adapter of this run of the tests: that of the jest project, else SLUICE_ADAPTER's, else the default. */
export function adapterOfTests(projectGlobals: object = globalThis): Adapter {
  const ofProject = (projectGlobals as { sluiceAdapter?: string }).sluiceAdapter;
  const adapter = ofProject ?? process.env['SLUICE_ADAPTER'] ?? 'function-url';
  if (adapter === 'function-url' || adapter === 'node') return adapter;
  throw new Error(`SLUICE_ADAPTER is function-url or node, not "${adapter}".`);
}

/** `DIR/ready.json` (architecture.md §14). */
export interface Ready {
  url: string;
  relayUrl: string;
  relayHeaders: Record<string, string>;
  adminUrl: string;
  sandboxUrl: string;
  admin: { username: string; password: string };
  apiKey: string;
  pids: Record<string, number>;
}

export interface Stack {
  ready: Ready;
  dataDirectory: string;
  /** What the runner printed so far. */
  output(): string;
  /** SIGTERM, and waits until everything has ended. The data stays. */
  stop(): Promise<{ code: number | null }>;
}

export function temporaryDirectory(name: string): string {
  return mkdtempSync(join(tmpdir(), `sluice-${name}-`));
}

export function removeDirectory(directory: string): void {
  rmSync(directory, { recursive: true, force: true });
}

async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** Synthesizes the app into a directory of its own, or takes the one that SLUICE_CLOUD_ASSEMBLY names. */
export function synthesizeForTests(): { directory: string; remove(): void } {
  const given = process.env['SLUICE_CLOUD_ASSEMBLY'];
  if (given !== undefined && given !== '') return { directory: given, remove: () => {} };
  const directory = temporaryDirectory('assembly');
  const context = readFileSync(join(ROOT, 'infra/scripts/local-context.json'), 'utf8');
  const env = { ...process.env, CDK_OUTDIR: directory, CDK_CONTEXT_JSON: context };
  const synth = spawnSync(process.execPath, ['infra/app.ts'], { cwd: ROOT, env, encoding: 'utf8' });
  if (synth.status !== 0) {
    removeDirectory(directory);
    throw new Error(`synth failed:\n${synth.stdout}\n${synth.stderr}`);
  }
  return { directory, remove: () => removeDirectory(directory) };
}

export function readReady(dataDirectory: string): Ready {
  return JSON.parse(readFileSync(join(dataDirectory, 'ready.json'), 'utf8')) as Ready;
}

async function untilReady(child: ChildProcess, dataDirectory: string, output: () => string): Promise<Ready> {
  const file = join(dataDirectory, 'ready.json');
  const deadline = performance.now() + START_DEADLINE_MS;
  while (!existsSync(file)) {
    if (child.exitCode !== null || child.signalCode !== null) {
      throw new Error(`the stack ended with ${child.exitCode ?? child.signalCode}:\n${output()}`);
    }
    if (performance.now() > deadline) {
      child.kill('SIGKILL');
      throw new Error(`the stack was not ready after ${START_DEADLINE_MS} ms:\n${output()}`);
    }
    await pause(50);
  }
  return readReady(dataDirectory);
}

async function stopChild(child: ChildProcess): Promise<{ code: number | null }> {
  if (child.exitCode === null && child.signalCode === null) {
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    const forced = setTimeout(() => child.kill('SIGKILL'), STOP_DEADLINE_MS);
    await ended;
    clearTimeout(forced);
  }
  return { code: child.exitCode };
}

/**
 * Starts the whole local stack as `npm start` does and waits for its `ready.json`. Everything listens on a free port of
 * 127.0.0.1; data goes to `dataDirectory`.
 */
export async function startStack(facts: {
  cloudAssembly: string;
  dataDirectory: string;
  /** How the relay takes requests; the one that the tests are run through where the caller does not mind. */
  adapter?: Adapter;
  args?: readonly string[];
}): Promise<Stack> {
  const { cloudAssembly, dataDirectory, adapter = adapterOfTests(), args = [] } = facts;
  const port = String(await freePort());
  const place = ['--port', port, '--data', dataDirectory, '--cloud-assembly', cloudAssembly];
  const command = ['infra/local/run.ts', ...place, '--adapter', adapter];
  // A run that was killed leaves its file behind; this start's own must be told from it.
  rmSync(join(dataDirectory, 'ready.json'), { force: true });
  const child = spawn(process.execPath, [...command, ...args], { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] });
  let printed = '';
  const keep = (bytes: Buffer): void => {
    printed = (printed + bytes.toString('utf8')).slice(-100_000);
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  const output = (): string => printed;
  const ready = await untilReady(child, dataDirectory, output);
  keepGeneratedSecretsOutOfLogs(dataDirectory);
  keepOutOfLogs('the demo key', ready.apiKey);
  const stop: Stack['stop'] = async () => {
    const ended = await stopChild(child);
    keepLogs(dataDirectory);
    return ended;
  };
  return { ready, dataDirectory, output, stop };
}

/** Where a project's shared stack keeps its data, and the assembly that all are built from (set by the global setup). */
const DATA_VARIABLE = 'SLUICE_TEST_DATA';
const ASSEMBLY_VARIABLE = 'SLUICE_TEST_ASSEMBLY';

function dataVariable(adapter: Adapter): string {
  return `${DATA_VARIABLE}_${adapter}`;
}

export function announceSharedStack(adapter: Adapter, dataDirectory: string): void {
  process.env[dataVariable(adapter)] = dataDirectory;
}

export function announceSharedAssembly(cloudAssembly: string): void {
  process.env[ASSEMBLY_VARIABLE] = cloudAssembly;
}

function announced(variable: string): string {
  const value = process.env[variable];
  if (value === undefined) throw new Error('No shared stack: these tests run in the jest projects `local`.');
  return value;
}

/** The stack that all tests of the project share. Nobody stops it, moves its clock or kills its processes. */
export function sharedStack(): Ready {
  return readReady(announced(dataVariable(adapterOfTests())));
}

export function sharedAssembly(): string {
  return announced(ASSEMBLY_VARIABLE);
}

export function hasSharedAssembly(): boolean {
  return process.env[ASSEMBLY_VARIABLE] !== undefined;
}

export function sharedDataDirectory(): string {
  return announced(dataVariable(adapterOfTests()));
}
