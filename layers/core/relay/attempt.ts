import { GatewayError, isGatewayError } from '@sluice/kit/errors/gateway-error';
import type { UpstreamClient } from '@sluice/kit/http/upstream-client';
import type { UpstreamExchange } from '@sluice/kit/http/upstream-exchange';
import type { Clock } from '@sluice/kit/time/clock';
import type { Scheduler } from '@sluice/kit/time/scheduler';
import type { RequestFacts } from '@sluice/llm/formats/wire-format';
import type { Pool } from '../credentials/pool.ts';
import type { CredentialLimits } from './credential-limits.ts';
import { STREAM_HEADERS, type Answer } from './answer.ts';
import { noCredential, type Candidate } from './candidates.ts';
import { countInput, type TokenCount } from './count-tokens.ts';
import type { Exchange } from './exchange.ts';
import { misfitOf } from './misfit.ts';
import { passConverted } from './converted-body.ts';
import type { Interpreter, Passage } from './interpreter.ts';
import { createInterpreter, type InterpreterDeps } from './language.ts';
import { headersForClient, withoutIdentities } from './passed-headers.ts';
import { passBody, passStream } from './passthrough.ts';
import { prepareCall, type PrepareDeps } from './prepare-call.ts';
import { createQueue, type CandidateUse, type Queue } from './queue.ts';
import type { Renewal } from './renewal.ts';
import { createReport } from './report.ts';
import type { Plan } from './route.ts';
import {
  CLIENT_GONE_STATUS,
  nothingServed,
  type AttemptResult,
  type Failed,
  type Served,
  type UpstreamRefusal,
} from './served.ts';
import { timersOf, type RelayTimers } from './timers.ts';
import { blameFor, describeFailure, isRetryable, isTimeUp, judgeRefusal, sayWhen } from './upstream-answers.ts';
import { createWatch, type Watch } from './watch.ts';

export interface AttemptDeps extends PrepareDeps, InterpreterDeps {
  upstreamClient: UpstreamClient;
  scheduler: Scheduler;
  timers: RelayTimers;
  pool: Pool;
  renewal: Renewal;
  clock: Clock;
  /** In [0, 1). */
  random(): number;
}

export interface AttemptRequest {
  exchange: Exchange;
  facts: RequestFacts;
  plan: Plan;
  answer: Answer;
  /** What one answer may have at most, by the hold of a hard limit; null where none binds. */
  outputCap: number | null;
  limits: CredentialLimits;
  /** Speaks to the candidates in place of the one that the client's format has. */
  interpreter?: Interpreter | undefined;
}

/** The state of one request's attempts. */
interface Trial extends AttemptRequest {
  watch: Watch;
  isGone: boolean;
  /** The call that is under way. */
  current: UpstreamExchange | null;
  queue: Queue;
  interpreter: Interpreter;
  /** Of the input, for streams that begin with them; counted once, beside the first call. */
  inputTokens: Promise<TokenCount> | null;
  /** What the pool writes about this request's calls. */
  writes: Promise<void>[];
  /** Credentials whose access token was renewed for this request: no second time. */
  renewed: Set<string>;
}

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
    watch: watchOver(deps, request, () => trial),
    queue: createQueue(deps, request),
    interpreter: request.interpreter ?? createInterpreter(deps, request),
    inputTokens: null,
    writes: [],
    renewed: new Set(),
  };
  const leave = (): void => {
    trial.isGone = true;
    trial.current?.abort(new Error('The client went away'));
  };
  if (exchange.sink.gone.aborted) return nothingServed(CLIENT_GONE_STATUS, null);
  exchange.sink.gone.addEventListener('abort', leave, { once: true });
  try {
    return await askInTurn(deps, trial);
  } finally {
    exchange.sink.gone.removeEventListener('abort', leave);
    trial.watch.stop();
    release(deps, trial.current);
    if (trial.writes.length > 0) await Promise.all(trial.writes);
  }
}

async function askInTurn(deps: AttemptDeps, trial: Trial): Promise<Served> {
  const { exchange } = trial;
  let told: Failed | null = null;
  for (;;) {
    const choice = await trial.queue.next();
    if (choice === null) break;
    const result = await askAndRecord(deps, trial, choice);
    if (result.kind !== 'failed') return result.served;
    told = moreTelling(told, result);
    const isRefused = isCertainRefusal(result);
    if (isRefused) exchange.run?.refused();
    if (!result.retryable || trial.answer.hasContent || trial.isGone) break;
    if (isAskedOnce(trial) && !isRefused) break;
    trial.queue.count(result.failure);
    await trial.limits.giveBack(choice.candidate);
    if (result.status === 401 && choice.candidate.token !== null) await renewRefused(deps, trial, choice.candidate);
  }
  return refuse(trial, told ?? { ...NOTHING_ASKED, error: noCredential() }, trial.queue.soonestReturn());
}

/** A second generation of what may have been generated already would be paid twice; jobs promise one call. */
function isAskedOnce({ exchange, plan }: AttemptRequest): boolean {
  return exchange.run !== null || plan.model.class === 'image' || plan.model.class === 'video';
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

const NOTHING_ASKED = { kind: 'failed', retryable: true, status: 0, passOn: null, failure: null } as const;

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
      const { current, watch: own } = get();
      const error = new GatewayError('upstream_timeout', { message: TIMEOUT_MESSAGES[limit], internal: limit });
      current?.abort(error);
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

async function askAndRecord(deps: AttemptDeps, trial: Trial, use: CandidateUse): Promise<AttemptResult> {
  const { candidate } = use;
  const startedMono = deps.scheduler.monotonicMs();
  const report = createReport(deps.pool, trial.writes, use);
  const before = trial.current;
  const refusal = await trial.limits.take(candidate);
  const result = await askUnless(refusal, deps, trial, { candidate, onContent: report.began });
  report.ended(result);
  const failed = result.kind === 'failed';
  trial.exchange.attempts.push({
    upstream: candidate.upstream,
    credential: candidate.credential,
    status: trial.current === before ? 0 : (trial.current?.status ?? 0),
    error: failed ? result.error.code : result.served.error,
    durationMs: Math.round(deps.scheduler.monotonicMs() - startedMono),
  });
  return result;
}

/** A client that left while the way was prepared causes no call. */
async function askUnless(
  refusal: GatewayError | null,
  ...[deps, trial, call]: Parameters<typeof ask>
): Promise<AttemptResult> {
  if (trial.isGone) return leftWhileWaiting(call.candidate, false);
  if (refusal !== null) return { ...NOTHING_ASKED, error: refusal };
  const renewing = deps.renewal.beforeCall(call.candidate);
  if (renewing === null) return ask(deps, trial, call);
  const candidate = await renewing;
  if (trial.isGone) return leftWhileWaiting(call.candidate, false);
  return isGatewayError(candidate) ? { ...NOTHING_ASKED, error: candidate } : ask(deps, trial, { ...call, candidate });
}

async function ask(
  deps: AttemptDeps,
  trial: Trial,
  { candidate, onContent }: { candidate: Candidate; onContent(): void },
): Promise<AttemptResult> {
  const { exchange, facts, plan, answer, watch } = trial;
  const startedMono = deps.scheduler.monotonicMs();
  const others = trial.queue.others();
  watch.enter('firstByteMs');
  const { slowStartMs } = timersOf(deps.timers, plan.model.class, plan.settings);
  watch.limitStart(facts.stream && others === 'well' ? slowStartMs : null);
  const prepared = await prepareCall(deps, trial, {
    candidate,
    outputCap: leastOf(trial.outputCap, trial.limits.outputCap),
  });
  if (isGatewayError(prepared)) return { ...NOTHING_ASKED, error: prepared };
  const { language, call } = prepared;
  const isStopped = exchange.run && (await exchange.run.sending());
  if (isStopped !== null) return { ...NOTHING_ASKED, retryable: false, error: isStopped };
  const upstream = deps.upstreamClient.open(isAskedOnce(trial) ? { ...call, once: true } : call);
  if (exchange.tellsInputFirst && facts.stream && !language.isSame) trial.inputTokens ??= countInput(deps, trial);
  trial.current = upstream;
  exchange.servedBy = { ...nameOf(candidate), attempt: exchange.attempts.length + 1 };
  while (upstream.status === 0 && upstream.failure === null) await upstream.changed();
  if (trial.isGone) return leftWhileWaiting(candidate, upstream.started);
  if (upstream.status === 0) return failedBeforeAnswer(upstream);
  exchange.timings.push({ name: 'upstream', durationMs: deps.scheduler.monotonicMs() - startedMono });
  watch.enter('firstContentMs');

  if (upstream.status < 200 || upstream.status > 299) {
    const body = withoutIdentities(await readSmallBody(upstream));
    if (trial.isGone) return leftWhileWaiting(candidate, true);
    const refusal = { status: upstream.status, headers: headersForClient(upstream.headers), body };
    const from = { upstream: candidate.upstream, rawHeaders: upstream.headers, answer: refusal };
    return judgeRefusal(exchange.format, from, language.isSame);
  }
  const misfit = misfitOf(upstream);
  if (misfit !== null) return unfit(upstream, misfit);
  const encoding = upstream.headers['content-encoding'] ?? 'identity';
  if (encoding !== 'identity') return unfit(upstream, `content encoding ${encoding}, which was not asked for`);
  const passage: Passage = {
    format: exchange.format,
    language,
    facts,
    candidate,
    upstream,
    answer,
    watch,
    pingMs: deps.timers.pingMs,
    isGone: () => trial.isGone,
    canRetry: others !== 'none',
    onContent() {
      watch.limitStart(null);
      onContent();
    },
  };
  if (trial.inputTokens) await tellInput(trial, trial.inputTokens);
  if (language.pass) return language.pass(passage);
  const isEvents = isEventStream(upstream, facts.stream);
  if (isEvents && facts.stream) return passStream(passage);
  // An upstream that streams what was asked for whole, or the reverse, is understood all the same.
  return language.isSame && !isEvents && !facts.stream ? passBody(passage) : passConverted(passage, isEvents);
}

/** A client that leaves waits for no count. */
async function tellInput({ exchange, interpreter }: Trial, counting: Promise<TokenCount>): Promise<void> {
  const { gone } = exchange.sink;
  if (gone.aborted) return;
  const { promise: left, resolve } = Promise.withResolvers<null>();
  const leave = (): void => resolve(null);
  gone.addEventListener('abort', leave, { once: true });
  const count = await Promise.race([counting, left]);
  gone.removeEventListener('abort', leave);
  if (count !== null) interpreter.tellInputTokens(count.tokens);
}

function leastOf(one: number | null, other: number | null): number | null {
  return one === null || other === null ? (one ?? other) : Math.min(one, other);
}

function nameOf({ upstream, credential }: Candidate): { upstream: string; credential: string } {
  return { upstream, credential };
}

/** An answer that cannot be passed on. */
function unfit(upstream: UpstreamExchange, what: string): AttemptResult {
  const error = new GatewayError('upstream_error', { message: `The upstream answered with ${what}.` });
  upstream.abort(error);
  return { kind: 'failed', error, retryable: false, status: upstream.status, passOn: null, failure: null };
}

/** What the upstream says it sends counts; what the client asked for, where it says nothing. */
function isEventStream({ headers }: UpstreamExchange, asked: boolean): boolean {
  const type = headers['content-type'] ?? '';
  return EVENT_STREAMS.test(type) || (asked && !type.startsWith('application/json'));
}

const EVENT_STREAMS = /^(?:text\/event-stream|application\/vnd\.amazon\.eventstream)/;

function failedBeforeAnswer({ failure, started }: UpstreamExchange): AttemptResult {
  const known = failure ?? new Error('The upstream ended without an answer');
  const error = known instanceof GatewayError ? known : describeFailure(known, started);
  return {
    kind: 'failed',
    error,
    retryable: !isTimeUp(failure),
    status: 0,
    passOn: null,
    failure: blameFor(failure, started),
  };
}

/** An upstream that has read the request will charge for its input; one that was never reached will not. */
function leftWhileWaiting(candidate: Candidate, started: boolean): AttemptResult {
  const served = nothingServed(CLIENT_GONE_STATUS, null);
  if (!started) return { kind: 'gone', served };
  return { kind: 'gone', served: { ...served, extent: 'partial', candidate } };
}

const MOST_ERROR_BYTES = 1024 * 1024;

/** An error's body; what comes after the limit, or after a cut, is left away. */
async function readSmallBody(upstream: UpstreamExchange): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for (;;) {
    const chunk = upstream.take();
    if (chunk !== null) {
      bytes += chunk.length;
      chunks.push(chunk);
      if (bytes > MOST_ERROR_BYTES) break;
    } else if (upstream.failure || upstream.finished) {
      break;
    } else {
      await upstream.changed();
    }
  }
  return Buffer.concat(chunks);
}

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
