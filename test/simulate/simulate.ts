import { createGateway, readingCost, type Gateway, type Served } from './gateway.ts';
import { createOracle, createSimpleGateway } from './others.ts';
import type { Policy } from './policies.ts';
import type { Trace } from './trace.ts';
import { createUpstreams } from './upstreams.ts';
import { createVirtualTime } from './virtual-time.ts';

/** How a policy fared with a trace. */
export interface Figures {
  trace: string;
  policy: string;
  requests: number;
  /** Part of the requests that were answered. */
  availability: number;
  /** Refused although the oracle had an answer. */
  needless: number;
  /** Milliseconds to the first content, mean and 99th of a hundred; over requests that were answered here and there. */
  meanMs: number;
  p99Ms: number;
  /** The mean beyond the oracle's. */
  regretMs: number;
  /** Calls per request. */
  calls: number;
  /** Part of the prompts' tokens that came from a cache. */
  cacheHits: number;
  /** Spent on answers that nobody got, as a part of what the others cost. */
  waste: number;
}

/** Plays a trace to the oracle and to each policy, each in a world of its own. */
export async function simulate(trace: Trace, policies: readonly Policy[], seed: number): Promise<Figures[]> {
  const oracle = await play(trace, seed, createOracle);
  const figures = [describe(trace, 'oracle', oracle, oracle)];
  for (const policy of policies) {
    const served = await play(trace, seed, (stage) =>
      policy.kind === 'gateway' ? createGateway({ ...stage, policy }) : createSimpleGateway(stage, policy),
    );
    figures.push(describe(trace, policy.name, served, oracle));
  }
  return figures;
}

type Create = (stage: Parameters<typeof createOracle>[0]) => Gateway;

async function play(trace: Trace, seed: number, create: Create): Promise<Served[]> {
  const time = createVirtualTime();
  const gateway = create({ trace, time, upstreams: createUpstreams(trace, seed) });
  const served: Served[] = [];
  const all = trace.requests.map(async (request, index) => {
    await time.sleep(request.at);
    served[index] = await gateway.serve(request, index);
  });
  await time.run();
  await Promise.all(all);
  return served;
}

function describe(trace: Trace, policy: string, served: readonly Served[], oracle: readonly Served[]): Figures {
  const both = served.filter(({ isServed }, index) => isServed && oracle[index]?.isServed);
  const theirs = oracle.filter(({ isServed }, index) => isServed && served[index]?.isServed);
  const times = both.map(({ afterMs }) => afterMs).toSorted((left, right) => left - right);
  const answered = served.filter(({ isServed }) => isServed);
  const meanMs = mean(times);
  return {
    trace: trace.name,
    policy,
    requests: served.length,
    availability: answered.length / served.length,
    needless: served.filter(({ isServed }, index) => !isServed && oracle[index]?.isServed).length,
    meanMs,
    p99Ms: times[Math.floor(times.length * 0.99)] ?? 0,
    regretMs: meanMs - mean(theirs.map(({ afterMs }) => afterMs)),
    calls: mean(served.map(({ calls }) => calls)),
    cacheHits: sum(answered, ({ cachedTokens }) => cachedTokens) / sum(answered, ({ promptTokens }) => promptTokens),
    waste: sum(served, ({ wasted }) => wasted) / sum(answered, costOf),
  };
}

/** An answer of this length, at the eight times that vendors ask for what is written. */
const ANSWER_COST = 300 * 8;

function costOf({ promptTokens, cachedTokens }: Served): number {
  return readingCost(promptTokens, cachedTokens) + ANSWER_COST;
}

function sum(served: readonly Served[], figure: (one: Served) => number): number {
  return served.reduce((total, one) => total + figure(one), 0);
}

function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((total, value) => total + value, 0) / values.length;
}
