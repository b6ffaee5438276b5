/**
 * `npm run bench [-- --json FILE] [--rounds N]`: what the relay costs against a bare pass-through, in one run on this
 * machine (architecture.md §12). Processes of their own for the load, the fake upstream, the bare pass-through, the
 * relay (its plain Node adapter, from the synthesized bundle) and the embedded store.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { importInto } from '../support/gateway.ts';
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
import { renderMarkdown, type BenchReport } from './report.ts';

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

async function prepare(stack: Stack, upstream: Gateway): Promise<void> {
  await importInto(stack.ready, {
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
}

async function measure(bench: Bench, starts: Parameters<typeof measureStarts>[1]): Promise<BenchReport> {
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
    rows: [requestCpu, ...latency.rows, chunkCpu, firstByte, ...startRows],
    serverTiming: latency.serverTiming,
    notes: [
      'CPU is user and system time of the gateway’s own process. The relay authenticates, admits, writes and closes a ' +
        'usage event; limits, holds and the ledger account are not part of this version, so they are not in its figures.',
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
    await prepare(stack, upstream);
    const relayEnvironment = {
      ...environmentOfRelay(stack),
      BENCH_SERVER_MODULE: join(dataDirectory, 'run', 'relay', 'server.mjs'),
    };
    const startBare = (): Promise<Gateway> => startGateway('bare.mjs', { UPSTREAM_PORT: String(upstream.port) });
    const startRelay = (): Promise<Gateway> => startGateway('relay.mjs', relayEnvironment);
    const load = await startLoad();
    cleanups.push(load.stop);
    const authorization = `Bearer ${stack.ready.apiKey}`;
    const bench: Bench = {
      load,
      rounds,
      direct: { gateway: upstream, headers: { authorization } },
      bare: { gateway: await kept(startBare()), headers: { authorization } },
      relay: { gateway: await kept(startRelay()), headers: { ...stack.ready.relayHeaders, authorization } },
    };
    return await measure(bench, { bare: startBare, relay: startRelay });
  } finally {
    for (const cleanup of cleanups.toReversed()) await cleanup();
  }
}

const { values } = parseArgs({ options: { json: { type: 'string' }, rounds: { type: 'string', default: '5' } } });
const report = await run(Math.max(1, Number(values.rounds)));
console.log(renderMarkdown(report));
if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(report, null, 2)}\n`);
