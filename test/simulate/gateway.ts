import { createPool, type Pool, type Use } from '../../layers/core/credentials/pool.ts';
import { createWarmPlaces, type WarmPlaces } from '../../layers/core/credentials/warm-places.ts';
import type { Candidate } from '../../layers/core/relay/candidates.ts';
import type { Exchange } from '../../layers/core/relay/exchange.ts';
import { createFirstContentTimes, type FirstContentTimes } from '../../layers/core/relay/first-content-times.ts';
import { createQueue, type CandidateUse, type Queue } from '../../layers/core/relay/queue.ts';
import type { Plan } from '../../layers/core/relay/route.ts';
import { RELAY_TIMERS } from '../../layers/core/relay/timers.ts';
import { NO_FIGURES } from '../../layers/llm/formats/usage-figures.ts';
import type { RequestFacts } from '../../layers/llm/formats/wire-format.ts';
import { createMemoryPoolStates } from '../support/memory-pool-states.ts';
import type { Policy } from './policies.ts';
import type { Request, Trace } from './trace.ts';
import type { Outcome, Upstreams } from './upstreams.ts';
import type { VirtualTime } from './virtual-time.ts';

/** What became of a request. */
export interface Served {
  isServed: boolean;
  /** From its arrival to its first content, or to its refusal. */
  afterMs: number;
  calls: number;
  promptTokens: number;
  cachedTokens: number;
  /** What reading prompts cost for an answer that nobody got, in tokens at full price. */
  wasted: number;
}

const CACHED_PRICE = 0.1;

/** A token that was kept costs a tenth. */
export function readingCost(promptTokens: number, cachedTokens: number): number {
  return promptTokens - cachedTokens + cachedTokens * CACHED_PRICE;
}

/** The gateway's own queue, pool, cooldowns and memory of prompts, in several processes over one store. */
export interface Gateway {
  serve(request: Request, index: number): Promise<Served>;
}

interface Stage {
  time: VirtualTime;
  upstreams: Upstreams;
  policy: Policy;
  plan: Plan;
  processes: Process[];
}

interface Process {
  pool: Pool;
  warmPlaces: WarmPlaces;
  times: FirstContentTimes;
}

const PROCESSES = 3;
const BYTES_PER_TOKEN = 3;
const UPSTREAM = 'up';

export function createGateway(given: {
  trace: Trace;
  upstreams: Upstreams;
  time: VirtualTime;
  policy: Policy;
}): Gateway {
  const { trace, upstreams, time, policy } = given;
  const poolStates = createMemoryPoolStates();
  const clock = time.now;
  const deps = { poolStates, clock, scheduler: { monotonicMs: clock }, logger: { warn: () => undefined } };
  const processes = Array.from({ length: PROCESSES }, () => ({
    pool: createPool({ ...deps, cooldown: policy.cooldown }),
    warmPlaces: policy.forgetsWarmPlaces === true ? NO_WARM_PLACES : createWarmPlaces({ clock }),
    times: createFirstContentTimes(),
  }));
  const candidates = trace.accounts.map(({ id }) => candidateOf(id));
  const plan = { candidates, model: { routes: [], price: null } } as unknown as Plan;
  const stage: Stage = { time, upstreams, policy, plan, processes };
  return { serve: (request, index) => serve(stage, request, index) };
}

const NO_WARM_PLACES: WarmPlaces = { find: () => null, note: () => undefined };

function candidateOf(id: string): Candidate {
  const standing = { routePriority: 0, routeWeight: 1, tier: 'basic', priority: 0, weight: 1 };
  const place = { upstream: UPSTREAM, model: 'm', credential: id, credentialId: id, secretDigest: '' };
  return { ...standing, ...place, format: 'openai-chat', proxyUrl: null, limits: {} } as unknown as Candidate;
}

/** One request under way. */
interface Trial {
  stage: Stage;
  process: Process;
  queue: Queue;
  request: Request;
  served: Served;
}

async function serve(stage: Stage, request: Request, index: number): Promise<Served> {
  const process = stage.processes[index % PROCESSES]!;
  const arrivedAt = stage.time.now();
  await process.pool.load([UPSTREAM]);
  const exchange = {
    requestId: `request-${index}`,
    request: { body: { length: request.promptTokens * BYTES_PER_TOKEN }, headers: {} },
    format: { readConversation: () => request.conversation },
  } as unknown as Exchange;
  const facts = { model: 'm', mediaTokens: 0, maxOutputTokens: null } as RequestFacts;
  const deps = { ...process, clock: stage.time.now, random: () => 0.5 };
  const queue = createQueue(deps, { exchange, plan: stage.plan, facts });
  const { promptTokens } = request;
  const served = { isServed: false, afterMs: 0, calls: 0, promptTokens, cachedTokens: 0, wasted: 0 };
  const trial: Trial = { stage, process, queue, request, served };
  for (let next = await queue.next(); next !== null; next = await queue.next()) {
    if (await call(trial, next)) {
      served.isServed = true;
      break;
    }
  }
  served.afterMs = stage.time.now() - arrivedAt;
  return served;
}

/** One account is asked, or two in a race. @returns whether there is an answer */
async function call(trial: Trial, first: CandidateUse): Promise<boolean> {
  const { stage, process, queue } = trial;
  const { hedgeAt } = stage.policy;
  const limitMs = queue.others() === 'well' ? RELAY_TIMERS.slowStartMs.chat : RELAY_TIMERS.byClass.chat.firstByteMs;
  const outcome = ask(trial, first, limitMs);
  const patienceMs = hedgeAt === undefined ? null : process.times.quantile(UPSTREAM, hedgeAt);
  if (patienceMs === null || outcome.failure !== null || outcome.afterMs <= patienceMs || queue.others() !== 'well') {
    await stage.time.sleep(outcome.afterMs);
    return conclude(trial, first, outcome);
  }
  await stage.time.sleep(patienceMs);
  const second = await queue.next();
  if (second === null) {
    await stage.time.sleep(outcome.afterMs - patienceMs);
    return conclude(trial, first, outcome);
  }
  return race(trial, { first, outcome, waited: patienceMs }, second);
}

async function race(
  trial: Trial,
  { first, outcome, waited }: { first: CandidateUse; outcome: Outcome; waited: number },
  second: CandidateUse,
): Promise<boolean> {
  const { stage, process, served, request } = trial;
  const left = outcome.afterMs - waited;
  const other = ask(trial, second, left);
  const isSecond = other.failure === null && other.afterMs < left;
  const [winner, loser] = isSecond ? [second, first] : [first, second];
  const lost = isSecond ? outcome : other;
  if (lost.failure === null) served.wasted += readingCost(request.promptTokens, lost.cachedTokens);
  // What was called off would have taken longer: forgotten, the pace would seem better than it is.
  process.times.note(UPSTREAM, isSecond ? waited + other.afterMs : left);
  await stage.time.sleep(isSecond ? other.afterMs : left);
  const isVerdict = !isSecond && other.failure !== null && other.failure.kind !== 'timed-out';
  await (isVerdict ? process.pool.failed(loser.use, other.failure!) : process.pool.released(loser.use));
  return conclude(trial, winner, isSecond ? other : outcome);
}

function ask({ stage, served, request }: Trial, { candidate }: CandidateUse, limitMs: number): Outcome {
  served.calls += 1;
  const outcome = stage.upstreams.ask(candidate.credentialId, request, stage.time.now());
  if (outcome.failure !== null || outcome.afterMs <= limitMs) return outcome;
  return { afterMs: limitMs, failure: { kind: 'timed-out' }, cachedTokens: 0 };
}

async function conclude(
  { stage, process, queue, request, served }: Trial,
  { candidate, use }: { candidate: Candidate; use: Use },
  { failure, cachedTokens, afterMs }: Outcome,
): Promise<boolean> {
  if (failure !== null) {
    await process.pool.failed(use, failure);
    queue.count(failure);
    if (failure.kind === 'timed-out') served.wasted += readingCost(request.promptTokens, 0);
    return false;
  }
  await process.pool.succeeded(use);
  if (stage.policy.hedgeAt !== undefined) process.times.note(UPSTREAM, afterMs);
  const { promptTokens } = request;
  queue.served(candidate, { ...NO_FIGURES, input: promptTokens - cachedTokens, cacheRead: cachedTokens, output: 200 });
  served.cachedTokens = cachedTokens;
  return true;
}
