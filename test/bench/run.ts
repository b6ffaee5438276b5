/**
 * `npm run bench [-- --json FILE] [--rounds N]`: what the relay costs against a bare pass-through, in one run on this
 * machine (architecture.md §12). Processes of their own for the load, the fake upstream, the bare pass-through, the
 * relay (its plain Node adapter, from the synthesized bundle) and the embedded store.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startFakeUpstream } from '../support/fake-upstream.ts';
import { importInto } from '../support/gateway.ts';
import { createLimitedKey } from '../support/limited-key.ts';
import { EVERY_LIMIT, measureWriteUnits } from '../support/write-units.ts';
import { removeDirectory, startStack, synthesizeForTests, temporaryDirectory, type Stack } from '../support/stack.ts';
import {
  measureChunkCpu,
  measureFirstByte,
  measureLatency,
  measureRequestCpu,
  measureStarts,
  warmUp,
  type Bench,
} from './measures.ts';
import { startGateway, startLoad, type Gateway } from './processes.ts';
import { renderMarkdown, type BenchReport, type Row } from './report.ts';

const MODELS = ['whole', 'stream-200-0', 'stream-1000-0', 'stream-5-10'];

/** The relay's own environment, as the runner gave it: tables, secrets, endpoints, identity. */
function environmentOfRelay(stack: Stack): Record<string, string> {
  const pid = stack.ready.pids['relay'];
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/environ`, 'utf8');
  } catch {
    throw new Error('The bench reads the environment of the running relay from /proc, so it needs Linux.');
  }
  const entries = text.split('\0').filter(Boolean);
  return Object.fromEntries(
    entries.map((entry) => [entry.slice(0, entry.indexOf('=')), entry.slice(entry.indexOf('=') + 1)]),
  );
}

/** @returns a key under every kind of limit, none of which binds: its requests are held and settled. */
async function prepare(stack: Stack, upstream: Gateway): Promise<string> {
  const admin = await importInto(stack.ready, {
    version: 1,
    upstreams: [
      {
        name: 'bench',
        format: 'openai-chat',
        vendor: 'openai-compatible',
        baseUrl: `http://127.0.0.1:${upstream.port}/v1`,
      },
    ],
    credentials: [{ upstream: 'bench', name: 'bench', secret: 'bench-credential' }],
    models: MODELS.map((name) => ({
      name,
      routes: [{ upstream: 'bench', model: name }],
      price: { inputPerMillion: 1.25, outputPerMillion: 10, cacheReadPerMillion: 0.125 },
    })),
  });
  return (await createLimitedKey(admin, EVERY_LIMIT)).secret;
}

async function countWriteUnits(stack: Stack): Promise<Row[]> {
  const upstream = await startFakeUpstream();
  try {
    const found = await measureWriteUnits(stack, upstream, { openHolds: [1, 32, 100], limitedKeys: 4 });
    return found.map(({ openHolds, limitedKeys, perRequest }) => ({
      name: `write units per request, ${openHolds} open holds, ${limitedKeys} limited keys`,
      unit: 'units',
      direct: null,
      bare: null,
      relay: perRequest,
      result: perRequest,
      resultMeans: '',
      target: openHolds <= 32 ? 8 : null,
    }));
  } finally {
    await upstream.close();
  }
}

async function measure(
  bench: Bench,
  starts: Parameters<typeof measureStarts>[1],
  writeUnits: readonly Row[],
): Promise<BenchReport> {
  const startedAt = new Date().toISOString();
  await warmUp(bench);
  const requestCpu = await measureRequestCpu(bench);
  const latency = await measureLatency(bench);
  const chunkCpu = await measureChunkCpu(bench);
  const firstByte = await measureFirstByte(bench);
  const startRows = await measureStarts(bench, starts);
  return {
    startedAt,
    node: process.versions.node,
    machine: `${cpus().length} × ${cpus()[0]?.model ?? 'unknown processor'}`,
    rounds: bench.rounds,
    rows: [requestCpu, ...latency.rows, chunkCpu, firstByte, ...startRows, ...writeUnits],
    serverTiming: latency.serverTiming,
    notes: [
      'CPU is user and system time of the gateway’s own process. The relay authenticates, admits under every kind of ' +
        'key limit, holds, writes and closes a usage event and settles its ledger account.',
      'Write units are counted by the embedded store as on-demand tables charge them, index units included.',
    ],
  };
}

async function run(rounds: number): Promise<BenchReport> {
  const cleanups: (() => void | Promise<void>)[] = [];
  try {
    const assembly = synthesizeForTests();
    cleanups.push(assembly.remove);
    const dataDirectory = temporaryDirectory('bench');
    cleanups.push(() => removeDirectory(dataDirectory));
    const args = ['--adapter', 'node'];
    const stack = await startStack({ cloudAssembly: assembly.directory, dataDirectory, args });
    cleanups.push(async () => {
      await stack.stop();
    });
    const kept = async (starting: Promise<Gateway>): Promise<Gateway> => {
      const gateway = await starting;
      cleanups.push(gateway.stop);
      return gateway;
    };
    const upstream = await kept(startGateway('upstream.mjs'));
    const writeUnits = await countWriteUnits(stack);
    const secret = await prepare(stack, upstream);
    const relayEnvironment = {
      ...environmentOfRelay(stack),
      BENCH_SERVER_MODULE: join(dataDirectory, 'run', 'relay', 'server.mjs'),
    };
    const startBare = (): Promise<Gateway> => startGateway('bare.mjs', { UPSTREAM_PORT: String(upstream.port) });
    const startRelay = (): Promise<Gateway> => startGateway('relay.mjs', relayEnvironment);
    const load = await startLoad();
    cleanups.push(load.stop);
    const authorization = `Bearer ${secret}`;
    const bench: Bench = {
      load,
      rounds,
      direct: { gateway: upstream, headers: { authorization } },
      bare: { gateway: await kept(startBare()), headers: { authorization } },
      relay: { gateway: await kept(startRelay()), headers: { ...stack.ready.relayHeaders, authorization } },
    };
    return await measure(bench, { bare: startBare, relay: startRelay }, writeUnits);
  } finally {
    for (const cleanup of cleanups.toReversed()) await cleanup();
  }
}

const { values } = parseArgs({ options: { json: { type: 'string' }, rounds: { type: 'string', default: '5' } } });
const report = await run(Math.max(1, Number(values.rounds)));
console.log(renderMarkdown(report));
if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(report, null, 2)}\n`);
