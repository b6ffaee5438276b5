import { parseArgs } from 'node:util';
import { everySingleFault, playFaults, playScript, playSeed, somePairs } from './campaigns.ts';
import type { Fault } from './faults.ts';
import { BREAKAGES, proveAll } from './prove.ts';
import { SCENARIOS, type Scenario } from './scenarios.ts';
import { createTally, describeFailure, type Tally } from './tally.ts';

/*
 * npm run faults                                every single fault of every scenario, pairs, and random schedules
 * npm run faults -- --seed N --runs N           random schedules only, from this seed on
 * npm run faults -- --scenario NAME …           one scenario only
 * npm run faults -- --singles N --pairs N …     so many single faults and pairs of each scenario and order, not all
 * npm run faults -- --part I/N …                every n-th scenario and schedule, from the i-th on, for several processors
 * npm run faults -- --order N --faults 12:late  one run with these faults (as printed by a failure)
 * npm run faults -- --script 'late at PLACE'    one run with faults by their places, in this order
 * npm run faults -- --break NAME|all            one line of the source broken at a time: its promise must be seen to break
 */

const OPTIONS = {
  seed: { type: 'string' },
  runs: { type: 'string' },
  pairs: { type: 'string' },
  singles: { type: 'string' },
  part: { type: 'string', default: '1/1' },
  scenario: { type: 'string' },
  order: { type: 'string' },
  faults: { type: 'string' },
  script: { type: 'string' },
  break: { type: 'string' },
} as const;

const DEFAULTS = { runs: 2_000, pairs: 60, orders: [0, 1] };
const MOST_SHOWN = 5;

const { values } = parseArgs({ options: OPTIONS });
const say = (text: string): void => void process.stdout.write(`${text}\n`);

function numberOf(text: string | undefined, otherwise: number): number {
  const number = text === undefined ? otherwise : Number(text);
  if (!Number.isSafeInteger(number)) throw new TypeError(`Not a number: ${text}`);
  return number;
}

function named<Item extends { name: string }>(items: readonly Item[], name: string): Item {
  const found = items.find((item) => item.name === name);
  if (found) return found;
  throw new TypeError(`Unknown: ${name}. Known: ${items.map((item) => item.name).join(', ')}.`);
}

/** This process's share of what is played. */
function partOf(text: string): (index: number) => boolean {
  const [part = 0, parts = 0] = text.split('/').map((number) => numberOf(number, 0));
  if (part < 1 || part > parts) throw new TypeError(`Not a part: ${text}`);
  return (index) => index % parts === part - 1;
}

async function campaign(scenarios: readonly Scenario[]): Promise<Tally> {
  const tally = createTally();
  const isOurs = partOf(values.part);
  const most = numberOf(values.singles, Number.MAX_SAFE_INTEGER);
  if (values.seed === undefined) {
    for (const scenario of scenarios.filter((_scenario, index) => isOurs(index))) {
      for (const order of DEFAULTS.orders) {
        for await (const played of everySingleFault(scenario, order, most)) tally.add(played);
        for await (const played of somePairs(scenario, order, numberOf(values.pairs, DEFAULTS.pairs)))
          tally.add(played);
      }
      say(`${scenario.name}: ${tally.runs} runs, ${tally.faults} faults, ${tally.failures.length} violations so far`);
    }
  }
  const first = numberOf(values.seed, 1);
  const scenario = values.scenario === undefined ? undefined : scenarios[0];
  for (let seed = first; seed < first + numberOf(values.runs, DEFAULTS.runs); seed += 1) {
    if (isOurs(seed - first)) tally.add(await playSeed(seed, { scenario }));
  }
  return tally;
}

function report(tally: Tally): number {
  for (const failure of tally.failures.slice(0, MOST_SHOWN)) say(describeFailure(failure));
  say('\nFaults by place and kind');
  for (const line of tally.lines()) say(line);
  say(`\n${tally.runs} runs, ${tally.faults} faults, ${tally.failures.length} violations`);
  return tally.failures.length === 0 ? 0 : 1;
}

async function main(): Promise<number> {
  const scenarios = values.scenario === undefined ? SCENARIOS : [named(SCENARIOS, values.scenario)];
  if (values.break !== undefined) {
    const chosen = values.break === 'all' ? BREAKAGES : [named(BREAKAGES, values.break)];
    return (await proveAll(chosen, say)) === 0 ? 0 : 1;
  }
  if (values.faults !== undefined) {
    const entries = values.faults === 'none' ? [] : values.faults.split(',').map((entry) => entry.split(':'));
    const faults = new Map(entries.map(([index, fault]) => [Number(index), fault as Fault]));
    const played = await playFaults(scenarios[0]!, { faults, order: numberOf(values.order, 0) });
    say(describeFailure(played));
    return played.broken.length === 0 ? 0 : 1;
  }
  if (values.script !== undefined) {
    const script = values.script.split(';').map((entry) => entry.trim());
    const played = await playScript(scenarios[0]!, script.filter(Boolean));
    say(describeFailure(played));
    return played.broken.length === 0 ? 0 : 1;
  }
  return report(await campaign(scenarios));
}

process.exitCode = await main();
