/**
 * `npm start`: brings the synthesized stack up on this machine (architecture.md §10, §14) and keeps it up until it is
 * told to stop.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { formatBanner } from './banner.ts';
import { openDataDirectory, type DataDirectory } from './data-directory.ts';
import { textAt, numberAt } from './json.ts';
import { startLocalStack, type LocalStack } from './local-stack.ts';
import { readOptions, type Options } from './options.ts';
import { RECORDS_VARIABLE } from './permissions/records.ts';
import { isFree } from './ports.ts';
import { createReadyFile } from './ready-file.ts';
import { createRunnerClock } from './runner-clock.ts';
import { createDemoDocument } from './sandbox/demo-document.ts';
import { loginAsAdministrator, readDocument } from './seed.ts';
import { StartError } from './start-error.ts';

const STATE_FILE = 'state.json';
const HEALTH_DEADLINE_MS = 30_000;
const HEALTH_PAUSE_MS = 50;

const stops: (() => Promise<void> | void)[] = [];
let stopping: Promise<void> | undefined;

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => void end(0));
process.on('uncaughtException', (error) => fail(error));
process.on('unhandledRejection', (error) => fail(error));
main().catch(fail);

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2));
  const imported = options.importFile === undefined ? undefined : readDocument(options.importFile);
  if (options.port !== 0 && !(await isFree(options.port))) {
    throw new StartError(`Port ${options.port} is taken by another program. Choose one with --port N (0 takes any).`);
  }
  const directory = openDataDirectory({ path: options.dataDirectory, reset: options.reset });
  stops.push(directory.release);
  const ready = createReadyFile(directory);
  const stack = await startLocalStack(
    {
      options,
      directory,
      clock: createRunnerClock(options.clock),
      permissionRecords: process.env[RECORDS_VARIABLE],
      sandboxPort: numberAt(directory.read(STATE_FILE)?.['sandboxPort']) ?? 0,
      onChange: () => void ready.refresh(),
      say,
    },
    { add: (stop) => void stops.push(stop) },
  );
  await waitUntilHealthy(stack);
  const apiKey = await seed(stack, directory, { options, imported });
  if (stopping !== undefined) return;
  stops.push(ready.remove);
  await ready.publish(stack, apiKey);
  const color = process.stdout.isTTY && process.env['NO_COLOR'] === undefined;
  const { url, sandboxUrl, admin } = stack;
  const { dataDirectory, importFile } = options;
  process.stdout.write(formatBanner({ url, sandboxUrl, admin, apiKey, dataDirectory, imported: importFile, color }));
}

async function waitUntilHealthy(stack: LocalStack): Promise<void> {
  const deadline = performance.now() + HEALTH_DEADLINE_MS;
  for (;;) {
    const health = await fetch(`${stack.url}/health`);
    const text = await health.text();
    if (health.status === 200) return;
    if (performance.now() > deadline)
      throw new StartError(`The stack is not healthy: ${health.status} ${text.slice(0, 2000)}`);
    await delay(HEALTH_PAUSE_MS);
  }
}

interface SeedInput {
  readonly options: Options;
  readonly imported: unknown;
}

/** Imports the demo document and --import's, and answers the demo key, the one of the last start while it works. */
async function seed(stack: LocalStack, directory: DataDirectory, { options, imported }: SeedInput): Promise<string> {
  const api = await loginAsAdministrator(stack.url, stack.admin);
  const known = textAt(directory.read(STATE_FILE)?.['demoKey']);
  const { settings, ...demo } = createDemoDocument({ sandboxUrl: stack.sandboxUrl });
  // Settings are given once: what the operator makes of them afterwards stays.
  await api.importDocument(known === undefined ? { settings, ...demo } : demo, 'The demo document');
  const apiKey = known !== undefined && (await isAccepted(stack, known)) ? known : await api.createKey('demo');
  const { sandboxUrl, storeUrl, s3Url, standInsUrl } = stack;
  const sandboxPort = Number(new URL(sandboxUrl).port);
  directory.write(STATE_FILE, { demoKey: apiKey, sandboxPort, storeUrl, s3Url, standInsUrl });
  if (apiKey !== known && !(await isAccepted(stack, apiKey))) throw new StartError('The relay refuses the demo key.');
  if (options.importFile !== undefined) {
    const warnings = await api.importDocument(imported, options.importFile);
    for (const warning of warnings) say(`warning: ${warning}`);
  }
  return apiKey;
}

/** Whether the relay takes the key. @throws StartError when it answers neither yes nor no. */
async function isAccepted(stack: LocalStack, key: string): Promise<boolean> {
  const answer = await fetch(`${stack.url}/v1/models`, { headers: { authorization: `Bearer ${key}` } });
  const text = await answer.text();
  if (answer.status === 200 || answer.status === 401) return answer.status === 200;
  throw new StartError(`The relay does not answer: ${answer.status} ${text.slice(0, 500)}`);
}

/** Stops everything, the last started first, and leaves; asked again it just goes on. */
function end(code: number): Promise<void> {
  stopping ??= (async () => {
    for (const stop of stops.toReversed()) {
      try {
        await stop();
      } catch (error) {
        say(`While stopping: ${String(error)}`);
      }
    }
    process.exit(code);
  })();
  return stopping;
}

function fail(error: unknown): void {
  if (stopping !== undefined) return;
  const text = error instanceof StartError ? error.message : error instanceof Error ? error.stack : String(error);
  say(`sluice: ${text}`);
  void end(1);
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}
