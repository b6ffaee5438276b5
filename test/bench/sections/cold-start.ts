import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { FunctionSettings } from '../../../infra/local/function-host/messages.ts';
import { readUsed } from '../accounting.ts';
import { median } from '../figures.ts';
import { answerOf, end, launch } from '../processes.ts';
import type { Section } from '../report.ts';
import { chatBody, targetAt, type Bench } from '../stage.ts';

interface Start {
  /** Milliseconds from spawn until the module has been loaded, and until the first byte of an answer. */
  loadedMs: number;
  firstByteMs: number;
  cpuMs: number;
}

/** A function as the local stack runs it behind its function URL: from spawn to the first byte of its first answer. */
async function coldStart(bench: Bench, directory: string): Promise<Start> {
  const settings: FunctionSettings = {
    modulePath: join(directory, 'index.mjs'),
    exportName: 'handler',
    mode: 'function-url',
    codeRoot: directory,
    port: 0,
    functionName: bench.relayEnvironment['AWS_LAMBDA_FUNCTION_NAME'] ?? '',
    functionArn: 'arn:aws:lambda:us-east-1:000000000000:function:bench',
    memoryMegabytes: 512,
    timeoutMs: 60_000,
    domainName: 'bench.lambda-url.us-east-1.on.aws',
    clockOffsetMs: 0,
  };
  const startedAt = performance.now();
  const child = launch(join(bench.stack.dataDirectory, 'function-host.mjs'), bench.relayEnvironment);
  try {
    await answerOf(child, ['up']);
    const listening = answerOf<{ type: string; port: number; message: string }>(child, ['listening', 'failed']);
    child.send({ type: 'start', settings });
    const answer = await listening;
    if (answer.type === 'failed') throw new Error(answer.message);
    const loadedMs = performance.now() - startedAt;
    const { headers } = targetAt(bench, 'relay');
    const body = chatBody('whole');
    const [sample] = await bench.load.run({ port: answer.port, headers, body, count: 1, connections: 1 });
    const firstByteMs = loadedMs + (sample?.firstByteMs ?? Number.NaN);
    return { loadedMs, firstByteMs, cpuMs: readUsed(child.pid ?? 0).cpuMicros / 1000 };
  } finally {
    await end(child);
  }
}

/** Cold starts are short, so there are more of them than of other rounds. */
const STARTS_A_ROUND = 4;

export async function measureColdStart(bench: Bench): Promise<Section> {
  const empty = mkdtempSync(join(bench.stack.dataDirectory, 'run', 'empty-'));
  const relay = join(bench.stack.dataDirectory, 'run', 'relay');
  try {
    cpSync(fileURLToPath(new URL('../empty-handler.mjs', import.meta.url)), join(empty, 'index.mjs'));
    const found: Record<'empty' | 'relay', Start[]> = { empty: [], relay: [] };
    for (let round = 0; round < bench.rounds * STARTS_A_ROUND; round += 1) {
      found.empty.push(await coldStart(bench, empty));
      found.relay.push(await coldStart(bench, relay));
    }
    return describe(found);
  } finally {
    rmSync(empty, { recursive: true, force: true });
  }
}

function describe(found: Record<'empty' | 'relay', Start[]>): Section {
  const of = (place: 'empty' | 'relay', read: (start: Start) => number): number => median(found[place].map(read));
  const pair = (name: string, read: (start: Start) => number, target: number | null) => ({
    name,
    unit: 'ms',
    values: { relay: of('relay', read) },
    result: median(found.relay.map((start, round) => read(start) / read(found.empty[round] as Start))),
    resultMeans: `× an empty handler (${of('empty', read).toFixed(0)} ms)`,
    target,
  });
  return {
    rows: [
      pair('cold start: process start to first byte', ({ firstByteMs }) => firstByteMs, 2.5),
      pair('cold start: process start to module loaded', ({ loadedMs }) => loadedMs, null),
      pair('cold start: CPU until the first byte', ({ cpuMs }) => cpuMs, null),
    ],
    notes: [
      'Cold starts are of the deployed bundle in the local stack’s function host, up to a whole chat request: secrets, ' +
        'key, route, credential, admission and upstream included. The empty handler answers two bytes.',
    ],
    details: found,
  };
}
