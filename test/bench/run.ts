/**
 * `npm run bench [-- --json FILE] [--rounds N] [--only NAME,…]`: what the relay costs against a bare pass-through and
 * against Portkey's gateway, in one run on this machine (architecture.md §12). Sections that take long run only when
 * they are named.
 */
import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { renderJson, renderMarkdown, type BenchReport, type Section } from './report.ts';
import { warmUp } from './rounds.ts';
import { measureColdStart } from './sections/cold-start.ts';
import { measureConversion } from './sections/convert.ts';
import { measureChat, measureStream } from './sections/cpu.ts';
import { measureGroupCommit } from './sections/group-commit.ts';
import { measureLatency, measurePaced } from './sections/latency.ts';
import { FULL_MEMORY_WORK, measureMemory, type MemoryWork } from './sections/memory.ts';
import { measureStarts } from './sections/starts.ts';
import { countWriteUnits } from './sections/write-units.ts';
import { setTheStage, type Bench, type Cleanups } from './stage.ts';

interface SectionEntry {
  measure(bench: Bench, work: MemoryWork): Promise<Section>;
  /** Stands beside others, so Portkey and a warm-up are needed. */
  compares?: true;
  /** Runs only when it is named. */
  onlyByName?: true;
}

/** Need no stack, no upstream and no load: they run before the stage is set. */
const ALONE: Readonly<Record<string, (options: { rounds: number }) => Promise<Section>>> = {
  convert: measureConversion,
};

const SECTIONS: Readonly<Record<string, SectionEntry>> = {
  'write-units': { measure: countWriteUnits },
  chat: { measure: measureChat, compares: true },
  latency: { measure: measureLatency, compares: true },
  stream: { measure: measureStream, compares: true },
  paced: { measure: measurePaced, compares: true },
  start: { measure: measureStarts, compares: true },
  'group-commit': { measure: measureGroupCommit },
  'cold-start': { measure: measureColdStart },
  memory: { measure: measureMemory, onlyByName: true },
};

interface Wanted {
  rounds: number;
  alone: readonly string[];
  sections: readonly [string, SectionEntry][];
  memory: MemoryWork;
  json: string | undefined;
}

function positive(name: string, text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value > 0) return value;
  throw new Error(`--${name} takes a whole number above 0, not "${text}".`);
}

function readWanted(): Wanted {
  const { values } = parseArgs({
    options: {
      json: { type: 'string' },
      only: { type: 'string' },
      rounds: { type: 'string', default: '5' },
      requests: { type: 'string', default: String(FULL_MEMORY_WORK.requests) },
      streams: { type: 'string', default: String(FULL_MEMORY_WORK.streams) },
    },
  });
  const known = [...Object.keys(ALONE), ...Object.keys(SECTIONS)];
  const names = values.only?.split(',') ?? known.filter((name) => !SECTIONS[name]?.onlyByName);
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined) throw new Error(`--only knows ${known.join(', ')}, and not "${unknown}".`);
  // In the order above: write units are counted on a ledger account that holds no other keys' counters yet.
  const sections = Object.entries(SECTIONS).filter(([name]) => names.includes(name));
  return {
    alone: Object.keys(ALONE).filter((name) => names.includes(name)),
    sections,
    rounds: positive('rounds', values.rounds),
    memory: { requests: positive('requests', values.requests), streams: positive('streams', values.streams) },
    json: values.json,
  };
}

/** What the others found is reported all the same; the run as a whole has failed. */
function failed(name: string, error: unknown): Section {
  process.exitCode = 1;
  const note = `**${name} is not in this table**: ${error instanceof Error ? error.message : String(error)}`;
  console.error(`\n!!! ${note}\n`);
  return { rows: [], notes: [note] };
}

async function run({ alone, sections, rounds, memory }: Wanted): Promise<BenchReport> {
  const startedAt = new Date().toISOString();
  const machine = `${cpus().length} × ${cpus()[0]?.model ?? 'unknown processor'}`;
  const report: BenchReport = { startedAt, node: process.versions.node, machine, rounds, sections: {} };
  for (const name of alone) {
    console.error(`bench: ${name} …`);
    const measured = ALONE[name]?.({ rounds }).catch((error: unknown) => failed(name, error));
    if (measured) report.sections[name] = await measured;
  }
  if (sections.length === 0) return report;
  const compares = sections.some(([, entry]) => entry.compares);
  const cleanups: Cleanups = [];
  try {
    const bench = await setTheStage({ rounds, withPortkey: compares }, cleanups);
    if (compares) await warmUp(bench);
    for (const [name, entry] of sections) {
      console.error(`bench: ${name} …`);
      report.sections[name] = await entry.measure(bench, memory).catch((error: unknown) => failed(name, error));
    }
    if (bench.notes.length > 0) report.sections['peers'] = { rows: [], notes: bench.notes };
    return report;
  } finally {
    for (const cleanup of cleanups.toReversed()) await cleanup();
  }
}

const wanted = readWanted();
const report = await run(wanted);
console.log(renderMarkdown(report));
if (wanted.json !== undefined) writeFileSync(wanted.json, renderJson(report));
