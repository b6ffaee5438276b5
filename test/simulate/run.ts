import { readFileSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { parseArgs } from 'node:util';
import { DEFAULTS, POLICIES } from './policies.ts';
import { scenarios } from './scenarios.ts';
import { simulate, type Figures } from './simulate.ts';
import { readTrace } from './trace.ts';

/*
 * npm run simulate:pool [-- --trace FILE] [--requests N] [--seed N] [--own] [--json FILE]
 *
 * Plays traces of upstream accounts, generated or recorded (trace.ts), to the gateway's own selection and cooldowns, to
 * variants of them and to simpler ways, and prints how each fared against an oracle that knows who is well.
 */

const USAGE = 'npm run simulate:pool [-- --trace FILE] [--requests N] [--seed N] [--own] [--json FILE]';

function readArguments() {
  try {
    const { values } = parseArgs({
      options: {
        trace: { type: 'string' },
        requests: { type: 'string', default: '1800' },
        seed: { type: 'string', default: '1' },
        own: { type: 'boolean', default: false },
        json: { type: 'string' },
      },
    });
    return values;
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n${USAGE}\n`);
    return process.exit(2);
  }
}

function percent(part: number): string {
  return `${(100 * part).toFixed(2)} %`;
}

function row(figures: Figures): string {
  const { policy, availability, needless, meanMs, p99Ms, regretMs, calls, cacheHits, waste } = figures;
  const cells = [
    policy,
    percent(availability),
    String(needless),
    meanMs.toFixed(0),
    p99Ms.toFixed(0),
    regretMs.toFixed(0),
    calls.toFixed(2),
    percent(cacheHits),
    percent(waste),
  ];
  return `| ${cells.join(' | ')} |`;
}

const HEAD = [
  '| policy | answered | needlessly refused | mean ms | p99 ms | regret ms | calls | cache hits | spent in vain |',
  '|---|---|---|---|---|---|---|---|---|',
];

async function main(): Promise<void> {
  const { trace: file, requests, seed, own, json } = readArguments();
  const size = { seed: Number(seed), requests: Number(requests) };
  if (!Number.isInteger(size.seed) || !Number.isInteger(size.requests) || size.requests < 1) {
    process.stderr.write(`${USAGE}\n`);
    process.exit(2);
  }
  const traces = file === undefined ? scenarios(size) : [readTrace(basename(file), readFileSync(file, 'utf8'))];
  const all: Figures[] = [];
  for (const trace of traces) {
    const figures = await simulate(trace, own ? [DEFAULTS] : POLICIES, size.seed);
    all.push(...figures);
    process.stdout.write(`\n### ${trace.name}: ${trace.about}\n\n${[...HEAD, ...figures.map(row)].join('\n')}\n`);
  }
  if (json !== undefined) writeFileSync(json, `${JSON.stringify(all, null, 2)}\n`);
}

await main();
