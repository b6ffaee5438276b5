import { GatewayError, isGatewayError } from '@sluice/kit/errors/gateway-error';
import type { UpstreamExchange } from '@sluice/kit/http/upstream-exchange';
import { STREAM_HEADERS, type Answer } from './answer.ts';
import { estimateTokens } from './admit.ts';
import { wasSent, type Call, type SentCall } from './call.ts';
import { noCredential, type Candidate } from './candidates.ts';
import { failureOf, follow, leftWhileWaiting, nameOf, NOTHING_ASKED, send } from './follow.ts';
import { hedgeDelay, raceForContent, routeOf } from './hedge.ts';
import { createInterpreter } from './language.ts';
import { createQueue, type CandidateUse } from './queue.ts';
import { createReport } from './report.ts';
import {
  CLIENT_GONE_STATUS,
  nothingServed,
  type AttemptResult,
  type Failed,
  type Served,
  type UpstreamRefusal,
} from './served.ts';
import { timersOf } from './timers.ts';
import { isAskedOnce, type AttemptDeps, type AttemptRequest, type Trial } from './trial.ts';
import { isRetryable, sayWhen } from './upstream-answers.ts';
import { createWatch, type Watch } from './watch.ts';

/**
 * Asks one candidate after the other until one answers; no other is asked once content went out. Never throws.
 * The pool hears of every outcome, and what it writes is written when this returns.
 */
export async function attempt(deps: AttemptDeps, request: AttemptRequest): Promise<Served> {
  const { exchange } = request;
  const trial: Trial = {
    ...request,
    isGone: false,
    current: null,
    rival: null,
    watch: watchOver(deps, request, () => trial),
    queue: createQueue(deps, request),
    interpreter: request.interpreter ?? createInterpreter(deps, request),
    inputTokens: null,
    writes: [],
    renewed: new Set(),
  };
  const leave = (): void => {
    trial.isGone = true;
    for (const call of [trial.current, trial.rival]) call?.abort(new Error('The client went away'));
  };
  if (exchange.sink.gone.aborted) return nothingServed(CLIENT_GONE_STATUS, null);
  exchange.sink.gone.addEventListener('abort', leave, { once: true });
  try {
    return await askInTurn(deps, trial);
  } finally {
    exchange.sink.gone.removeEventListener('abort', leave);
    trial.watch.stop();
    release(deps, trial.current);
    // What is done beside the answer may bring more of it.
    while (trial.writes.length > 0) await Promise.all(trial.writes.splice(0));
  }
}

async function askInTurn(deps: AttemptDeps, trial: Trial): Promise<Served> {
  const { exchange } = trial;
  let told: Failed | null = null;
  for (;;) {
    const choice = await trial.queue.next();
    if (choice === null) break;
    const { choice: asked, result } = await askAndRecord(deps, trial, choice);
    const { candidate } = asked;
    if (result.kind !== 'failed') {
      if (result.served.usage !== null) trial.queue.served(candidate, result.served.usage);
      return result.served;
    }
    told = moreTelling(told, result);
    const isRefused = isCertainRefusal(result);
    if (isRefused) exchange.run?.refused();
    if (isAskedOnce(trial) && !isRefused) {
      // Nor are SDKs to ask anew by themselves.
      exchange.surfaceHeaders = { ...exchange.surfaceHeaders, 'x-should-retry': 'false' };
      break;
    }
    if (!result.retryable || trial.answer.hasContent || trial.isGone) break;
    trial.queue.count(result.failure);
    await trial.limits.giveBack(candidate);
    if (result.status === 401 && candidate.token !== null) await renewRefused(deps, trial, candidate);
  }
  return refuse(trial, told ?? { ...NOTHING_ASKED, error: noCredential() }, trial.queue.soonestReturn());
}

/** The upstream was not reached, or has said that it will not: nothing was made that anybody will be charged for. */
function isCertainRefusal({ failure, status, error }: Failed): boolean {
  if (failure === null) return status === 0 && error.code !== 'upstream_timeout';
  return failure.kind === 'unreachable' || (failure.kind === 'status' && !MAY_STILL_WORK.has(status));
}

/** Told by what stands between us and the upstream, which may be at work all the same; 524 is Cloudflare's. */
const MAY_STILL_WORK = new Set([408, 504, 524]);

/** With another access token the same credential is asked once more, before all others. */
async function renewRefused({ renewal }: AttemptDeps, { renewed, queue }: Trial, candidate: Candidate): Promise<void> {
  if (renewed.has(candidate.credentialId)) return;
  renewed.add(candidate.credentialId);
  const next = await renewal.afterRefusal(candidate);
  if (next !== null) queue.putFirst(next);
}

/** The last failure, unless it only tells that a credential of ours is refused, or that another was not even asked. */
function moreTelling(told: Failed | null, next: Failed): Failed {
  if (told === null) return next;
  const wasNotAsked = next.failure === null && next.status === 0;
  return next.error.code === 'upstream_credential_refused' || (wasNotAsked && told.failure !== null) ? told : next;
}

/** One timer for all limits; what it does depends on how far the trial is. */
function watchOver(
  { scheduler, timers }: AttemptDeps,
  { plan, facts, answer, exchange }: AttemptRequest,
  get: () => Trial,
): Watch {
  const watch = createWatch({
    scheduler,
    table: timersOf(timers, plan.model.class, plan.settings).table,
    onExpired(limit) {
      const { current, rival, watch: own } = get();
      const error = new GatewayError('upstream_timeout', { message: TIMEOUT_MESSAGES[limit], internal: limit });
      for (const call of [current, rival]) call?.abort(error);
      // A client that has stopped reading cannot be told, and must not hold the request for ever.
      if (own.isHeld()) exchange.sink.destroy();
    },
    onSilence() {
      answer.head(200, STREAM_HEADERS);
      get().watch.speakEvery(timers.pingMs);
      void answer.aside(exchange.format.ping);
    },
  });
  if (facts.stream) watch.speakEvery(timers.silentStartMs);
  return watch;
}

const TIMEOUT_MESSAGES = {
  firstByteMs: 'The upstream did not answer in time.',
  firstContentMs: 'The upstream did not begin its answer in time.',
  slowStartMs: 'The upstream did not begin its answer in time.',
  idleMs: 'The upstream fell silent in the middle of its answer.',
  stalledMs: 'The client stopped reading the answer.',
  totalMs: 'The request took longer than it may.',
} as const;

/** One candidate's turn, or that of another one that was quicker. @returns who was asked last, and what came of it */
async function askAndRecord(
  deps: AttemptDeps,
  trial: Trial,
  choice: CandidateUse,
): Promise<{ choice: CandidateUse; result: AttemptResult }> {
  const begun = await begin(deps, trial, choice, trial.queue.others());
  const delayMs =
    wasSent(begun) && trial.facts.stream && !isAskedOnce(trial) ? hedgeDelay(deps, trial.plan, choice.candidate) : null;
  const call = wasSent(begun) && delayMs !== null ? await race(deps, trial, begun, delayMs) : begun;
  const { outcome, report, startedMono, canRetry } = call;
  const onContent = (): void => {
    report.began();
    noteFirstContent(deps, trial, call);
  };
  const { sent } = outcome;
  if (sent !== null) trial.current = sent.upstream;
  const result = sent === null ? outcome.result : await follow(deps, trial, { sent, startedMono, canRetry, onContent });
  conclude(deps, trial, call, result);
  return { choice: call.choice, result };
}

/** Prepares and sends the call; a client that left while the way was prepared causes none. */
async function begin(
  deps: AttemptDeps,
  trial: Trial,
  choice: CandidateUse,
  others: 'well' | 'resting' | 'none' | 'running',
): Promise<Call> {
  const { candidate } = choice;
  const startedMono = deps.scheduler.monotonicMs();
  const report = createReport(deps.pool, trial.writes, choice);
  const outcome = await callUnless(deps, trial, candidate, others);
  return { choice, report, startedMono, canRetry: others !== 'none', outcome };
}

async function callUnless(
  deps: AttemptDeps,
  trial: Trial,
  candidate: Candidate,
  others: Parameters<typeof begin>[3],
): Promise<Call['outcome']> {
  const instead = (result: AttemptResult): Call['outcome'] => ({ sent: null, result });
  const refusal = await trial.limits.take(candidate);
  if (trial.isGone) return instead(leftWhileWaiting(candidate, false));
  if (refusal !== null) return instead({ ...NOTHING_ASKED, error: refusal });
  const renewing = deps.renewal.beforeCall(candidate);
  const renewed = renewing === null ? candidate : await renewing;
  if (renewing !== null && trial.isGone) return instead(leftWhileWaiting(candidate, false));
  if (isGatewayError(renewed)) return instead({ ...NOTHING_ASKED, error: renewed });
  // Of two that run the limits of the first count for both.
  if (others !== 'running') limitFirst(deps, trial, others);
  const sent = await send(deps, trial, renewed);
  if ('kind' in sent) return instead(sent);
  if (others === 'running') {
    trial.rival = sent.upstream;
  } else {
    trial.current = sent.upstream;
    trial.exchange.servedBy = { ...nameOf(renewed), attempt: trial.exchange.attempts.length + 1 };
  }
  return { sent };
}

function limitFirst({ timers }: AttemptDeps, { watch, plan, facts }: Trial, others: 'well' | 'resting' | 'none'): void {
  watch.enter('firstByteMs');
  const { slowStartMs } = timersOf(timers, plan.model.class, plan.settings);
  watch.limitStart(facts.stream && others === 'well' ? slowStartMs : null);
}

function conclude(
  { scheduler }: AttemptDeps,
  trial: Trial,
  call: Call,
  result: AttemptResult,
  error: string | null = result.kind === 'failed' ? result.error.code : result.served.error,
): void {
  const { choice, report, startedMono, outcome } = call;
  report.ended(result);
  trial.exchange.attempts.push({
    upstream: choice.candidate.upstream,
    credential: choice.candidate.credential,
    status: outcome.sent?.upstream.status ?? 0,
    error,
    durationMs: Math.round(scheduler.monotonicMs() - startedMono),
  });
}

/** What is not asked for is not learnt. */
function noteFirstContent(deps: AttemptDeps, { plan, facts }: Trial, { choice, startedMono }: Call): void {
  if (!facts.stream || !plan.settings.hedging.enabled) return;
  deps.firstContentTimes.note(routeOf(choice.candidate), deps.scheduler.monotonicMs() - startedMono);
}

/** Where the first is slow a second is asked; whoever shows content first goes on, and the other one is done with. */
async function race(deps: AttemptDeps, trial: Trial, first: SentCall, delayMs: number): Promise<SentCall> {
  const { exchange, facts, plan, queue, limits } = trial;
  const winner = await raceForContent(
    deps,
    {
      plan,
      inputTokens: estimateTokens(exchange.request.body.length) + facts.mediaTokens,
      isGone: () => trial.isGone,
      hasRival: () => queue.hasRival(first.choice.candidate.format),
      async callRival() {
        const choice = await queue.rival(first.choice.candidate.format);
        if (choice === null) return null;
        const call = await begin(deps, trial, choice, 'running').catch(() => null);
        if (call !== null && wasSent(call)) return call;
        if (call?.outcome.sent === null) conclude(deps, trial, call, call.outcome.result);
        await limits.giveBack(choice.candidate);
        return null;
      },
      inBackground: (work) => void trial.writes.push(work.catch(() => undefined)),
      async callOff(loser) {
        loser.outcome.sent.upstream.abort(new Error('Another one began to answer before it'));
        conclude(deps, trial, loser, GONE, HEDGE_LOST);
        await limits.giveBack(loser.choice.candidate);
      },
      async fail(failed) {
        const result = await failureOf(trial, failed.outcome.sent);
        conclude(deps, trial, failed, result);
        if (result.kind === 'failed') queue.count(result.failure);
        await limits.giveBack(failed.choice.candidate);
      },
    },
    { first, delayMs },
  );
  trial.rival = null;
  return winner;
}

/** Of a call that was called off because another one was quicker. */
const HEDGE_LOST = 'hedge_lost';
const GONE = { kind: 'gone', served: nothingServed(0, null) } as const;

/**
 * Tells the client of a failure: in the upstream's words where they are the client's business. Where everybody rests,
 * it is told when the first of them returns.
 * @param returnMs milliseconds until then; null while somebody is well
 */
function refuse(trial: Trial, failed: Failed, returnMs: number | null): Served {
  const { answer, exchange, facts, plan } = trial;
  if (trial.isGone) return nothingServed(CLIENT_GONE_STATUS, null);
  const result = returnMs === null ? failed : sayWhen(failed, { returnMs, isPool: plan.candidates.length > 1 });
  if (exchange.tellInBand !== null && facts.stream) answer.head(200, STREAM_HEADERS);
  if (result.passOn && !answer.committed) {
    passOn(answer, result.passOn);
    return nothingServed(result.passOn.status, isRetryable(result.status) ? result.error.code : 'bad_request');
  }
  const status = answer.committed ? 200 : result.error.status;
  answer.fail(result.error);
  return nothingServed(status, result.error.code);
}

function passOn(answer: Answer, { status, headers, body }: UpstreamRefusal): void {
  answer.head(status, { ...headers, 'content-length': String(body.length) });
  void answer.aside(body);
}

/** An upstream that marked its end may take a moment to finish the body, so that its connection can be used again. */
function release({ scheduler, timers }: AttemptDeps, upstream: UpstreamExchange | null): void {
  if (upstream === null || upstream.finished || upstream.failure) return;
  upstream.discard();
  scheduler.after(timers.releaseMs, () => upstream.abort(new Error('The upstream did not end')));
}
