import { GatewayError } from '@sluice/kit/errors/gateway-error';
import type { UpstreamClient } from '@sluice/kit/http/upstream-client';
import type { UpstreamExchange } from '@sluice/kit/http/upstream-exchange';
import type { Scheduler } from '@sluice/kit/time/scheduler';
import type { RequestFacts } from '@sluice/llm/formats/wire-format';
import { STREAM_HEADERS, type Answer } from './answer.ts';
import type { Candidate } from './candidates.ts';
import type { Exchange } from './exchange.ts';
import { misfitOf } from './misfit.ts';
import { passBody, passStream, type Passage } from './passthrough.ts';
import type { Plan } from './route.ts';
import { CLIENT_GONE_STATUS, nothingServed, type AttemptResult, type Served, type UpstreamRefusal } from './served.ts';
import type { RelayTimers } from './timers.ts';
import { describeFailure, isRetryable, judgeRefusal, passedHeaders } from './upstream-answers.ts';
import { createWatch, type Watch } from './watch.ts';

export interface AttemptDeps {
  upstreamClient: UpstreamClient;
  scheduler: Scheduler;
  timers: RelayTimers;
}

interface Request {
  exchange: Exchange;
  facts: RequestFacts;
  plan: Plan;
  answer: Answer;
}

/** The state of one request's attempts. */
interface Trial extends Request {
  watch: Watch;
  isGone: boolean;
  /** The call that is under way. */
  current: UpstreamExchange | null;
}

const MOST_ATTEMPTS = 3;

/** Asks one candidate after the other until one answers; no other is asked once content went out. Never throws. */
export async function attempt(deps: AttemptDeps, request: Request): Promise<Served> {
  const { exchange, plan, answer } = request;
  const trial: Trial = { ...request, isGone: false, current: null, watch: watchOver(deps, request, () => trial) };
  const leave = (): void => {
    trial.isGone = true;
    trial.current?.abort(new Error('The client went away'));
  };
  if (exchange.sink.gone.aborted) return nothingServed(CLIENT_GONE_STATUS, null);
  exchange.sink.gone.addEventListener('abort', leave, { once: true });
  try {
    const candidates = plan.candidates.slice(0, MOST_ATTEMPTS);
    for (const [index, candidate] of candidates.entries()) {
      const canRetry = index + 1 < candidates.length;
      const result = await askAndRecord(deps, trial, candidate, canRetry);
      if (result.kind !== 'failed') return result.served;
      if (!canRetry || !result.retryable || answer.hasContent || trial.isGone) return refuse(trial, result);
    }
    return refuse(trial, { kind: 'failed', error: noCandidate(), retryable: false, status: 0, passOn: null });
  } finally {
    exchange.sink.gone.removeEventListener('abort', leave);
    trial.watch.stop();
    release(deps, trial.current);
  }
}

function noCandidate(): GatewayError {
  return new GatewayError('no_credential', { message: 'No credential is available for this model at the moment.' });
}

/** One timer for all limits; what it does depends on how far the trial is. */
function watchOver(
  { scheduler, timers }: AttemptDeps,
  { plan, facts, answer, exchange }: Request,
  get: () => Trial,
): Watch {
  const watch = createWatch({
    scheduler,
    table: timers.byClass[plan.model.class],
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
  idleMs: 'The upstream fell silent in the middle of its answer.',
  totalMs: 'The request took longer than it may.',
} as const;

async function askAndRecord(
  deps: AttemptDeps,
  trial: Trial,
  candidate: Candidate,
  canRetry: boolean,
): Promise<AttemptResult> {
  const startedMono = deps.scheduler.monotonicMs();
  const result = await ask(deps, trial, candidate, canRetry);
  const failed = result.kind === 'failed';
  trial.exchange.attempts.push({
    upstream: candidate.upstream,
    credential: candidate.credential,
    status: trial.current?.status ?? 0,
    error: failed ? result.error.code : result.served.error,
    durationMs: Math.round(deps.scheduler.monotonicMs() - startedMono),
  });
  return result;
}

async function ask(deps: AttemptDeps, trial: Trial, candidate: Candidate, canRetry: boolean): Promise<AttemptResult> {
  const { exchange, facts, plan, answer, watch } = trial;
  const startedMono = deps.scheduler.monotonicMs();
  watch.enter('firstByteMs');
  const upstream = deps.upstreamClient.open({
    origin: candidate.address.url.origin,
    path: candidate.address.url.pathname + candidate.address.url.search,
    method: 'POST',
    headers: { ...clientHeaders(exchange), ...candidate.address.headers },
    body: exchange.format.prepareBody(exchange.request.body, facts, candidate.model),
    proxyUrl: candidate.proxyUrl,
    allowedNetworks: plan.settings.allowedUpstreamNetworks,
  });
  trial.current = upstream;
  exchange.servedBy = { ...nameOf(candidate), attempt: exchange.attempts.length + 1 };
  while (upstream.status === 0 && upstream.failure === null) await upstream.changed();
  if (trial.isGone) return leftWhileWaiting(candidate, upstream.started);
  if (upstream.status === 0) return failedBeforeAnswer(upstream);
  exchange.timings.push({ name: 'upstream', durationMs: deps.scheduler.monotonicMs() - startedMono });
  watch.enter('firstContentMs');

  if (upstream.status < 200 || upstream.status > 299) {
    const body = await readSmallBody(upstream);
    if (trial.isGone) return leftWhileWaiting(candidate, true);
    const refusal = { status: upstream.status, headers: passedHeaders(upstream.headers), body };
    return judgeRefusal(exchange.format, candidate.upstream, refusal);
  }
  const misfit = misfitOf(upstream);
  if (misfit !== null) return unfit(upstream, misfit);
  const encoding = upstream.headers['content-encoding'] ?? 'identity';
  if (encoding !== 'identity') return unfit(upstream, `content encoding ${encoding}, which was not asked for`);
  const passage: Passage = {
    format: exchange.format,
    facts,
    candidate,
    upstream,
    answer,
    watch,
    pingMs: deps.timers.pingMs,
    isGone: () => trial.isGone,
    canRetry,
  };
  if (isEventStream(upstream, facts.stream)) return passStream(passage);
  return answer.committed ? unfit(upstream, 'a body where a stream has begun') : passBody(passage);
}

function nameOf({ upstream, credential }: Candidate): { upstream: string; credential: string } {
  return { upstream, credential };
}

/** An answer that cannot be passed on. */
function unfit(upstream: UpstreamExchange, what: string): AttemptResult {
  const error = new GatewayError('upstream_error', { message: `The upstream answered with ${what}.` });
  upstream.abort(error);
  return { kind: 'failed', error, retryable: false, status: upstream.status, passOn: null };
}

/** What the upstream says it sends counts; what the client asked for, where it says nothing. */
function isEventStream({ headers }: UpstreamExchange, asked: boolean): boolean {
  const type = headers['content-type'] ?? '';
  return type.startsWith('text/event-stream') || (asked && !type.startsWith('application/json'));
}

const PASSED_REQUEST_HEADERS = ['accept', 'user-agent', 'openai-beta'];

/** Of the client's headers only what describes the call; the rest is about the client's way to us. */
function clientHeaders({ request }: Exchange): Record<string, string> {
  const headers: Record<string, string> = { 'content-type': 'application/json' };
  for (const name of PASSED_REQUEST_HEADERS) {
    const value = request.headers[name];
    if (value !== undefined) headers[name] = value;
  }
  return headers;
}

function failedBeforeAnswer({ failure, started }: UpstreamExchange): AttemptResult {
  const known = failure ?? new Error('The upstream ended without an answer');
  const error = known instanceof GatewayError ? known : describeFailure(known, started);
  return { kind: 'failed', error, retryable: true, status: 0, passOn: null };
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

/** Tells the client of the last failure: in the upstream's words where they are the client's business. */
function refuse(trial: Trial, result: Extract<AttemptResult, { kind: 'failed' }>): Served {
  const { answer } = trial;
  if (trial.isGone) return nothingServed(CLIENT_GONE_STATUS, null);
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
