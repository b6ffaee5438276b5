import { plannedFaults, randomFaults, type Fault, type FaultPlan, type Opportunity } from './faults.ts';
import { createRandom, pick } from './random.ts';
import { runOne } from './run-one.ts';
import { SCENARIOS, type Scenario } from './scenarios.ts';
import type { Chooser } from './world.ts';

/** One run that was played, and what it takes to play it again. */
export interface Played {
  scenario: string;
  /** Arguments of `npm run faults --` that repeat it. */
  replay: string;
  faults: readonly Opportunity[];
  broken: readonly string[];
  log: readonly string[];
  /** Scripted faults whose place nobody came to. */
  unmet: number;
}

/** First come, first served; with a seed, any order. */
export function orderOf(seed: number): Chooser {
  if (seed === 0) return () => 0;
  const random = createRandom(seed);
  return (count) => Math.floor(random() * count);
}

interface Trial {
  scenario: Scenario;
  plan: FaultPlan;
  choose: Chooser;
  replay: string;
  script?: readonly string[];
}

async function playTrial({ scenario, plan, choose, replay, script = [] }: Trial): Promise<Played> {
  const faulty = (): Opportunity[] => plan.seen.filter(({ fault }) => fault !== null);
  const named = `--scenario '${scenario.name}' ${replay}`;
  const { broken, log, unmet } = await runOne(scenario, { plan, choose, script });
  return { scenario: scenario.name, replay: named, faults: faulty(), broken, log, unmet };
}

/** These faults in this order, by their places (as in `scriptedFaults`), first come first served. */
export function playScript(scenario: Scenario, script: readonly string[]): Promise<Played> {
  const replay = `--order 0 --script '${script.join('; ')}'`;
  return playTrial({ scenario, plan: plannedFaults(new Map()), choose: orderOf(0), replay, script });
}

/** These faults, by opportunity; as text `12:late,40:dies-before`. */
export function playFaults(
  scenario: Scenario,
  { faults, order }: { faults: ReadonlyMap<number, Fault>; order: number },
): Promise<Played> {
  const text = [...faults].map(([index, fault]) => `${index}:${fault}`).join(',');
  return playTrial({
    scenario,
    plan: plannedFaults(faults),
    choose: orderOf(order),
    replay: `--order ${order} --faults ${text === '' ? 'none' : text}`,
  });
}

/** A scenario, an order and up to six faults, all drawn from one seed. */
export function playSeed(seed: number, options: { scenario?: Scenario | undefined } = {}): Promise<Played> {
  const random = createRandom(seed);
  const drawn = pick(random, SCENARIOS);
  return playTrial({
    scenario: options.scenario ?? drawn,
    plan: randomFaults(random, { probability: 0.02 + random() * 0.15, most: 1 + Math.floor(random() * 6) }),
    choose: (count) => Math.floor(random() * count),
    replay: `--seed ${seed} --runs 1`,
  });
}

/** Sweeps read many empty partitions, one like the other; so many of each are enough. */
const MOST_ALIKE = 3;

export interface SingleFault {
  index: number;
  place: string;
  fault: Fault;
}

/** Everything that could go wrong in one scenario and order: each await with each kind of fault, one at a time. */
export async function listSingleFaults(scenario: Scenario, order: number): Promise<SingleFault[]> {
  const plan = plannedFaults(new Map());
  await runOne(scenario, { plan, choose: orderOf(order) });
  const alike = new Map<string, number>();
  return plan.seen.flatMap(({ index, place, kinds }) => {
    const count = (alike.get(place) ?? 0) + 1;
    alike.set(place, count);
    if (place.startsWith('Query') && count > MOST_ALIKE) return [];
    return kinds.map((fault) => ({ index, place, fault }));
  });
}

/** @param most of them; of more, so many are drawn from the whole run at even distances */
export async function* everySingleFault(scenario: Scenario, order: number, most: number): AsyncGenerator<Played> {
  const singles = await listSingleFaults(scenario, order);
  const step = Math.max(1, singles.length / most);
  for (let at = 0; at < singles.length; at += step) {
    const { index, fault } = singles[Math.floor(at)]!;
    yield await playFaults(scenario, { faults: new Map([[index, fault]]), order });
  }
}

/** Two faults in one run, drawn from all that are possible in it. */
export async function* somePairs(scenario: Scenario, order: number, count: number): AsyncGenerator<Played> {
  const singles = await listSingleFaults(scenario, order);
  const random = createRandom(order + 1);
  for (let index = 0; index < count; index += 1) {
    const pair = [pick(random, singles), pick(random, singles)];
    yield await playFaults(scenario, { faults: new Map(pair.map((single) => [single.index, single.fault])), order });
  }
}
