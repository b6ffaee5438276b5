import type { Scheduler } from '@sluice/kit/time/scheduler';
import type { UpstreamExchange } from '@sluice/kit/http/upstream-exchange';
import { costMicros } from '../metering/price.ts';
import { NO_USAGE } from '../metering/store.ts';
import { progressOf, type SentCall } from './call.ts';
import type { Candidate } from './candidates.ts';
import type { FirstContentTimes } from './first-content-times.ts';
import type { HedgeBudget, HedgeTicket } from './hedge-budget.ts';
import type { Plan } from './route.ts';

/*
 * A second call where the first is slow to begin. Streams only, as long as nothing of an answer was seen, between
 * candidates of one format; the first that shows content goes on, the other is called off. The client's hold is one and
 * stays one: what the slower one cost is the operator's, within the day's sum.
 */

export interface HedgeDeps {
  scheduler: Scheduler;
  hedgeBudget: HedgeBudget;
  firstContentTimes: FirstContentTimes;
}

/** What a race needs to know of its request. */
export interface HedgeRequest {
  plan: Plan;
  inputTokens: number;
  isGone(): boolean;
  /** Somebody else is well. */
  hasRival(first: SentCall): boolean;
  /** Calls somebody else who is well; null where nobody is, or the call could not be made. */
  callRival(first: SentCall): Promise<SentCall | null>;
  /** The loser is called off; nobody's fault. What follows from it is done when the promise resolves. */
  callOff(loser: SentCall): Promise<void>;
  /** It came to nothing while the other one still runs. */
  fail(failed: SentCall): Promise<void>;
  /** Is waited for before the request ends, and by no answer. */
  inBackground(work: Promise<void>): void;
}

/**
 * When a second call is to be made, in milliseconds after the first was; null: not at all. Where the price is not known
 * nobody knows what a race costs, and none is run.
 */
export function hedgeDelay({ firstContentTimes }: HedgeDeps, plan: Plan, candidate: Candidate): number | null {
  const { enabled, quantile, dailyBudgetMicros } = plan.settings.hedging;
  if (!enabled || dailyBudgetMicros <= 0 || priceOf(plan, candidate) === null) return null;
  return firstContentTimes.quantile(routeOf(candidate), quantile);
}

export function routeOf({ upstream, model }: Pick<Candidate, 'upstream' | 'model'>): string {
  return `${upstream}\n${model}`;
}

function priceOf(plan: Plan, { price }: Candidate) {
  return price ?? plan.model.price;
}

/** @returns the call whose answer goes on; the other one is done with */
export async function raceForContent(
  deps: HedgeDeps,
  request: HedgeRequest,
  { first, delayMs }: { first: SentCall; delayMs: number },
): Promise<SentCall> {
  const waitMs = Math.max(1, first.startedMono + delayMs - deps.scheduler.monotonicMs());
  if (await hasNewsWithin(deps.scheduler, first.outcome.sent.upstream, waitMs)) return first;
  if (request.isGone() || !request.hasRival(first)) return first;
  const preparing = prepare(deps, request, first);
  // Neither the day's sum nor a limit of the other credential may hold up what comes meanwhile.
  const race = await unlessBegun(first.outcome.sent.upstream, preparing);
  if (race === 'begun') {
    request.inBackground(preparing.then((late) => late && abandon(deps, request, late)).then(() => undefined));
    return first;
  }
  return race === null ? first : run(deps, request, race);
}

interface Race {
  first: SentCall;
  second: SentCall;
  ticket: HedgeTicket;
}

/** Takes what a race may cost, and calls the other one; null where either cannot be had. Never rejects. */
async function prepare(deps: HedgeDeps, request: HedgeRequest, first: SentCall): Promise<Race | null> {
  const { plan } = request;
  // Whoever loses may be the dearer one.
  const most = Math.max(...plan.candidates.map((candidate) => readingCost(request, candidate)));
  const ticket = await deps.hedgeBudget.take(most, plan.settings.hedging.dailyBudgetMicros);
  if (ticket === null) return null;
  const isLate = progressOf(first.outcome.sent.upstream) !== 'waiting';
  const second = isLate ? null : await request.callRival(first);
  if (second !== null) return { first, second, ticket };
  await ticket.settle(0, 'unrun');
  return null;
}

async function unlessBegun(
  upstream: UpstreamExchange,
  preparing: Promise<Race | null>,
): Promise<Race | null | 'begun'> {
  const prepared = preparing.then((race) => ({ race }));
  while (progressOf(upstream) === 'waiting') {
    const news = await Promise.race([prepared, upstream.changed()]);
    if (news) return news.race;
  }
  return progressOf(upstream) === 'begun' ? 'begun' : preparing;
}

/** The first began while the second was still on its way. */
async function abandon(deps: HedgeDeps, request: HedgeRequest, { second, ticket }: Race): Promise<void> {
  await callOff(deps, request, second);
  await ticket.settle(costOf(request, second), 'lost');
}

/** The prompt is read as soon as the call is there; what was written until it is called off is little. */
function readingCost({ plan, inputTokens }: HedgeRequest, candidate: Candidate): number {
  return costMicros({ ...NO_USAGE, input: inputTokens }, priceOf(plan, candidate));
}

/** Whether something was heard before the time was up. */
async function hasNewsWithin(scheduler: Scheduler, upstream: UpstreamExchange, ms: number): Promise<boolean> {
  const { promise: timeIsUp, resolve } = Promise.withResolvers<'up'>();
  const stop = scheduler.after(ms, () => resolve('up'));
  try {
    while (progressOf(upstream) === 'waiting') {
      if ((await Promise.race([upstream.changed(), timeIsUp])) === 'up') return progressOf(upstream) !== 'waiting';
    }
    return true;
  } finally {
    stop();
  }
}

async function run(deps: HedgeDeps, request: HedgeRequest, race: Race): Promise<SentCall> {
  const { first, second } = race;
  const [one, other] = [first.outcome.sent.upstream, second.outcome.sent.upstream];
  for (;;) {
    const [ofFirst, ofSecond] = [progressOf(one), progressOf(other)];
    if (ofFirst === 'begun' || request.isGone() || (ofFirst === 'failed' && ofSecond === 'failed')) {
      return ending(deps, request, race, { winner: first, loser: second, hasFailed: ofSecond === 'failed' });
    }
    if (ofSecond === 'begun' || ofFirst === 'failed') {
      return ending(deps, request, race, { winner: second, loser: first, hasFailed: ofFirst === 'failed' });
    }
    if (ofSecond === 'failed') {
      return ending(deps, request, race, { winner: first, loser: second, hasFailed: true });
    }
    await Promise.race([one.changed(), other.changed()]);
  }
}

/** The winner goes on at once; what is to be done about the loser is done beside it. */
function ending(
  deps: HedgeDeps,
  request: HedgeRequest,
  { second, ticket }: Race,
  { winner, loser, hasFailed }: { winner: SentCall; loser: SentCall; hasFailed: boolean },
): SentCall {
  const cost = costOf(request, loser);
  const end = winner === second && !hasFailed ? 'won' : 'lost';
  request.inBackground(hasFailed ? request.fail(loser) : callOff(deps, request, loser));
  request.inBackground(ticket.settle(cost, end));
  return winner;
}

function callOff({ firstContentTimes, scheduler }: HedgeDeps, request: HedgeRequest, loser: SentCall): Promise<void> {
  // It would have taken longer still: were it forgotten, the pace would seem better than it is.
  firstContentTimes.note(routeOf(loser.choice.candidate), scheduler.monotonicMs() - loser.startedMono);
  return request.callOff(loser);
}

/** A refusal costs nothing, and neither does a call that never got there. */
function costOf(request: HedgeRequest, { outcome, choice }: SentCall): number {
  const { started, status } = outcome.sent.upstream;
  return started && status < 300 ? readingCost(request, choice.candidate) : 0;
}
