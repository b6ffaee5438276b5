import { affinitySeed } from '../credentials/affinity.ts';
import type { UpstreamFailure } from '../credentials/cooldown.ts';
import type { Pool, Use } from '../credentials/pool.ts';
import { keptPrompt } from '../credentials/prompt-cache.ts';
import { pickNext, rank, type Choice, type Health } from '../credentials/select.ts';
import { isSamePlace, type WarmPlace, type WarmPlaces } from '../credentials/warm-places.ts';
import type { UsageFigures } from '@sluice/llm/formats/usage-figures';
import type { RequestFacts } from '@sluice/llm/formats/wire-format';
import type { Clock } from '@sluice/kit/time/clock';
import { estimateTokens } from './admit.ts';
import type { Candidate } from './candidates.ts';
import { expectedCosts } from './expected-cost.ts';
import type { Exchange } from './exchange.ts';
import type { Plan } from './route.ts';

/** A candidate that is asked now, and what the pool calls this call. */
export interface CandidateUse {
  candidate: Candidate;
  use: Use;
}

/** Who is asked next. The health of the others is looked at anew each time: other requests learn meanwhile. */
export interface Queue {
  /** Takes the next out of the queue; null when nobody is left, or nobody worth another try. */
  next(): Promise<CandidateUse | null>;
  /** Somebody is well who speaks this format. */
  hasRival(format: Candidate['format']): boolean;
  /** Takes out somebody who is well and speaks this format, to be asked beside another one; null where nobody is. */
  rival(format: Candidate['format']): Promise<CandidateUse | null>;
  /** Takes a candidate in, before all others. */
  putFirst(candidate: Candidate): void;
  /** The candidate has answered, and its upstream keeps the prompt for a while. */
  served(candidate: Candidate, usage: UsageFigures): void;
  /** Counts a failure against the number of calls that one request may cause. */
  count(failure: UpstreamFailure | null): void;
  /** Whether others are left: somebody well, somebody who rests, or none. */
  others(): 'well' | 'resting' | 'none';
  /** Milliseconds until the first of all candidates returns; null while one is well, or when none will return by itself. */
  soonestReturn(): number | null;
}

/** Calls for one request in all; refusals are quick and cost nothing. */
const MOST_CALLS = 16;
/** Of them calls that the upstream may have worked for: a poisoned request must not spread through the pool. */
const MOST_DEAR_CALLS = 3;
const MOST_LOST_CLAIMS = 3;

export interface QueueDeps {
  pool: Pool;
  warmPlaces: WarmPlaces;
  clock: Clock;
  /** In [0, 1). */
  random(): number;
}

interface Request {
  exchange: Exchange;
  facts: RequestFacts;
  plan: Plan;
}

export function createQueue(deps: QueueDeps, request: Request): Queue {
  const { pool, clock, warmPlaces } = deps;
  const { exchange, plan } = request;
  const conversation = plan.candidates.length < 2 ? null : conversationOf(request);
  const left = [...rankFor(deps, request, conversation)];
  let calls = 0;
  let dearCalls = 0;
  /** The upstream said no, and was asked all the same because nobody else was left. */
  const insisted = new Set<number>();
  let lostClaims = 0;

  const healthOf = (candidate: Candidate): Health => pool.healthOf(candidate);
  const pick = (): Choice<Candidate> | null =>
    calls >= MOST_CALLS || dearCalls >= MOST_DEAR_CALLS ? null : pickNext(left, healthOf, insisted);

  const rivalOf = (format: Candidate['format']): Candidate | undefined =>
    calls >= MOST_CALLS ? undefined : left.find((one) => one.format === format && healthOf(one).kind === 'ready');

  return {
    async next() {
      for (;;) {
        const choice = pick();
        if (choice === null) return null;
        const { candidate } = choice;
        const mode = lostClaims >= MOST_LOST_CLAIMS && choice.mode === 'probe' ? 'forced' : choice.mode;
        const use = await pool.begin(candidate, mode, exchange.requestId);
        if (use === null) {
          lostClaims += 1;
          continue;
        }
        left.splice(left.indexOf(candidate), 1);
        calls += 1;
        if (choice.badness > 0) insisted.add(choice.badness);
        return { candidate, use };
      }
    },
    hasRival: (format) => rivalOf(format) !== undefined,
    async rival(format) {
      const candidate = rivalOf(format);
      const use = candidate && (await pool.begin(candidate, 'ready', exchange.requestId));
      if (!candidate || !use) return null;
      left.splice(left.indexOf(candidate), 1);
      calls += 1;
      return { candidate, use };
    },
    putFirst: (candidate) => void left.unshift(candidate),
    served(candidate, usage) {
      const kept = conversation === null ? null : keptPrompt(candidate.format, usage);
      if (conversation !== null && kept !== null) warmPlaces.note(conversation, candidate, kept);
    },
    count(failure) {
      if (isDear(failure)) dearCalls += 1;
    },
    others() {
      // The call under way may turn out dear.
      if (dearCalls + 1 >= MOST_DEAR_CALLS) return 'none';
      const choice = pick();
      if (choice === null) return 'none';
      return choice.mode === 'forced' ? 'resting' : 'well';
    },
    soonestReturn: () => soonestReturn(plan.candidates.map(healthOf), clock()),
  };
}

/** What a request draws its credentials by: the same for all requests of a conversation. */
export function seedOf(exchange: Exchange, facts: RequestFacts, random: () => number): number {
  return conversationOf({ exchange, facts }) ?? Math.floor(random() * 0x1_0000_0000);
}

/** Null where nothing tells one conversation from another. */
function conversationOf({ exchange, facts }: Pick<Request, 'exchange' | 'facts'>): number | null {
  const { body, headers } = exchange.request;
  const opening = headers['session_id'] ?? headers['x-session-id'] ?? exchange.format.readConversation(body, facts);
  return opening === null ? null : affinitySeed(facts.model, opening);
}

function rankFor(
  { random, pool, warmPlaces }: QueueDeps,
  { exchange, facts, plan }: Request,
  conversation: number | null,
): readonly Candidate[] {
  const { candidates } = plan;
  if (candidates.length < 2) return candidates;
  const seed = conversation ?? Math.floor(random() * 0x1_0000_0000);
  const known = conversation === null ? null : warmPlaces.find(conversation);
  const warm = known !== null && isReady(pool, candidates, known) ? known : null;
  const costOf = expectedCosts(plan, {
    inputTokens: estimateTokens(exchange.request.body.length) + facts.mediaTokens,
    maxOutputTokens: facts.maxOutputTokens,
    warm,
  });
  return rank(candidates, seed, { warm, costOf });
}

/** What a cache spares is worth nothing while its credential rests. */
function isReady(pool: Pool, candidates: readonly Candidate[], warm: WarmPlace): boolean {
  const candidate = candidates.find((one) => isSamePlace(one, warm));
  return candidate !== undefined && pool.healthOf(candidate).kind === 'ready';
}

/** The upstream read the request and may have worked for it. */
function isDear(failure: UpstreamFailure | null): boolean {
  if (failure === null) return false;
  if (failure.kind !== 'status') return failure.kind !== 'unreachable';
  const { status } = failure;
  return status === 408 || (status >= 500 && status !== 503 && status !== 529);
}

function soonestReturn(healths: readonly Health[], now: number): number | null {
  let soonest: number | null = null;
  for (const health of healths) {
    if (health.kind !== 'resting') return null;
    if (health.reason === 'credential_invalid') continue;
    soonest = Math.min(soonest ?? Infinity, health.until - now);
  }
  return soonest;
}
